"""Waiting until the servers of a zone show a record: an authority asks them once, and soon."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import islice

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rdatatype
import dns.resolver
from dns.rdtypes.txtbase import TXTBase

from certwright.authorities.acme.dns.asking import ask_each
from certwright.authorities.acme.dns.settings import DnsServer
from certwright.authorities.authority import IssuanceFailed
from certwright.machine.addresses import UnknownName, resolve
from certwright.x509.text import listed

_ASK_SECONDS = 3.0
_BETWEEN = 1.0
_MOST_ALIASES = 8
_MOST_SERVERS = 20
"""Whoever has the zone says how many there are, and each may be slow to answer."""
_DNS_ERRORS = (dns.exception.DNSException, OSError, UnknownName, ValueError)


class _Sight(Enum):
    SHOWS = auto()
    LACKS = auto()
    SILENT = auto()


@dataclass(frozen=True)
class Visibility:
    """Looks at `servers`, or else at those that the DNS names for the record's zone.

    `resolver` finds them (the system's where it is None), and waits `seconds` at most.
    """

    servers: tuple[DnsServer, ...]
    seconds: float
    resolver: dns.resolver.Resolver | None = None
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = field(default=time.monotonic)

    def wait(self, records: Sequence[tuple[str, str]]) -> None:
        """Return when each server that answers shows each record (name, value).

        Raises IssuanceFailed that names the server which does not. With no `seconds`, looks at
        nothing.
        """
        if not self.seconds:
            return
        deadline = self.monotonic() + self.seconds
        for name, value in records:
            while (lacking := self._lacking(name, value)) is not None:
                if self.monotonic() >= deadline:
                    raise IssuanceFailed(
                        f"The record {name} was added, but {lacking} after "
                        f"{self.seconds:g} seconds.",
                        "See that all servers of the zone get its changes, or allow more time.",
                    )
                self.sleep(_BETWEEN)

    def _lacking(self, name: str, value: str) -> str | None:
        """What is still missing, as the middle of a sentence; None if nothing is."""
        try:
            target, servers = self._servers_of(dns.name.from_text(name))
        except _DNS_ERRORS:
            return "the servers of its zone could not be found"
        sights = {server: self._sight(server, target, value) for server in servers}
        lacks = tuple(str(one) for one, sight in sights.items() if sight is _Sight.LACKS)
        if lacks:
            return f"{listed(lacks)} did not show it"
        # One that is silent here may be one that cannot be reached from here at all.
        if _Sight.SHOWS not in sights.values():
            return "none of the servers of its zone answered"
        return None

    def _servers_of(self, name: dns.name.Name) -> tuple[dns.name.Name, tuple[DnsServer, ...]]:
        if self.servers:
            return name, self.servers
        resolver = self.resolver or dns.resolver.Resolver()
        target = self._target(resolver, name)
        zone = dns.resolver.zone_for_name(target, resolver=resolver, lifetime=_ASK_SECONDS)
        hosts = [
            str(one.target)
            for one in resolver.resolve(zone, dns.rdatatype.NS, lifetime=_ASK_SECONDS)
        ]
        addresses = (
            address for host in hosts[:_MOST_SERVERS] for address in _addresses(resolver, host)
        )
        return target, tuple(map(DnsServer, islice(addresses, _MOST_SERVERS)))

    def _target(self, resolver: dns.resolver.Resolver, name: dns.name.Name) -> dns.name.Name:
        """Where the record really is, if `name` is an alias."""
        for _ in range(_MOST_ALIASES):
            try:
                answer = resolver.resolve(name, dns.rdatatype.CNAME, lifetime=_ASK_SECONDS)
            except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
                break
            name = answer[0].target
        return name

    def _sight(self, server: DnsServer, name: dns.name.Name, value: str) -> _Sight:
        query = dns.message.make_query(name, dns.rdatatype.TXT)
        try:
            answer = ask_each(
                resolve(server.host, _ASK_SECONDS),
                lambda one: dns.query.udp_with_fallback(query, one, _ASK_SECONDS, server.port)[0],
            )
        except _DNS_ERRORS:
            return _Sight.SILENT
        texts = {
            b"".join(record.strings)
            for records in answer.answer
            for record in records
            if isinstance(record, TXTBase)
        }
        return _Sight.SHOWS if value.encode("ascii") in texts else _Sight.LACKS


def _addresses(resolver: dns.resolver.Resolver, host: str) -> Iterator[str]:
    """None of a server that the zone names, and that has no address: others have the record."""
    try:
        yield from resolver.resolve_name(host, lifetime=_ASK_SECONDS).addresses()
    except dns.exception.DNSException:
        return
