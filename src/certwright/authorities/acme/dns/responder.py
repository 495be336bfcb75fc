"""dns-01 by TXT records, whoever keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from certwright.authorities.acme.challenges import Challenge
from certwright.authorities.acme.dns.acme_dns import AcmeDnsRecords
from certwright.authorities.acme.dns.hook import HookRecords
from certwright.authorities.acme.dns.rfc2136 import Rfc2136Records
from certwright.authorities.acme.dns.settings import (
    AcmeDnsSettings,
    DnsSettings,
    HookSettings,
    Rfc2136Settings,
    read_server,
)
from certwright.authorities.acme.dns.visibility import Visibility
from certwright.authorities.acme.settings import AcmeSecrets


class Records(Protocol):
    """Who keeps TXT records. Several with one name stand side by side.

    Adding one that is there, and removing one that is not, changes nothing.
    """

    def add(self, name: str, value: str) -> None:
        """Add one; raises IssuanceFailed."""
        ...

    def remove(self, name: str, value: str) -> None:
        """Remove exactly that one; raises IssuanceFailed."""
        ...


@dataclass(frozen=True)
class DnsResponder:
    """Answers dns-01."""

    records: Records
    visibility: Visibility

    def prepare(self) -> None:
        """Nothing is known before it is tried."""

    def respond(self, challenge: Challenge) -> None:
        """Add the record."""
        self.records.add(challenge.record_name, challenge.record_value)

    def withdraw(self, challenge: Challenge) -> None:
        """Remove the record."""
        self.records.remove(challenge.record_name, challenge.record_value)

    def settle(self, challenges: Sequence[Challenge]) -> None:
        """Wait until all the records are visible; raises IssuanceFailed."""
        self.visibility.wait([(one.record_name, one.record_value) for one in challenges])


def dns_responder(settings: DnsSettings, secrets: AcmeSecrets, ca_pem: str = "") -> DnsResponder:
    """The responder that the settings name; `ca_pem` are roots to trust for acme-dns."""
    servers = tuple(map(read_server, settings.servers))
    visibility = Visibility(servers, settings.wait_seconds)
    match settings.records:
        case Rfc2136Settings():
            return DnsResponder(Rfc2136Records(settings.records, secrets.tsig_secret), visibility)
        case AcmeDnsSettings():
            records = AcmeDnsRecords(settings.records, secrets.acme_dns_password, ca_pem)
            return DnsResponder(records, visibility)
        case HookSettings():
            return DnsResponder(HookRecords(settings.records.program), visibility)
