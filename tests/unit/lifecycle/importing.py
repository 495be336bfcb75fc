"""Bringing files into the store in tests, and what it holds then."""

from sqlalchemy import func, select

from certwright.access.rights import Caller
from certwright.database.tables import certificates, events, private_keys, store_entries
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.importing import (
    Imported,
    ImportFile,
    ImportPlan,
    import_certificate,
    import_files,
    plan_import,
)
from certwright.lifecycle.server import Server
from certwright.stores.database import list_certificates, places_of
from certwright.stores.place import Place
from certwright.x509.certificate import Certificate
from certwright.x509.keys import private_key_to_pem

from ..foreign_authority import Issued

NAMES = ["todd.corp.example"]


CURRENT_USER = Place("local", "CurrentUser", "My")


def bring(
    server: Server,
    data: bytes,
    caller: Caller,
    password: str | None = None,
    place: Place | None = None,
) -> Imported:
    """Import one file as the friendly name "Web"."""
    return import_certificate(
        server, data, password, friendly_name="Web", caller=caller, place=place
    )


def bring_all(
    server: Server,
    *contents: bytes,
    caller: Caller,
    trust_root: bool = False,
    exportable: bool = True,
    fetch_issuers: bool = False,
) -> Imported:
    """Import several files at once."""
    return import_files(
        server,
        files(*contents),
        None,
        friendly_name="",
        caller=caller,
        trust_root=trust_root,
        exportable=exportable,
        fetch_issuers=fetch_issuers,
    )


def plan(
    server: Server, *contents: bytes, caller: Caller, fetch_issuers: bool = False
) -> ImportPlan:
    """What an import of several files would do."""
    return plan_import(server, files(*contents), None, caller=caller, fetch_issuers=fetch_issuers)


def files(*contents: bytes) -> list[ImportFile]:
    """The contents as files with a number for a name."""
    return [ImportFile(f"file {number}", one) for number, one in enumerate(contents, start=1)]


def key_pem(issued: Issued) -> bytes:
    """The private key alone."""
    return private_key_to_pem(issued.key).encode()


def counted(server: Server) -> tuple[int, ...]:
    """How many certificates, entries, keys and events there are."""
    with server.database.connect() as connection:
        return tuple(
            connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (certificates, store_entries, private_keys, events)
        )


def places_with(server: Server, fingerprint: str) -> set[Place]:
    """The stores that a certificate lies in."""
    with server.database.connect() as connection:
        return set(places_of(connection, fingerprint))


def contents_of(server: Server, place: Place) -> set[Certificate]:
    """What lies in a store."""
    with server.database.connect() as connection:
        return {entry.certificate for entry in list_certificates(connection, [place])}


def told(server: Server, number: int) -> list[tuple[str, str]]:
    """The latest events, by kind and message."""
    return [(event.kind, event.message) for event in latest_events(server, number)]
