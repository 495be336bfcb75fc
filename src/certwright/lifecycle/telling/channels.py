"""The channels that are set up, each built from its settings."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import certifi
from sqlalchemy import Connection

from certwright.lifecycle.server import Server
from certwright.lifecycle.telling.channel import Channel, TlsContext
from certwright.lifecycle.telling.mail import Encryption, Mail
from certwright.lifecycle.telling.settings import GATHER, GATHER_SECONDS, telling_values
from certwright.lifecycle.telling.syslog import Syslog, read_address
from certwright.lifecycle.telling.webhook import Webhook
from certwright.stores.database import list_self_issued
from certwright.stores.place import TRUSTED_ROOT

CHANNELS = ("mail", "webhook", "syslog")


@dataclass(frozen=True)
class Channels:
    """The channels by name, and how long troubles are gathered for them."""

    by_name: Mapping[str, Channel]
    gather: timedelta


def build_channels(server: Server, connection: Connection) -> Channels:
    """Those that are set up, if only by halves: what is missing is said when they send."""
    values = telling_values(server, connection)
    built: dict[str, Channel] = {}
    gather = timedelta(seconds=int(values.get(GATHER, GATHER_SECONDS)))
    if not values.keys() & {"mail.server", "webhook.url", "syslog.address"}:
        return Channels(built, gather)
    context = partial(_context, server)
    if "mail.server" in values:
        built["mail"] = _mail(values, context)
    if "webhook.url" in values:
        secret = values.get("webhook.secret", "")
        built["webhook"] = Webhook(values["webhook.url"], secret, server.fetches_inside, context)
    if "syslog.address" in values:
        built["syslog"] = Syslog(read_address(values["syslog.address"]), context)
    return Channels(built, gather)


def _mail(values: Mapping[str, str], context: TlsContext) -> Mail:
    encryption = Encryption(values.get("mail.encryption", Encryption.STARTTLS))
    recipients = values.get("mail.to", "")
    return Mail(
        host=values["mail.server"],
        port=int(values.get("mail.port", encryption.port)),
        encryption=encryption,
        sender=values.get("mail.from", ""),
        recipients=tuple(recipients.split(", ")) if recipients else (),
        context=context,
        user=values.get("mail.user", ""),
        password=values.get("mail.password", ""),
    )


def _context(server: Server) -> ssl.SSLContext:
    """Trusts what this machine trusts, the public roots, and the company's own in our store."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    with server.database.connect() as connection:
        stored = list_self_issued(connection, [TRUSTED_ROOT])
    own = [one.pem for one in stored if one.is_self_signed]
    if own:
        context.load_verify_locations(cadata="".join(own))
    return context
