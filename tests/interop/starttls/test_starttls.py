"""STARTTLS against the servers that people run."""

import ssl

import pytest
from tests.interop.servers import LOOPBACK, StartServer
from tests.interop.starttls.conftest import PAIR

from certwright.machine.client_hello import preferred_group
from certwright.machine.handshake import FailureReason, HandshakeFailed, StartTls, shake_hands

NAME = "todd.corp.example"


def serving(request: pytest.FixtureRequest, protocol: StartTls, *, tls: bool) -> int:
    start: StartServer = request.getfixturevalue(protocol.value)
    return start(tls=tls)


def served() -> tuple[bytes, ...]:
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----\n"
    blocks = PAIR.read_text("ascii").split(begin)[1:]
    return tuple(ssl.PEM_cert_to_DER_cert(begin + block.split(end)[0] + end) for block in blocks)


@pytest.mark.parametrize("protocol", StartTls)
def test_certificate_behind_the_clear(request: pytest.FixtureRequest, protocol: StartTls) -> None:
    port = serving(request, protocol, tls=True)
    seen = shake_hands(LOOPBACK, port, NAME, starttls=protocol)
    assert seen.chain == served()
    assert seen.tls_version == "TLSv1.3"
    assert seen.alpn is None
    assert preferred_group(LOOPBACK, port, NAME, starttls=protocol) is not None


@pytest.mark.parametrize("protocol", StartTls)
def test_server_without_tls_is_named_as_such(
    request: pytest.FixtureRequest, protocol: StartTls
) -> None:
    port = serving(request, protocol, tls=False)
    with pytest.raises(HandshakeFailed) as caught:
        shake_hands(LOOPBACK, port, NAME, starttls=protocol)
    assert caught.value.reason is FailureReason.NO_STARTTLS
    assert "offers no TLS" in caught.value.message


def test_postgresql_itself_without_tls(postgresql_without_tls: int) -> None:
    with pytest.raises(HandshakeFailed) as caught:
        shake_hands(LOOPBACK, postgresql_without_tls, NAME, starttls=StartTls.POSTGRES)
    assert caught.value.reason is FailureReason.NO_STARTTLS


def test_tls_at_once_is_not_what_a_mail_server_speaks(smtp: StartServer) -> None:
    with pytest.raises(HandshakeFailed) as caught:
        shake_hands(LOOPBACK, smtp(), NAME, timeout_seconds=3)
    assert caught.value.reason in {FailureReason.NOT_TLS, FailureReason.TIMEOUT}
