"""TXT records by dynamic update (RFC 2136), signed with TSIG (RFC 8945)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update

from certwright.authorities.acme.dns.asking import ask_each
from certwright.authorities.acme.dns.settings import DnsServer, Rfc2136Settings, read_server
from certwright.authorities.authority import IssuanceFailed
from certwright.machine.addresses import UnknownName, resolve

_TTL = 30
_EXCHANGE_SECONDS = 10.0
_KEY = "Compare key name, algorithm and secret with the DNS server's, and the clocks of both."
_LOOK = "Look at its address and at the network between; then try again."
_REFUSALS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        dns.rcode.NOTAUTH: ("it does not know the key, or the zone is not its own", _KEY),
        dns.rcode.REFUSED: (
            "it refuses",
            "Allow the key to update TXT records below the zone in the DNS server's settings.",
        ),
        dns.rcode.NOTZONE: ("the name is not in that zone", "Name the zone that the name is in."),
    }
)
_SIGNATURES: Mapping[type[dns.tsig.PeerError], str] = MappingProxyType(
    {
        dns.tsig.PeerBadKey: "it does not know the key, or the key may not do this",
        dns.tsig.PeerBadSignature: "the signature is wrong",
        dns.tsig.PeerBadTime: "its clock differs",
    }
)


@dataclass(frozen=True)
class Rfc2136Records:
    """A server that takes updates; `secret` is the TSIG key in Base64."""

    settings: Rfc2136Settings
    secret: str = field(repr=False)
    seconds: float = _EXCHANGE_SECONDS

    def add(self, name: str, value: str) -> None:
        """Add one TXT record beside those that are there; raises IssuanceFailed."""
        update = self._update(name)
        update.add(_absolute(name), _TTL, "TXT", f'"{value}"')
        self._send(update)

    def remove(self, name: str, value: str) -> None:
        """Remove that one TXT record; raises IssuanceFailed."""
        update = self._update(name)
        update.delete(_absolute(name), "TXT", f'"{value}"')
        self._send(update)

    @property
    def _server(self) -> DnsServer:
        return read_server(self.settings.server)

    def _update(self, name: str) -> dns.update.UpdateMessage:
        settings = self.settings
        key = dns.tsig.Key(settings.key_name, self.secret, settings.algorithm)
        zone = _absolute(settings.zone) if settings.zone else self._zone_of(_absolute(name))
        return dns.update.UpdateMessage(zone, keyring=key)

    def _zone_of(self, name: dns.name.Name) -> dns.name.Name:
        """The nearest zone above `name` that the server has itself."""
        while name != dns.name.root:
            answer = self._ask(dns.message.make_query(name, dns.rdatatype.SOA))
            is_own = bool(answer.flags & dns.flags.AA)
            if is_own and any(
                one.name == name and one.rdtype == dns.rdatatype.SOA for one in answer.answer
            ):
                return name
            name = name.parent()
        raise IssuanceFailed(
            f"The DNS server {self._server} has no zone that the record belongs to.",
            "Give the server that has the zone, or name the zone.",
        )

    def _send(self, update: dns.update.UpdateMessage) -> None:
        answer = self._ask(update)
        if answer.rcode() == dns.rcode.NOERROR:
            return
        why, remedy = _REFUSALS.get(answer.rcode(), ("it failed", "Look into its log."))
        raise self._not_taken(f"{why} ({dns.rcode.to_text(answer.rcode())})", remedy)

    def _not_taken(self, why: str, remedy: str) -> IssuanceFailed:
        return IssuanceFailed(
            f"The DNS server {self._server} did not take the record: {why}.", remedy
        )

    def _ask(self, message: dns.message.Message) -> dns.message.Message:
        server = self._server
        try:
            return ask_each(
                resolve(server.host, self.seconds),
                lambda address: dns.query.tcp(message, address, self.seconds, server.port),
            )
        except UnknownName:
            raise IssuanceFailed(f"No address is known for {server.host}.", _LOOK) from None
        except (TimeoutError, dns.exception.Timeout):
            raise IssuanceFailed(
                f"The DNS server {server} did not answer within {self.seconds:g} seconds.", _LOOK
            ) from None
        except dns.tsig.PeerError as error:
            why = _SIGNATURES.get(type(error), "it does not accept the signature")
            raise self._not_taken(why, _KEY) from None
        except dns.exception.FormError:
            # Of an update, what is not signed counts for nothing: a refusal, as often as not.
            raise self._not_taken(
                "its answer is damaged, or not signed",
                "See that it has the zone, and that the key may update it.",
            ) from None
        except (OSError, EOFError):
            raise IssuanceFailed(f"The DNS server {server} cannot be reached.", _LOOK) from None
        except (dns.exception.DNSException, ValueError):
            raise IssuanceFailed(f"What {server} answers is no DNS.", _LOOK) from None


def _absolute(name: str) -> dns.name.Name:
    try:
        return dns.name.from_text(name)
    except dns.exception.DNSException:
        raise IssuanceFailed(f"{name} is no name for a DNS record.", "Use another name.") from None
