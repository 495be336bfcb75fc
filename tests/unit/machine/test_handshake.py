"""Handshakes with real TLS servers on loopback, and with servers that misbehave."""

import errno
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from certwright.machine.client_hello import accepts, preferred_group
from certwright.machine.connection import FailureReason
from certwright.machine.handshake import HandshakeFailed, shake_hands

from ...interop.servers import free_port
from .servers import (
    Answer,
    closing,
    dripping,
    flooding,
    saying,
    serving,
    silent,
    speaking_tls,
)

LOOPBACK = "127.0.0.1"
NAME = "todd.corp.example"
CHAIN = Path(__file__).parents[2] / "vectors" / "files" / "leaf-key-chain.pem"


def context(path: Path = CHAIN) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(path)
    return made


def served_der() -> tuple[bytes, ...]:
    blocks = CHAIN.read_text("ascii").split("-----BEGIN CERTIFICATE-----")[1:]
    return tuple(
        ssl.PEM_cert_to_DER_cert(
            "-----BEGIN CERTIFICATE-----"
            + block.split("-----END CERTIFICATE-----")[0]
            + "-----END CERTIFICATE-----\n"
        )
        for block in blocks
    )


@contextmanager
def failing(answer: Answer, timeout_seconds: float = 5.0) -> Iterator[HandshakeFailed]:
    with serving(answer) as port:
        with pytest.raises(HandshakeFailed) as caught:
            shake_hands(LOOPBACK, port, NAME, timeout_seconds=timeout_seconds)
        yield caught.value


def test_facts_of_a_handshake() -> None:
    server = context()
    server.set_alpn_protocols(["http/1.1"])
    with serving(speaking_tls(server)) as port:
        seen = shake_hands(LOOPBACK, port, NAME)
    assert (seen.address, seen.port, seen.server_name) == (LOOPBACK, port, NAME)
    assert seen.tls_version == "TLSv1.3"
    assert seen.cipher.startswith("TLS_")
    assert seen.alpn == "http/1.1"
    assert seen.chain == served_der()
    assert 0 < seen.seconds < 5


def test_tls_1_2_without_alpn() -> None:
    server = context()
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    with serving(speaking_tls(server)) as port:
        seen = shake_hands(LOOPBACK, port, NAME)
    assert (seen.tls_version, seen.alpn) == ("TLSv1.2", None)
    assert seen.chain == served_der()


@pytest.mark.parametrize(
    ("server_name", "asked"),
    [
        (NAME, NAME),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("10.1.2.3", None),
        ("::1", None),
    ],
)
def test_name_is_asked_for_only_if_it_is_one(server_name: str, asked: str | None) -> None:
    names: list[str | None] = []
    server = context()

    def remember(_tls: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        names.append(name)

    server.sni_callback = remember
    with serving(speaking_tls(server)) as port:
        shake_hands(LOOPBACK, port, server_name)
    assert names == [asked]


@pytest.mark.parametrize("server_name", ["", ".", "x" * 300, "a..b", "\ud800", "a\x00b"])
def test_name_that_is_none_is_a_failure_and_no_traceback(server_name: str) -> None:
    with serving(speaking_tls(context())) as port:
        with pytest.raises(HandshakeFailed) as caught:
            shake_hands(LOOPBACK, port, server_name)
        assert caught.value.reason is FailureReason.DNS


def test_client_certificate_that_is_asked_for_is_an_alert() -> None:
    server = context()
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(CHAIN)
    with failing(speaking_tls(server)) as failure:
        assert failure.reason is FailureReason.ALERT
        assert "handshake failure" in failure.message


def test_nothing_listens() -> None:
    port = free_port()
    with pytest.raises(HandshakeFailed) as caught:
        shake_hands(LOOPBACK, port, NAME)
    assert caught.value.reason is FailureReason.REFUSED
    assert caught.value.message == f"Nothing listens on {LOOPBACK}:{port}."


@pytest.mark.parametrize("address", ["no-such-host.invalid", "a" * 300, "", "127.0.0.1\x00"])
def test_address_that_is_none(address: str) -> None:
    with pytest.raises(HandshakeFailed) as caught:
        shake_hands(address, 443, NAME)
    assert caught.value.reason in {FailureReason.DNS, FailureReason.REFUSED}


def test_failures_in_plain_words() -> None:
    with failing(closing) as failure:
        assert failure.reason is FailureReason.CLOSED
        assert "closed the connection" in failure.message
    for data in (
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"\x16\x03\x01\xff\xff" + bytes(70_000),
    ):
        with failing(saying(data)) as failure:
            assert failure.reason is FailureReason.NOT_TLS
    with failing(saying(b"\x15\x03\x03\x00\x02\x02\x28")) as failure:
        assert failure.reason is FailureReason.ALERT
    with failing(saying(b"\x15\x03\x01\x00\x02\x02\x46")) as failure:
        assert failure.reason is FailureReason.OLD_VERSION


def test_server_that_drips_does_not_hold_longer_than_the_deadline() -> None:
    # Each byte comes well within the time limit; all of them would take hours.
    record = b"\x16\x03\x03\x40\x00" + b"\x0b\x00\xff\xff" + bytes(16_000)
    started = time.monotonic()
    with failing(dripping(record, 0.05), timeout_seconds=0.6) as failure:
        assert failure.reason is FailureReason.TIMEOUT
        assert "within 0.6 seconds" in failure.message
    assert 0.5 < time.monotonic() - started < 20


def test_silent_server_is_left_at_the_deadline() -> None:
    started = time.monotonic()
    with failing(silent, timeout_seconds=0.3) as failure:
        assert failure.reason is FailureReason.TIMEOUT
    assert time.monotonic() - started < 20


def test_flood_is_not_kept() -> None:
    # Warning alerts without end, which are proper records each.
    with failing(flooding(b"\x15\x03\x03\x00\x02\x01\x5a" * 1000)) as failure:
        assert failure.reason in {FailureReason.NOT_TLS, FailureReason.ALERT, FailureReason.CLOSED}


def test_deadline_holds_for_the_group_too() -> None:
    started = time.monotonic()
    with serving(dripping(b"\x16\x03\x03\x40\x00" + bytes(16_000), 0.05)) as port:
        assert preferred_group(LOOPBACK, port, NAME, 0.5) is None
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 400\r\n\r\n", b"\x15\x03\x03\x00\x02\x02\x28", b"\x16\x03\x03\x00\x04\x02"]
)
def test_group_of_what_is_no_server_is_unknown(data: bytes) -> None:
    with serving(saying(data)) as port:
        assert preferred_group(LOOPBACK, port, NAME, 0.5) is None


def test_group_and_versions_of_pythons_own_server() -> None:
    server = context()
    server.set_ecdh_curve("prime256v1")
    with serving(speaking_tls(server)) as port:
        assert preferred_group(LOOPBACK, port, NAME) == "P-256"
        assert accepts(LOOPBACK, port, NAME, "TLSv1.3")
        assert accepts(LOOPBACK, port, NAME, "TLSv1.2")
        assert not accepts(LOOPBACK, port, NAME, "TLSv1.1")
        assert not accepts(LOOPBACK, port, NAME, "TLSv1")


def test_server_that_hangs_up_accepts_nothing() -> None:
    with serving(closing) as port:
        assert not accepts(LOOPBACK, port, NAME, "TLSv1.3")


def test_version_of_nobody_is_a_failure() -> None:
    port = free_port()
    with pytest.raises(HandshakeFailed) as caught:
        accepts(LOOPBACK, port, NAME, "TLSv1.3")
    assert caught.value.reason is FailureReason.REFUSED


def test_name_with_several_addresses_is_tried_to_the_last() -> None:
    # Where it means ::1 too, nobody listens there.
    with serving(speaking_tls(context())) as port:
        assert shake_hands("localhost", port, NAME).chain == served_der()


def test_address_that_cannot_be_reached_is_told_with_its_cause() -> None:
    # No TCP connection can be made to a broadcast address: the system refuses by itself.
    with pytest.raises(HandshakeFailed) as caught:
        shake_hands("255.255.255.255", 443, NAME)
    assert caught.value.reason is FailureReason.UNREACHABLE
    assert any(name in caught.value.message for name in errno.errorcode.values())


@pytest.mark.parametrize("port", [-1, 0, 65536])
def test_port_that_is_none(port: int) -> None:
    with pytest.raises(HandshakeFailed) as caught:
        shake_hands(LOOPBACK, port, NAME)
    assert caught.value.message == f"There is no port {port}."
