"""An authority that looks whether names are ours sees it, and nobody else notices."""

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.interop.front.test_front_switching import calling, is_closed_soon, is_open
from tests.interop.servers import free_port

from certwright.authorities.acme.challenges import Challenge, ChallengeKind
from certwright.authorities.acme.validation_certificate import build_validation_certificate
from certwright.errors import CertwrightError, ErrorCode
from certwright.front.validation import ClearValidation, TlsValidation
from certwright.services.endpoints import WebServerProtocol
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name

CHALLENGES = "/.well-known/acme-challenge"
ROUNDS = 15


def shown(port: int, name: str = "localhost", number: int = 1) -> TlsValidation:
    """A validation with a certificate made as the node makes it."""
    token = f"token-{number}"
    challenge = Challenge(
        ChallengeKind.TLS_ALPN_01, parse_server_name(name), token, f"{token}.thumbprint"
    )
    key = generate_private_key(KeyType.EC_P256)
    made = build_validation_certificate(challenge, key, 1, datetime.now(UTC))
    return TlsValidation(port, token, challenge.server_name, made.chain_pem, made.key_pem)


def der(validation: TlsValidation) -> bytes:
    return ssl.PEM_cert_to_DER_cert(validation.certificate_pem)


def look(port: int, name: str, *protocols: str) -> tuple[bytes, str | None]:
    """The certificate and the protocol that a client gets, as an authority asks (RFC 8737 3)."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(list(protocols))
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        context.wrap_socket(plain, server_hostname=name) as connection,
    ):
        return connection.getpeercert(binary_form=True) or b"", connection.selected_alpn_protocol()


def test_a_port_of_its_own_is_open_from_the_first_answer_to_the_last(
    start_front: Any, client: httpx.Client
) -> None:
    running = start_front()
    port = free_port()
    running.front.check_validation_port(port, encrypted=False)
    for token in ("one", "two", "two"):
        running.front.begin_validation(ClearValidation(port, token))
    base = f"http://localhost:{port}"
    answer = client.get(f"{base}{CHALLENGES}/two")
    assert answer.json()["path"] == "/publication/acme-challenge/two"
    assert "server" not in answer.headers
    for path in ("/", "/root.pem", "/publication/root.pem", f"{CHALLENGES}/../../api/v1/status"):
        assert client.get(base + path).status_code == 404
    assert client.post(f"{base}{CHALLENGES}/two").status_code == 404
    running.front.check_validation_port(port, encrypted=False)  # it is ours, so it is no hindrance
    running.front.end_validation("one")
    running.front.end_validation("one")
    assert client.get(f"{base}{CHALLENGES}/two").status_code == 200
    running.front.end_validation("two")
    assert not is_open(port)


def test_the_publication_port_answers_always(start_front: Any, client: httpx.Client) -> None:
    running = start_front()
    port = running.settings.publication_port
    url = f"http://localhost:{port}{CHALLENGES}/token"
    assert client.get(url).json()["path"] == "/publication/acme-challenge/token"
    running.front.check_validation_port(port, encrypted=False)
    running.front.begin_validation(ClearValidation(port, "token"))
    assert client.get(url).status_code == 200
    running.front.end_validation("token")
    assert client.get(url).status_code == 200


def test_the_web_servers_clear_port_answers_for_its_own_tokens_alone(
    start_front: Any, upstream: str
) -> None:
    running = start_front(upstream, WebServerProtocol.HTTP)
    port = running.settings.http_port

    def arrives(path: str) -> Any:
        # No redirect, and always the same connection: it must not have been closed.
        answer = client.get(f"http://localhost:{port}{path}")
        assert answer.status_code == 200
        return answer.json()["path"]

    ours, theirs = f"{CHALLENGES}/ours", f"{CHALLENGES}/theirs"
    limits = httpx.Limits(max_connections=1)
    with httpx.Client(trust_env=False, limits=limits, timeout=20) as client:
        assert arrives(ours) == ours
        stream = client.get(f"http://localhost:{port}/").extensions["network_stream"]
        place = stream.get_extra_info("client_addr")
        running.front.begin_validation(ClearValidation(port, "ours"))
        assert arrives(ours) == "/publication/acme-challenge/ours"
        assert arrives(theirs) == theirs
        running.front.end_validation("ours")
        assert arrives(ours) == ours
        stream = client.get(f"http://localhost:{port}/").extensions["network_stream"]
        assert stream.get_extra_info("client_addr") == place


def test_a_further_port_becomes_the_web_servers_and_back(start_front: Any, upstream: str) -> None:
    running = start_front(upstream)
    port = running.settings.http_port
    running.front.begin_validation(ClearValidation(port, "token"))
    path = f"{CHALLENGES}/token"

    def arrives(path: str) -> Any:
        answer = httpx.get(f"http://localhost:{port}{path}", trust_env=False, timeout=20)
        return answer.json()["path"] if answer.status_code == 200 else answer.status_code

    assert arrives("/x") == 404
    running.front.set_web_protocol(WebServerProtocol.HTTP)
    assert arrives("/x") == "/x"
    assert arrives(path) == "/publication/acme-challenge/token"
    running.front.set_web_protocol(WebServerProtocol.HTTPS)
    assert arrives(path) == "/publication/acme-challenge/token"
    assert arrives("/x") == 404
    running.front.end_validation("token")
    assert is_closed_soon(port)


@pytest.mark.parametrize("which", ["configuration_port", "https_port"])
def test_an_endpoint_shows_the_proof_to_who_asks_by_its_protocol_and_name(
    start_front: Any, upstream: str, pair: Any, which: str
) -> None:
    running = start_front(upstream)
    port = getattr(running.settings, which)
    validation = shown(port)
    assert look(port, "localhost", "acme-tls/1") == (pair.der, None)
    running.front.check_validation_port(port, encrypted=True)
    for again in (validation, shown(port)):  # the second of the same token changes nothing
        running.front.begin_validation(again)
        assert look(port, "localhost", "acme-tls/1") == (der(validation), "acme-tls/1")
    assert look(port, "localhost", "h2", "http/1.1") == (pair.der, "h2")
    assert look(port, "localhost", "http/1.1") == (pair.der, "http/1.1")
    assert look(port, "localhost") == (pair.der, None)
    assert look(port, "other.example", "acme-tls/1") == (pair.der, None)
    running.front.end_validation("token-1")
    assert look(port, "localhost", "acme-tls/1") == (pair.der, None)


def test_several_names_and_addresses_are_shown_each_its_own(start_front: Any) -> None:
    running = start_front()
    port = running.settings.https_port
    names = {
        "localhost": "localhost",
        "todd.corp.example": "todd.corp.example",
        "127.0.0.1": "1.0.0.127.in-addr.arpa",
        "::1": "1" + ".0" * 31 + ".ip6.arpa",
    }
    made = {name: shown(port, name, n) for n, name in enumerate(names)}
    for validation in made.values():
        running.front.begin_validation(validation)
    for name, asked in names.items():
        assert look(port, asked, "acme-tls/1") == (der(made[name]), "acme-tls/1")
    later = shown(port, "localhost", len(names))
    running.front.begin_validation(later)
    assert look(port, "localhost", "acme-tls/1")[0] == der(later)


def test_a_port_of_its_own_shows_the_proof_and_nothing_else(start_front: Any) -> None:
    running = start_front()
    port = free_port()
    validation = shown(port)
    running.front.begin_validation(validation)
    assert look(port, "localhost", "acme-tls/1") == (der(validation), "acme-tls/1")
    for name, protocol in (("localhost", "http/1.1"), ("other.example", "acme-tls/1")):
        with pytest.raises(OSError):  # noqa: PT011 - reset, or closed in the handshake
            look(port, name, protocol)
    running.front.end_validation("token-1")
    assert not is_open(port)


def test_no_connection_ends_and_no_request_fails_while_proofs_come_and_go(
    start_front: Any, upstream: str, trusting: ssl.SSLContext
) -> None:
    running = start_front(upstream)
    port = running.settings.https_port
    elsewhere = free_port()
    size = 50 * 1024 * 1024
    with (
        calling(port, kept=4),
        httpx.Client(verify=trusting, trust_env=False, timeout=20) as client,
        client.stream("GET", f"https://localhost:{port}/download/{size}") as download,
    ):
        parts = download.iter_raw(65536)
        received = len(next(parts))
        for number in range(ROUNDS):
            validation = shown(port, number=number)
            running.front.begin_validation(validation)
            running.front.begin_validation(ClearValidation(elsewhere, "clear"))
            assert look(port, "localhost", "acme-tls/1")[0] == der(validation)
            running.front.end_validation(validation.token)
            running.front.end_validation("clear")
        received += sum(map(len, parts))
    assert received == size


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_port_that_another_program_has_is_told_with_its_holder(
    start_front: Any, encrypted: bool
) -> None:
    running = start_front()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        validation = shown(port) if encrypted else ClearValidation(port, "token")
        with pytest.raises(CertwrightError) as refused:
            running.front.check_validation_port(port, encrypted=encrypted)
        assert refused.value.code is ErrorCode.PORT_IN_USE
        assert f"Port {port} for the proof of a name is in use by " in refused.value.message
        assert ("--tls-port" if encrypted else "--http-port") in refused.value.remedy
        with pytest.raises(CertwrightError, match=f"Port {port} for the proof of a name"):
            running.front.begin_validation(validation)
        running.front.end_validation(validation.token)
    running.front.begin_validation(validation)
    assert is_open(port)


def test_our_own_port_of_the_other_kind_is_told_as_taken(start_front: Any) -> None:
    running = start_front()
    settings = running.settings
    for port, encrypted in ((settings.https_port, False), (settings.publication_port, True)):
        with pytest.raises(CertwrightError, match=f"Port {port} .* in use by envoy"):
            running.front.check_validation_port(port, encrypted=encrypted)


def test_who_changes_it_at_the_same_time_loses_nothing(start_front: Any) -> None:
    running = start_front()
    port = free_port()

    def come_and_go(number: int) -> None:
        for round_ in range(3):
            running.front.begin_validation(ClearValidation(port, f"{number}-{round_}"))
            assert is_open(port)
            running.front.end_validation(f"{number}-{round_}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(come_and_go, range(6)))
    assert not is_open(port)


def test_a_validation_outlives_the_fronts_program_and_not_the_next_start(
    start_front: Any, pair: Any
) -> None:
    running = start_front()
    port, shown_at = free_port(), running.settings.https_port
    running.front.begin_validation(ClearValidation(port, "token"))
    running.front.begin_validation(shown(shown_at))
    running.process.kill()
    running.process.wait(10)
    running.front.begin_validation(ClearValidation(port, "meanwhile"))
    again = running.restart()
    try:
        again.front.wait_until_listening(20, lambda: again.process.poll() is None)
        assert is_open(port)
    finally:
        again.process.terminate()
        again.process.wait(20)
    running.front.prepare()
    once_more = running.restart()
    try:
        once_more.front.wait_until_listening(20, lambda: once_more.process.poll() is None)
        assert not is_open(port)
        assert look(shown_at, "localhost", "acme-tls/1") == (pair.der, None)
        running.front.end_validation("token")  # as whoever goes on with the order does
    finally:
        once_more.process.terminate()
        once_more.process.wait(20)
