"""ClientHellos made by hand, to ask a server what the system's own TLS cannot.

With an empty key_share a server has to name the group it prefers, in a HelloRetryRequest: RFC
8446 4.2.8 lets clients "send an empty client_shares vector in order to request group selection
from the server". Nothing is computed, so groups can be asked for that are not installed here.
"""

import os
from collections.abc import Callable, Sequence

from .connection import Connection, FailureReason, HandshakeFailed
from .handshake import is_address, not_tls
from .server_hello import Answer, NotTls, read_answer, read_version
from .starttls import StartTls, begin_tls

_GROUP_TITLES = {
    0x11EC: "X25519MLKEM768",
    0x11EB: "SecP256r1MLKEM768",
    0x11ED: "SecP384r1MLKEM1024",
    0x001D: "X25519",
    0x001E: "X448",
    0x0017: "P-256",
    0x0018: "P-384",
    0x0019: "P-521",
}
_OFFERED_GROUPS = (0x11EC, 0x001D, 0x0017, 0x0018)
_VERSIONS = {"TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
_TLS_1_2, _TLS_1_3 = 0x0303, 0x0304
_CIPHERS_1_3 = (0x1301, 0x1302, 0x1303)
_CIPHERS_1_2 = (0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0x009E, 0x009F)
_CIPHERS_OLD = (0xC009, 0xC013, 0xC00A, 0xC014, 0x0033, 0x0039, 0x002F, 0x0035, 0x000A)
_SIGNATURES = (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0806, 0x0601, 0x0807)
_SIGNATURES_OLD = (0x0203, 0x0201)
_MOST_BYTES = 256 * 1024


def preferred_group(
    address: str,
    port: int,
    server_name: str,
    timeout_seconds: float = 5.0,
    starttls: StartTls | None = None,
) -> str | None:
    """The key exchange group the server takes when offered X25519MLKEM768, X25519, P-256, P-384.

    `starttls` says in which protocol to ask for TLS first. None where the server does not say, or
    does not answer within `timeout_seconds`.
    """
    hello = build_client_hello(
        server_name, (_TLS_1_3, _TLS_1_2), random=os.urandom(32), session=os.urandom(32)
    )
    try:
        answer = _ask(address, port, hello, read_answer, timeout_seconds, starttls)
    except HandshakeFailed:
        return None
    if answer.group is None:
        return None
    return _GROUP_TITLES.get(answer.group, f"0x{answer.group:04x}")


def accepts(
    address: str, port: int, server_name: str, version: str, *, timeout_seconds: float = 5.0
) -> bool:
    """Whether the server would speak exactly `version` ("TLSv1", "TLSv1.1", ... "TLSv1.3").

    A refusal by alert or by closing is False; raises `HandshakeFailed` where nobody answers.
    """
    wanted = _VERSIONS[version]
    hello = build_client_hello(
        server_name, (wanted,), random=os.urandom(32), session=os.urandom(32)
    )
    try:
        return _ask(address, port, hello, read_version, timeout_seconds).version == wanted
    except HandshakeFailed as failure:
        if failure.reason is FailureReason.CLOSED:
            return False
        raise


def build_client_hello(
    server_name: str, versions: Sequence[int], *, random: bytes, session: bytes
) -> bytes:
    """One record with a ClientHello for `versions` (as on the wire, the highest first).

    `random` are 32 bytes, `session` up to 32.
    """
    newest = versions[0]
    legacy = min(newest, _TLS_1_2)  # RFC 8446 4.1.2: legacy_version "MUST be set to 0x0303"
    ciphers = _ciphers(versions)
    body = (
        _number(legacy, 2)
        + random
        + _vector(session, 1)
        + _vector(_numbers(ciphers), 2)
        + _vector(b"\0", 1)
        + _vector(b"".join(_extensions(server_name, versions)), 2)
    )
    message = b"\x01" + _vector(body, 3)
    return b"\x16\x03\x01" + _vector(message, 2)


def _ciphers(versions: Sequence[int]) -> tuple[int, ...]:
    modern = _CIPHERS_1_3 if _TLS_1_3 in versions else ()
    if min(versions) < _TLS_1_2:
        return _CIPHERS_OLD
    older = _CIPHERS_1_2 + _CIPHERS_OLD if _TLS_1_2 in versions else ()
    return modern + older


def _extensions(server_name: str, versions: Sequence[int]) -> list[bytes]:
    found = []
    if not is_address(server_name):
        name = b"\0" + _vector(server_name.encode("ascii", "replace"), 2)
        found.append(_extension(0, _vector(name, 2)))
    found.append(_extension(10, _vector(_numbers(_OFFERED_GROUPS), 2)))
    found.append(_extension(11, _vector(b"\0", 1)))
    signatures = _SIGNATURES if min(versions) >= _TLS_1_2 else _SIGNATURES + _SIGNATURES_OLD
    found.append(_extension(13, _vector(_numbers(signatures), 2)))
    if _TLS_1_3 in versions:
        found.append(_extension(43, _vector(_numbers(versions), 1)))
        found.append(_extension(51, _vector(b"", 2)))
    return found


def _ask(
    address: str,
    port: int,
    hello: bytes,
    read: Callable[[bytes], Answer | None],
    timeout_seconds: float,
    starttls: StartTls | None = None,
) -> Answer:
    received = b""
    with Connection(address, port, timeout_seconds) as connection:
        if starttls is not None:
            begin_tls(connection, starttls)
        connection.send(hello)
        while len(received) < _MOST_BYTES:
            data = connection.receive()
            if not data:
                break
            received += data
            try:
                answer = read(received)
            except NotTls:
                raise not_tls(connection.place) from None
            if answer is not None:
                return answer
        raise connection.closed()


def _extension(kind: int, content: bytes) -> bytes:
    return _number(kind, 2) + _vector(content, 2)


def _vector(content: bytes, length_octets: int) -> bytes:
    return _number(len(content), length_octets) + content


def _number(value: int, octets: int) -> bytes:
    return value.to_bytes(octets, "big")


def _numbers(values: Sequence[int]) -> bytes:
    return b"".join(_number(value, 2) for value in values)
