"""A zone whose owner names servers without end: so many are looked at, and no more."""

from dataclasses import dataclass, field
from typing import Any, cast

import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from certwright.authorities.acme.dns.visibility import Visibility
from certwright.authorities.authority import IssuanceFailed

ZONE = dns.name.from_text("corp.example")


@dataclass
class Answer:
    rrset: Any


@dataclass
class Named:
    target: str


@dataclass
class Addresses:
    """None that can be asked, so that a test need not wait for silence."""

    number: int

    def addresses(self) -> list[str]:
        return [f"\u00e4{number}" for number in range(self.number)]


@dataclass
class Zone:
    """A resolver that knows one zone of very many servers, each with `addresses`."""

    addresses: int
    asked: list[str] = field(default_factory=list)

    def resolve(self, name: dns.name.Name, kind: Any, *_: Any, **__: Any) -> Any:
        if kind == dns.rdatatype.NS:
            return [Named(f"ns{number}.corp.example") for number in range(3000)]
        if kind == dns.rdatatype.SOA and name == ZONE:
            return Answer(dns.rrset.RRset(name, dns.rdataclass.IN, kind))
        raise dns.resolver.NoAnswer(response=dns.message.Message())  # type: ignore[no-untyped-call]

    def resolve_name(self, host: str, **_: Any) -> Addresses:
        self.asked.append(host)
        return Addresses(self.addresses)


@pytest.mark.parametrize(("addresses", "asked"), [(0, 20), (1, 20), (7, 3), (250, 1)])
def test_of_very_many_servers_of_a_zone_twenty_are_looked_at(addresses: int, asked: int) -> None:
    zone, times = Zone(addresses), iter((0.0, 1.0))
    visibility = Visibility(
        (), 0.5, cast("dns.resolver.Resolver", zone), monotonic=lambda: next(times)
    )
    with pytest.raises(IssuanceFailed, match="none of the servers of its zone answered"):
        visibility.wait([("_acme-challenge.todd.corp.example", "value")])
    assert len(zone.asked) == asked
