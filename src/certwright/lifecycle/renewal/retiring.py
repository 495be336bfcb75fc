"""The end of a certificate's service: hidden where nothing uses it any more, and never deleted.

Deleting at the moment of the switch took certificates away from services that still used them
(win-acme issue 1236): what serves as the way back stays until somebody deletes it.
"""

from sqlalchemy import Connection

from certwright.lifecycle.renewal.record import Renewal, with_step
from certwright.lifecycle.server import Server
from certwright.services.endpoints import endpoints_using
from certwright.stores.database import get_certificate, places_of, set_entry_archived
from certwright.stores.place import PERSONAL


def retire(server: Server, connection: Connection, renewal: Renewal) -> Renewal:
    """Archive the certificate that `renewal` replaced, unless an endpoint still uses it."""
    former = renewal.wanted.certificate
    if former is None or former == renewal.issued:
        return renewal
    title = get_certificate(connection, former).name_on_record
    using = endpoints_using(connection, former)
    if using:
        where = " and ".join(endpoint.in_words for endpoint in using)
        sentence = f"{title} stays: {where} still uses it."
    else:
        if PERSONAL in places_of(connection, former):
            set_entry_archived(connection, former, PERSONAL, archived=True)
        sentence = f"{title} is kept as the way back, and archived."
    return with_step(renewal, "retire", sentence, server.now(), ok=True)
