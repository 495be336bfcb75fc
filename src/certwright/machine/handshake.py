"""A TLS handshake from outside: what was served, as facts and without any verdict.

Nothing is verified here, so that a wrong certificate can be looked at too. Whoever asks judges.
"""

import _ssl
import ssl
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address

from .connection import Connection, FailureReason, HandshakeFailed
from .starttls import StartTls, begin_tls

__all__ = [
    "FailureReason",
    "Handshake",
    "HandshakeFailed",
    "StartTls",
    "is_address",
    "shake_hands",
]

_ALERT, _HANDSHAKE = 0x15, 0x16
_RECORD_TYPES = frozenset({_ALERT, _HANDSHAKE})
_PROTOCOLS: Mapping[StartTls | None, tuple[str, ...]] = {None: ("h2", "http/1.1")}
"""Offered by ALPN: none after STARTTLS, where a server could refuse those of the web."""
_LARGEST_FLIGHT = 1024 * 1024
"""Bytes a server may send; the longest chains seen take some ten thousand."""


@dataclass(frozen=True)
class Handshake:
    """What one handshake showed.

    `chain` is DER, leaf first, exactly as served. `tls_version` is such as "TLSv1.3", `group` the
    key exchange's, None where Python cannot tell, `seconds` from the connection's start to the
    handshake's end.
    """

    address: str
    port: int
    server_name: str
    tls_version: str
    cipher: str
    alpn: str | None
    group: str | None
    chain: tuple[bytes, ...]
    seconds: float


def shake_hands(
    address: str,
    port: int,
    server_name: str,
    *,
    timeout_seconds: float = 5.0,
    starttls: StartTls | None = None,
) -> Handshake:
    """Shake hands over TLS 1.2 or 1.3 with `address` (an IP address or a name) as a client.

    `server_name` is asked for by SNI if it is a DNS name; `starttls` says in which protocol to
    ask for TLS first. All together takes `timeout_seconds` at most. Raises `HandshakeFailed`.
    """
    started = time.monotonic()
    with Connection(address, port, timeout_seconds) as connection:
        if starttls is not None:
            begin_tls(connection, starttls)
        conversation = _Conversation(connection, server_name, _PROTOCOLS.get(starttls, ()))
        tls = conversation.finish()
        seconds = time.monotonic() - started
        chain, version, cipher = _served_chain(tls), tls.version(), tls.cipher()
        if not chain or version is None or cipher is None:
            raise HandshakeFailed(
                FailureReason.NO_CERTIFICATE, f"{connection.place} sent no certificate."
            )
        seen = Handshake(
            address=address,
            port=port,
            server_name=server_name,
            tls_version=version,
            cipher=cipher[0],
            alpn=tls.selected_alpn_protocol(),
            group=None,
            chain=chain,
            seconds=seconds,
        )
        # Last of all: once the connection is shut, OpenSSL has forgotten the version.
        conversation.say_goodbye()
    return seen


def is_address(server_name: str) -> bool:
    """Whether it is an IP address. RFC 6066 3: those "are not permitted" in server_name."""
    try:
        ip_address(server_name)
    except ValueError:
        return False
    return True


class _Conversation:
    """OpenSSL on one side, the connection on the other, bytes carried between them.

    Not `SSLContext.wrap_socket`, whose time limit starts anew with every byte that comes.
    """

    def __init__(self, connection: Connection, server_name: str, protocols: Sequence[str]) -> None:
        self._connection = connection
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._received = 0
        name = None if is_address(server_name) else server_name
        try:
            self._tls = _context(protocols).wrap_bio(
                self._incoming, self._outgoing, server_hostname=name
            )
        except (ValueError, TypeError):  # what the C library's own checks of a name raise
            raise HandshakeFailed(
                FailureReason.DNS, "No server can be asked for by that name."
            ) from None

    def finish(self) -> ssl.SSLObject:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                self._fill()
            except ssl.SSLError as error:
                raise self._failure(error) from None
            else:
                self._flush()
                return self._tls

    def say_goodbye(self) -> None:
        """Close as RFC 8446 6.1 asks, so that the server's log stays clean."""
        with suppress(ssl.SSLError):
            self._tls.unwrap()  # the server's own goodbye is not waited for
        with suppress(HandshakeFailed):
            self._flush()  # all that was to be seen has been seen

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._connection.send(self._outgoing.read())

    def _fill(self) -> None:
        data = self._connection.receive()
        if not data:
            raise self._connection.closed()
        if not self._received and data[0] not in _RECORD_TYPES:
            raise not_tls(self._connection.place)
        self._received += len(data)
        if self._received > _LARGEST_FLIGHT:
            raise not_tls(self._connection.place)
        self._incoming.write(data)

    def _failure(self, error: ssl.SSLError) -> HandshakeFailed:
        place = self._connection.place
        reason = error.reason or ""
        if "UNSUPPORTED_PROTOCOL" in reason or "PROTOCOL_VERSION" in reason:
            return HandshakeFailed(
                FailureReason.OLD_VERSION, f"{place} speaks neither TLS 1.2 nor TLS 1.3."
            )
        if "ALERT" in reason or "UNRECOGNIZED_NAME" in reason:
            told = reason.split("ALERT_")[-1].removeprefix("TLSV1_").replace("_", " ").lower()
            return HandshakeFailed(
                FailureReason.ALERT,
                f"{place} refused the handshake with the alert: {told}.",
                _served_chain(self._tls),
            )
        return not_tls(place)


def not_tls(place: str) -> HandshakeFailed:
    """The failure that somebody answers there, but in another protocol."""
    return HandshakeFailed(
        FailureReason.NOT_TLS, f"{place} answers, but not with TLS; perhaps with plain HTTP."
    )


def _context(protocols: Sequence[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Security level 0, as a short key is a fact to be seen, and not a reason to look away.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def _served_chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    if sys.version_info >= (3, 13):
        return tuple(tls.get_unverified_chain())
    # Before 3.13 the method is there without being public.
    served = tls._sslobj.get_unverified_chain()  # type: ignore[attr-defined]
    return tuple(certificate.public_bytes(_ssl.ENCODING_DER) for certificate in served or ())
