"""Taking in a certificate that somebody brings, all of it or nothing."""

from dataclasses import dataclass

from sqlalchemy import Connection

from certwright.access.rights import Caller, Right, require
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.judging import judge
from certwright.lifecycle.server import Server
from certwright.rules.finding import Finding
from certwright.stores.database import add_certificate, find_certificate
from certwright.stores.place import INTERMEDIATE, PERSONAL, Place
from certwright.stores.store import StoredCertificate
from certwright.x509.reading import Bundle, read_bundle
from certwright.x509.text import printable


@dataclass(frozen=True)
class Imported:
    """The certificate as it lies in the store now, and what the rules say of it."""

    leaf: StoredCertificate
    added: bool
    findings: tuple[Finding, ...]


def import_certificate(
    server: Server,
    data: bytes,
    password: str | None,
    *,
    friendly_name: str,
    caller: Caller,
    place: Place | None = None,
) -> Imported:
    """Store the certificate in `data` (PFX, PEM or DER), its key and its chain.

    Where no `place` is named, what has its private key goes to Personal, as under Windows, and
    authorities without theirs to Intermediate: a root that came in a file is at hand for its
    chain, not among the trusted roots.
    Raises what `read_bundle` raises, and NOT_PERMITTED.
    """
    require(caller, Right.CREATE, "import a certificate")
    bundle = read_bundle(data, password)
    with server.database.begin() as connection:
        return store_bundle(server, connection, bundle, friendly_name, caller.name, place)


def store_bundle(
    server: Server,
    connection: Connection,
    bundle: Bundle,
    friendly_name: str,
    actor: str,
    place: Place | None = None,
) -> Imported:
    """Put what a file held into the stores, within the caller's transaction."""
    now = server.now()
    if bundle.private_key is not None:
        server.vault.add(connection, bundle.private_key, now)
    is_own = bundle.private_key is not None or not bundle.leaf.is_authority
    home = place or (PERSONAL if is_own else INTERMEDIATE)
    added = add_certificate(connection, bundle.leaf, home, now, printable(friendly_name))
    for other in bundle.others:
        add_certificate(connection, other, INTERMEDIATE, now)
    stored = find_certificate(connection, bundle.leaf.fingerprint, home)
    name = bundle.leaf.short_name
    if added:
        record_event(
            connection,
            Event(
                at=now,
                actor=actor,
                kind="certificate-imported",
                subject=bundle.leaf.fingerprint,
                message=f"{name} imported into {home.title}",
                good=True,
            ),
        )
    # An authority's certificate is no server's: what the rules ask of one does not concern it.
    findings = judge(server, connection, stored) if is_own else ()
    return Imported(stored, added, findings)


def require_private_key(bundle: Bundle) -> None:
    """Raise NO_PRIVATE_KEY for a file without the leaf's private key: nothing can serve it."""
    if bundle.private_key is None:
        raise CertwrightError(
            ErrorCode.NO_PRIVATE_KEY,
            "The file holds no private key for its certificate, so no server can use it.",
            "Export it again with its private key (PFX), or put the key into the PEM file.",
        )
