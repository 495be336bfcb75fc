"""Which call arrives where, and what the server behind gets to know about it."""

import socket
import ssl
from typing import Any

import httpx
import pytest
from tests.interop.servers import free_port

from certwright.front.session_cookie import COOKIE
from certwright.services.endpoints import WebServerProtocol

SPOOFED = {
    "X-Forwarded-For": "203.0.113.7, 198.51.100.9",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "1",
    "X-Real-IP": "203.0.113.7",
    "Forwarded": "for=203.0.113.7",
    "X-Envoy-Original-Path": "/evil",
    "X-Envoy-External-Address": "203.0.113.7",
    "X-Envoy-Upstream-Rq-Timeout-Ms": "1",
    "X-Forwarded-Client-Cert": "Hash=00",
}


def test_configuration_port_reaches_the_app_and_orders_https(
    start_front: Any, client: httpx.Client
) -> None:
    port = start_front().settings.configuration_port
    answer = client.get(f"https://localhost:{port}/api/v1/status?x=1")
    assert answer.json()["path"] == "/api/v1/status?x=1"
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "server" not in answer.headers
    assert not [name for name in answer.headers if name.startswith("x-envoy")]


def test_http2_is_spoken_on_both_endpoints(
    start_front: Any, upstream: str, http2_client: httpx.Client
) -> None:
    settings = start_front(upstream).settings
    for port in (settings.configuration_port, settings.https_port):
        answer = http2_client.post(f"https://localhost:{port}/x", content=b"abc")
        assert answer.http_version == "HTTP/2"
        assert answer.json()["received"] == 3


@pytest.mark.parametrize("behind", ["app", "upstream"])
@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/2"])
def test_claims_of_the_client_are_replaced_by_the_truth(
    start_front: Any,
    upstream: str,
    client: httpx.Client,
    http2_client: httpx.Client,
    behind: str,
    version: str,
) -> None:
    settings = start_front(upstream).settings
    port = settings.configuration_port if behind == "app" else settings.https_port
    used = http2_client if version == "HTTP/2" else client
    seen = used.get(f"https://localhost:{port}/", headers=SPOOFED).json()["headers"]
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-proto"] == "https"
    assert seen["x-forwarded-host"] == f"localhost:{port}"
    assert seen["host"] == f"localhost:{port}"
    told = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
    assert not {name.lower() for name in SPOOFED} - told & set(seen)
    assert not [value for value in seen.values() if "203.0.113.7" in value or "evil" in value]
    assert not [name for name in seen if name.startswith("x-envoy")]


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize(
    ("sent", "left"),
    [
        (f"{COOKIE}=secret", None),
        (f"a=1; {COOKIE}=secret; b=2", "a=1; b=2"),
        (f"{COOKIE}=secret;{COOKIE}=another; b=2=3", "b=2=3"),
        (f"a{COOKIE}=1; {COOKIE}s=2; c={COOKIE}", f"a{COOKIE}=1; {COOKIE}s=2; c={COOKIE}"),
        ("a=1; b=2", "a=1; b=2"),
    ],
)
def test_session_of_the_designer_stays_from_the_upstream(
    start_front: Any,
    upstream: str,
    client: httpx.Client,
    http2_client: httpx.Client,
    version: str,
    sent: str,
    left: str | None,
) -> None:
    settings = start_front(upstream).settings
    used = http2_client if version == "HTTP/2" else client
    url = f"https://localhost:{settings.https_port}/"
    assert used.get(url, headers={"cookie": sent}).json()["headers"].get("cookie") == left
    designer = f"https://localhost:{settings.configuration_port}/"
    assert used.get(designer, headers={"cookie": sent}).json()["headers"]["cookie"] == sent


def test_upstream_is_not_told_that_a_caller_is_near(
    start_front: Any, upstream: str, client: httpx.Client
) -> None:
    port = start_front(upstream).settings.https_port
    seen = client.get(f"https://localhost:{port}/").json()["headers"]
    assert not [name for name in seen if name.startswith("x-envoy")]


def test_plain_http_is_told_to_the_upstream(
    start_front: Any, upstream: str, client: httpx.Client
) -> None:
    settings = start_front(upstream, WebServerProtocol.HTTP).settings
    seen = client.get(f"http://localhost:{settings.http_port}/a/b?c=d", headers=SPOOFED).json()
    assert seen["headers"]["x-forwarded-proto"] == "http"
    assert seen["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert seen["path"] == "/a/b?c=d"


def test_path_prefix_of_the_upstream_cannot_be_left(
    start_front: Any, upstream: str, trusting: ssl.SSLContext
) -> None:
    port = start_front(f"{upstream}/base/").settings.https_port
    assert b'"path": "/base/x?y"' in _raw(port, trusting, b"GET /x?y HTTP/1.1")
    assert b'"path": "/base/"' in _raw(port, trusting, b"GET / HTTP/1.1")
    climbing = _raw(port, trusting, b"GET /../../secret HTTP/1.1")
    assert b'"path": "/base/secret"' in climbing or b" 400 " in climbing


@pytest.mark.parametrize(
    ("path", "arrives"),
    [
        ("/root.pem", "/publication/root.pem"),
        ("/ca/1.der", "/publication/ca/1.der"),
        ("/crl/1.crl", "/publication/crl/1.crl"),
    ],
)
def test_publication_port_offers_what_is_published(
    start_front: Any, client: httpx.Client, path: str, arrives: str
) -> None:
    port = start_front().settings.publication_port
    assert client.get(f"http://localhost:{port}{path}").json()["path"] == arrives
    assert client.head(f"http://localhost:{port}{path}").status_code == 200
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert client.request(method, f"http://localhost:{port}{path}").status_code == 404


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/1.1",
        b"GET /api/v1/status HTTP/1.1",
        b"GET /publication/root.pem HTTP/1.1",
        b"GET /ca HTTP/1.1",
        b"GET /root.pem.key HTTP/1.1",
        b"GET /ca/../api/v1/status HTTP/1.1",
        b"GET /ca/%2e%2e/api/v1/status HTTP/1.1",
        b"GET /ca/..;/api/v1/status HTTP/1.1",
        b"GET /ca/..%2f..%2fapi HTTP/1.1",
        b"GET /CA/1.der HTTP/1.1",
        b"CONNECT localhost:22 HTTP/1.1",
    ],
)
def test_publication_port_offers_nothing_else(
    start_front: Any, trusting: ssl.SSLContext, line: bytes
) -> None:
    port = start_front().settings.publication_port
    answer = _raw(port, None, line)
    # "..;" stays below /ca/ as the app sees it too.
    refusals = (b"400", b"403", b"404")
    assert b'"path": "/publication/ca/' in answer or answer.split(b" ")[1] in refusals


@pytest.mark.parametrize(
    "path",
    ["/publication", "/publication/root.pem", "//publication/root.pem", "/%70ublication/root.pem"],
)
def test_configuration_port_does_not_offer_the_publication_routes(
    start_front: Any, trusting: ssl.SSLContext, path: str
) -> None:
    port = start_front().settings.configuration_port
    answer = _raw(port, trusting, f"GET {path} HTTP/1.1".encode())
    assert answer.startswith(b"HTTP/1.1 404 ")


def test_odd_requests_to_our_own_app_are_refused(
    start_front: Any, trusting: ssl.SSLContext
) -> None:
    port = start_front().settings.configuration_port
    for line, header in (
        (b"GET /a%2fb HTTP/1.1", b""),
        (b"GET / HTTP/1.1", b"X_Forwarded_For: 203.0.113.7\r\n"),
        (b"GET / HTTP/1.1", b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
        (b"GET / HTTP/1.1", b"Bad Name: 1\r\n"),
    ):
        assert _raw(port, trusting, line, header).startswith(b"HTTP/1.1 400 ")
    many = b"".join(b"X-%d: 1\r\n" % number for number in range(120))
    assert _raw(port, trusting, b"GET / HTTP/1.1", many).startswith(b"HTTP/1.1 431 ")
    long = b"X-Long: " + b"a" * 100_000 + b"\r\n"
    assert _raw(port, trusting, b"GET / HTTP/1.1", long).startswith(b"HTTP/1.1 431 ")


def test_somebody_elses_server_gets_its_escapes_but_no_underscores(
    start_front: Any, upstream: str, trusting: ssl.SSLContext
) -> None:
    port = start_front(upstream).settings.https_port
    answer = _raw(port, trusting, b"GET /a%2Fb//c HTTP/1.1", b"X_Forwarded_For: 203.0.113.7\r\n")
    assert b'"path": "/a%2Fb//c"' in answer
    assert b"203.0.113.7" not in answer


def test_http_1_0_is_answered(start_front: Any, upstream: str) -> None:
    settings = start_front(upstream, WebServerProtocol.HTTP).settings
    for port in (settings.publication_port, settings.http_port):
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(b"GET /root.pem HTTP/1.0\r\n\r\n")
            assert b" 200 OK" in _read_all(connection)


def test_status_page_stands_in_for_a_missing_upstream(
    start_front: Any, client: httpx.Client
) -> None:
    port = start_front(server_name="<b>&todd").settings.https_port
    answer = client.get(f"https://localhost:{port}/anything")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>&lt;b&gt;&amp;todd</h1>" in answer.text
    assert "--upstream" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers


def test_silent_upstream_is_told_in_plain_words(start_front: Any, client: httpx.Client) -> None:
    running = start_front(f"http://127.0.0.1:{free_port()}")
    answer = client.get(f"https://localhost:{running.settings.https_port}/")
    assert answer.status_code == 503
    assert answer.text == "The server behind this address does not answer.\n"


def test_upstream_by_name_is_found(start_front: Any, upstream: str, client: httpx.Client) -> None:
    running = start_front(upstream.replace("127.0.0.1", "localhost"))
    assert client.get(f"https://localhost:{running.settings.https_port}/x").json()["path"] == "/x"


def test_upstream_whose_name_is_not_found_holds_nothing_up(
    start_front: Any, client: httpx.Client
) -> None:
    running = start_front("http://no-such-server.invalid:9000")
    answer = client.get(f"https://localhost:{running.settings.configuration_port}/")
    assert answer.status_code == 200


def test_https_upstream_is_verified_and_called_by_its_own_name(
    start_front: Any,
    tls_upstream: int,
    client: httpx.Client,
    pair: Any,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "roots.pem").write_text(pair.chain_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "roots.pem"))
    for host in ("localhost", "127.0.0.1"):
        settings = start_front(f"https://{host}:{tls_upstream}").settings
        url = f"https://localhost:{settings.https_port}/"
        seen = client.get(url).json()["headers"]
        assert seen["host"] == f"{host}:{tls_upstream}"
        assert seen["x-forwarded-host"] == f"localhost:{settings.https_port}"


def test_https_upstream_of_an_unknown_root_is_not_called(
    start_front: Any, tls_upstream: int, client: httpx.Client
) -> None:
    settings = start_front(f"https://localhost:{tls_upstream}").settings
    assert client.get(f"https://localhost:{settings.https_port}/").status_code == 503


def test_https_upstream_of_another_name_is_not_called(
    start_front: Any,
    tls_upstream: int,
    client: httpx.Client,
    pair: Any,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "roots.pem").write_text(pair.chain_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "roots.pem"))
    settings = start_front(f"https://127.0.0.2:{tls_upstream}").settings
    assert client.get(f"https://localhost:{settings.https_port}/").status_code == 503


def _raw(port: int, trusting: ssl.SSLContext | None, line: bytes, headers: bytes = b"") -> bytes:
    """The whole answer to a request written by hand."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        if trusting is not None:
            connection = trusting.wrap_socket(connection, server_hostname="localhost")
        connection.sendall(
            line + b"\r\nHost: localhost\r\nConnection: close\r\n" + headers + b"\r\n"
        )
        answer = _read_all(connection)
        connection.close()
        return answer


def _read_all(connection: socket.socket) -> bytes:
    answer = b""
    while received := connection.recv(65536):
        answer += received
    return answer
