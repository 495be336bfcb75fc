"""What `check` looks at: a file, or what a server shows in a handshake."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.client_hello import preferred_group
from certwright.machine.handshake import (
    FailureReason,
    Handshake,
    HandshakeFailed,
    StartTls,
    is_address,
    shake_hands,
)
from certwright.machine.starttls import USUAL_PORTS
from certwright.rules.candidate import Candidate
from certwright.x509.certificate import Certificate
from certwright.x509.keys import key_fingerprint
from certwright.x509.names import ServerName, canonical_address, parse_server_name
from certwright.x509.reading import Bundle, read_bundle

HTTPS_PORT = 443
_HANDSHAKE_SECONDS = 10.0
_GROUP_SECONDS = 3.0
_FORMATS_WITH_KEY = frozenset({"PKCS#12", "JKS"})
"""Files that are made to carry a certificate together with its private key."""
_HIGHEST_PORT = 65535
_REMEDIES = {
    FailureReason.DNS: "Check the spelling, and that the name is known to the DNS here.",
    FailureReason.NO_STARTTLS: "Switch TLS on there, or name the port that begins with TLS.",
    FailureReason.NOT_TLS: "If it begins in the clear, name its protocol: --starttls "
    f"{'|'.join(StartTls)}.",
    FailureReason.OLD_VERSION: "Allow TLS 1.2 or 1.3 in its settings.",
    FailureReason.TAMPERED: "Check it from inside its own network, and compare.",
    FailureReason.WRONG_PROTOCOL: "Name the protocol that it speaks with --starttls, or its port.",
}
_SEE_THAT_IT_RUNS = "See that it runs, and that the name, the port and the firewalls are right."


@dataclass(frozen=True)
class ServerAddress:
    """Where a server listens, and in which protocol to ask it for TLS, if not at once."""

    host: str
    port: int
    starttls: StartTls | None


@dataclass(frozen=True)
class CheckedSource:
    """A certificate with what came along. `label` is what the user named, for the answer.

    `key_is_expected` is False for files that need not hold a private key, such as PEM. `before` is
    what stands at the head of a PEM file in the place of the server's own certificate.
    """

    label: str
    format: str
    candidate: Candidate
    key_is_expected: bool
    handshake: Handshake | None = None
    before: Certificate | None = None

    @property
    def own_roots(self) -> tuple[Certificate, ...]:
        """The roots that stand in it, above its certificate."""
        return tuple(c for c in self.candidate.chain if c.is_self_signed)


def read_address(text: str, starttls: StartTls | None) -> ServerAddress | None:
    """`host:port`, `[v6]:port`, or a bare name or address (port 443); None for anything else.

    Without `starttls` the port says in which protocol a server begins.
    """
    host, port = _host_and_port(text)
    if port is None or not 0 < port <= _HIGHEST_PORT:
        return None
    try:
        name = parse_server_name(host)
    except CertwrightError:
        return None
    return ServerAddress(name.value, port, starttls or USUAL_PORTS.get(port))


def _host_and_port(text: str) -> tuple[str, int | None]:
    if canonical_address(text) or not text.rstrip("0123456789").endswith(":"):
        return text, HTTPS_PORT
    host, _, digits = text.rpartition(":")
    # The length first: Python refuses to read a number of thousands of digits.
    is_port = len(digits) <= 5 and digits.isascii() and digits.isdecimal()
    return host, int(digits) if is_port else None


def from_file(label: str, data: bytes, password: str | None) -> CheckedSource:
    """The certificate in `data`, with its chain and key; raises what `read_bundle` raises."""
    bundle = read_bundle(data, password)
    candidate = Candidate(
        certificate=bundle.leaf,
        chain=bundle.others,
        has_private_key=bool(bundle.private_keys),
        private_key_fingerprint=_key_fingerprint(bundle),
        # In the others the order means nothing: who reads them puts the chain together anew.
        given_chain=bundle.others if bundle.format == "PEM" else None,
        same_key=_with_key(bundle.leaf, bundle.others),
    )
    return CheckedSource(
        label,
        bundle.format,
        candidate,
        key_is_expected=bundle.format in _FORMATS_WITH_KEY,
        before=bundle.certificates[0] if _is_out_of_place(bundle) else None,
    )


def _is_out_of_place(bundle: Bundle) -> bool:
    return bundle.format == "PEM" and bundle.certificates[0] != bundle.leaf


def _key_fingerprint(bundle: Bundle) -> str | None:
    keys = [bundle.private_key, *bundle.private_keys]
    return next((key_fingerprint(key.public_key()) for key in keys if key is not None), None)


def _with_key(leaf: Certificate, others: Iterable[Certificate]) -> tuple[Certificate, ...]:
    return tuple(other for other in others if other.key_fingerprint == leaf.key_fingerprint)


def from_server(label: str, address: ServerAddress, name: ServerName) -> CheckedSource:
    """What the server at `address` shows a client that wants `name`.

    Raises FETCH_FAILED where there is no handshake, and UNREADABLE_CERTIFICATE.
    """
    asked = _name_to_ask(address, name)
    try:
        seen = shake_hands(
            address.host,
            address.port,
            asked,
            timeout_seconds=_HANDSHAKE_SECONDS,
            starttls=address.starttls,
        )
    except HandshakeFailed as failure:
        if not failure.shown:
            raise _no_handshake(failure, address) from None
        return _from_chain(label, failure.shown, is_proven=False)
    group = preferred_group(address.host, address.port, asked, _GROUP_SECONDS, address.starttls)
    handshake = replace(seen, group=seen.group or group)
    return replace(_from_chain(label, seen.chain, is_proven=True), handshake=handshake)


def _from_chain(label: str, served: Sequence[bytes], *, is_proven: bool) -> CheckedSource:
    leaf, *above = served
    certificate = Certificate.from_der(leaf)
    chain = tuple(_readable(above))
    candidate = Candidate(
        certificate=certificate,
        chain=chain,
        # RFC 8446 4.4.3: without the key there would have been no handshake.
        has_private_key=is_proven,
        private_key_fingerprint=certificate.key_fingerprint if is_proven else None,
        given_chain=chain,
        same_key=_with_key(certificate, chain),
    )
    return CheckedSource(label, "TLS", candidate, key_is_expected=is_proven)


def _no_handshake(failure: HandshakeFailed, address: ServerAddress) -> CertwrightError:
    remedy = _REMEDIES.get(failure.reason, _SEE_THAT_IT_RUNS)
    if failure.reason is FailureReason.TIMEOUT and address.starttls is not None:
        # Both sides wait for the other where a server wants TLS at once.
        remedy = f"{_SEE_THAT_IT_RUNS} It may want TLS at once, and not {address.starttls.label}."
    return CertwrightError(ErrorCode.FETCH_FAILED, failure.message, remedy)


def _name_to_ask(address: ServerAddress, name: ServerName) -> str:
    """The wanted name by SNI, as its clients do; where it is an address, the host's own name."""
    return address.host if is_address(name.value) else name.value


def _readable(chain: Iterable[bytes]) -> Iterable[Certificate]:
    for der in chain:
        try:
            yield Certificate.from_der(der)
        except CertwrightError:
            continue  # clients pass over it too, and if it is missed, the chain's rule says so
