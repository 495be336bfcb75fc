"""What people say about a certificate: a name of their own, and that it has had its day."""

from certwright.access.rights import Caller, Right, require
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.import_plan import LONGEST_FRIENDLY_NAME
from certwright.lifecycle.server import Server
from certwright.stores.database import (
    find_certificate,
    get_entry,
    set_entry_archived,
    set_entry_friendly_name,
)
from certwright.stores.place import Place
from certwright.stores.store import StoredCertificate
from certwright.x509.text import printable


def set_friendly_name(
    server: Server, identifier: str, text: str, *, place: Place | None = None, caller: Caller
) -> StoredCertificate:
    """Call a certificate in one store `text`, made printable; "" takes the name away.

    Raises NOT_PERMITTED, NOT_FOUND or AMBIGUOUS.
    """
    require(caller, Right.MODIFY, "name a certificate")
    wanted = printable(text.strip(), LONGEST_FRIENDLY_NAME)
    with server.database.begin() as connection:
        entry = find_certificate(connection, identifier, place)
        fingerprint = entry.certificate.fingerprint
        if entry.friendly_name == wanted:
            return entry
        set_entry_friendly_name(connection, fingerprint, entry.place, wanted)
        message = (
            f"{entry.certificate.name_on_record} is called {printable(wanted, 64)} now"
            if wanted
            else f"{entry.certificate.name_on_record} has no friendly name any longer"
        )
        kind = "certificate-renamed"
        record_event(
            connection, Event(server.now(), caller.name, kind, fingerprint, message, good=True)
        )
        return get_entry(connection, fingerprint, entry.place)


def set_archived(
    server: Server, identifier: str, archived: bool, *, place: Place | None = None, caller: Caller
) -> StoredCertificate:
    """Keep a certificate in its store without offering it, or offer it again.

    What uses it uses it on. Raises NOT_PERMITTED, NOT_FOUND or AMBIGUOUS.
    """
    require(caller, Right.MODIFY, "archive a certificate")
    with server.database.begin() as connection:
        entry = find_certificate(connection, identifier, place)
        fingerprint = entry.certificate.fingerprint
        if entry.archived == archived:
            return entry
        set_entry_archived(connection, fingerprint, entry.place, archived)
        name = entry.certificate.name_on_record
        message = f"{name} archived" if archived else f"{name} is offered again"
        kind = "certificate-archived" if archived else "certificate-unarchived"
        record_event(
            connection, Event(server.now(), caller.name, kind, fingerprint, message, good=True)
        )
        return get_entry(connection, fingerprint, entry.place)
