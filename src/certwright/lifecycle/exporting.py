"""Certificates as files for other programs, a private key only to an Admin and on record."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from certwright.access.rights import Caller, Right, require
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import issuers_at_hand
from certwright.stores.database import find_certificate
from certwright.stores.place import Place
from certwright.stores.store import StoredCertificate
from certwright.x509.writing.file_names import file_stem
from certwright.x509.writing.formats import ExportFormat, write_certificate
from certwright.x509.writing.sets.archive import write_set
from certwright.x509.writing.sets.ready_set import Material, ReadySet

EXPORT_KEY = "export a private key"
_ZIP = "application/zip"


@dataclass(frozen=True)
class ExportedFile:
    """What is handed out, and what it is to be called."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def export_certificate(
    server: Server,
    identifier: str,
    file_format: ExportFormat,
    *,
    with_key: bool,
    password: str | None,
    older_encryption: bool = False,
    place: Place | None = None,
    caller: Caller,
) -> ExportedFile:
    """A certificate in one file, its chain completed from the stores; see `write_certificate`.

    Raises NOT_PERMITTED (a private key needs Admin, everything else Read), NOT_FOUND, AMBIGUOUS,
    NO_PRIVATE_KEY, KEY_NOT_EXPORTABLE or INVALID_INPUT.
    """
    _require(caller, with_key=with_key)

    def write(connection: Connection, entry: StoredCertificate) -> bytes:
        leaf = entry.certificate
        key = server.vault.export(connection, leaf.key_fingerprint) if with_key else None
        return write_certificate(
            file_format,
            leaf,
            issuers_at_hand(connection, leaf),
            key,
            password,
            entry.friendly_name or file_stem(leaf),
            older_encryption=older_encryption,
        )

    kind = file_format.value.upper()
    entry, content = _export(server, identifier, place, write, caller, kind if with_key else "")
    name = file_stem(entry.certificate) + file_format.suffix
    return ExportedFile(name, file_format.media_type, content)


def export_set(
    server: Server,
    identifier: str,
    ready_set: ReadySet,
    *,
    password: str | None,
    place: Place | None = None,
    caller: Caller,
) -> ExportedFile:
    """A ZIP of the files that one program wants, the private key among them.

    Raises what `export_certificate` raises.
    """
    _require(caller, with_key=True)

    def write(connection: Connection, entry: StoredCertificate) -> bytes:
        leaf = entry.certificate
        key = server.vault.export(connection, leaf.key_fingerprint)
        chain = issuers_at_hand(connection, leaf)
        return write_set(ready_set, Material(leaf, chain, key, password or ""), server.now())

    what = f"the set for {ready_set.label}"
    entry, content = _export(server, identifier, place, write, caller, what)
    return ExportedFile(f"{file_stem(entry.certificate)}-{ready_set}.zip", _ZIP, content)


def _require(caller: Caller, *, with_key: bool) -> None:
    require(caller, Right.READ, "export a certificate")
    if with_key:
        require(caller, Right.ADMIN, EXPORT_KEY)


def _export(
    server: Server,
    identifier: str,
    place: Place | None,
    write: Callable[[Connection, StoredCertificate], bytes],
    caller: Caller,
    with_key_as: str,
) -> tuple[StoredCertificate, bytes]:
    """What `write` makes of the certificate, an event beside it if its private key is in it."""
    with server.database.begin() as connection:
        entry = find_certificate(connection, identifier, place)
        content = write(connection, entry)
        if with_key_as:
            record_event(
                connection,
                Event(
                    at=server.now(),
                    actor=caller.name,
                    kind="private-key-exported",
                    subject=entry.certificate.fingerprint,
                    message=f"{entry.certificate.name_on_record} exported with its private key, "
                    f"as {with_key_as}",
                    good=True,
                ),
            )
    return entry, content
