"""Fetching from servers that do as they please: real ones on loopback, most of them hostile."""

import socket
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from certwright.machine.fetching import FetchFailed, fetch

from ...interop.servers import free_port
from .servers import Answer, closing, dripping, flooding, saying, serving, silent

here = partial(fetch, most_bytes=1000, timeout_seconds=5.0, allow_private=True)


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def whole(body: bytes) -> bytes:
    return answer(body, f"Content-Length: {len(body)}")


def once(data: bytes) -> Answer:
    """Says `data`, whatever is asked, and closes."""

    def reply(connection: socket.socket, _over: threading.Event) -> None:
        connection.recv(4096)
        connection.sendall(data)

    return reply


def why(url: str, **options: object) -> str:
    with pytest.raises(FetchFailed) as failure:
        here(url, **options)  # type: ignore[arg-type]
    return failure.value.message


@pytest.mark.parametrize(
    "data",
    [
        whole(b"issuer"),
        answer(b"issuer"),
        answer(b"issuer", "Content-Length: -3"),
        answer(b"3\r\niss\r\n3;x=y\r\nuer\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + whole(b"issuer"),
        b"HTTP/1.0 200 OK\r\n\r\nissuer",
    ],
)
def test_content_comes_whole(data: bytes) -> None:
    with serving(once(data)) as port:
        assert here(f"http://127.0.0.1:{port}/ca.cer") == b"issuer"
        assert here(f"http://localhost:{port}/ca.cer") == b"issuer"


def test_request_is_what_a_server_expects() -> None:
    seen: list[bytes] = []

    def reply(connection: socket.socket, _over: threading.Event) -> None:
        seen.append(connection.recv(4096))
        connection.sendall(whole(b"yes"))

    with serving(reply) as port:
        here(f"http://127.0.0.1:{port}/a%20b/ca.cer?x=1#fragment")
        here(f"http://127.0.0.1:{port}", body=b"question", content_type="application/ocsp-request")
    asked, posted = (request.decode().split("\r\n") for request in seen)
    assert asked[0] == "GET /a%20b/ca.cer?x=1 HTTP/1.1"
    assert f"Host: 127.0.0.1:{port}" in asked
    assert not any(line.lower().startswith(("authorization", "cookie")) for line in asked)
    assert posted[0] == "POST / HTTP/1.1"
    assert "Content-Type: application/ocsp-request" in posted
    assert "Content-Length: 8" in posted
    assert posted[-1] == "question"


@pytest.mark.parametrize(
    "data",
    [
        whole(bytes(1001)),
        answer(bytes(1001)),
        answer(b"", "Content-Length: 99999999999999999999"),
        answer(b"ffffffffffff\r\n" + bytes(5000), "Transfer-Encoding: chunked"),
    ],
)
def test_too_much_is_refused(data: bytes) -> None:
    with serving(once(data)) as port:
        assert "larger than 1000 bytes" in why(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9\r\n",
        b"",
        answer(b"-1\r\n" + bytes(5000), "Transfer-Encoding: chunked"),
        answer(b"-5\r\n" + bytes(5000), "Transfer-Encoding: chunked"),
        answer(b"zz\r\n", "Transfer-Encoding: chunked"),
        answer(b"5\r\nab", "Transfer-Encoding: chunked"),
        answer(b"", *(f"X-{n}: y" for n in range(200))),
        answer(b"", "X: " + "y" * 70_000),
    ],
)
def test_what_is_no_http_is_refused(data: bytes) -> None:
    with serving(once(data)) as port:
        assert why(f"http://127.0.0.1:{port}/").endswith("is no HTTP.")


def test_half_of_it_is_refused() -> None:
    with serving(once(answer(b"half", "Content-Length: 8"))) as port:
        assert "closed the connection" in why(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("status", ["404 Not Found", "204 No Content", "500 Oh", "304 Same"])
def test_other_answers_than_200_are_refused(status: str) -> None:
    with serving(once(answer(b"", status=status))) as port:
        assert f"HTTP status {status[:3]}" in why(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "hostile",
    [
        silent,
        saying(b"HTTP/1.1 200 OK\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + bytes(900), 0.05),
        saying(answer(b"", "Content-Length: 10")),
        saying(answer(b"1\r\nx\r\n", "Transfer-Encoding: chunked")),
    ],
)
def test_one_deadline_is_over_all(hostile: Answer) -> None:
    with serving(hostile) as port:
        started = time.monotonic()
        told = why(f"http://127.0.0.1:{port}/", timeout_seconds=0.4)
        assert time.monotonic() - started < 20
    assert told.endswith("did not answer within 0.4 seconds.")


@pytest.mark.parametrize(
    "piece",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
        b"X: y\r\n" * 100,
        bytes(10_000),
    ],
)
def test_flood_is_not_taken_in(piece: bytes) -> None:
    with serving(flooding(piece)) as port:
        started = time.monotonic()
        why(f"http://127.0.0.1:{port}/", timeout_seconds=20)
        assert time.monotonic() - started < 10


def test_closing_at_once() -> None:
    with serving(closing) as port:
        assert f"http://127.0.0.1:{port}/" in why(f"http://127.0.0.1:{port}/")


def test_nobody_listens() -> None:
    port = free_port()
    assert why(f"http://127.0.0.1:{port}/").endswith(f"Nothing listens on 127.0.0.1:{port}.")


def redirecting(to: Callable[[int], str], status: str = "302 Found") -> Answer:
    """To `to(n)`, where n counts the requests from 1; once that is "", the content."""
    number = 0

    def reply(connection: socket.socket, _over: threading.Event) -> None:
        nonlocal number
        number += 1
        connection.recv(4096)
        location = to(number)
        data = answer(b"", f"Location: {location}", status=status) if location else whole(b"it")
        connection.sendall(data)

    return reply


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
def test_three_redirects_are_followed(status: str) -> None:
    with serving(redirecting(lambda n: f"/{n}" if n <= 3 else "", status)) as port:
        assert here(f"http://127.0.0.1:{port}/") == b"it"


def test_four_redirects_are_not() -> None:
    with serving(redirecting(lambda n: f"/{n}")) as port:
        assert "more than 3 times" in why(f"http://127.0.0.1:{port}/")


def test_what_was_posted_is_not_sent_as_a_question_elsewhere() -> None:
    with serving(redirecting(lambda _: "/x", "302 Found")) as port:
        assert "HTTP status 302" in why(f"http://127.0.0.1:{port}/", body=b"x")
    with serving(redirecting(lambda n: "/x" if n == 1 else "", "307 T")) as port:
        assert here(f"http://127.0.0.1:{port}/", body=b"x") == b"it"


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://127.0.0.1/", "only http is"),
        ("file:///etc/passwd", "only http is"),
        ("http://224.0.0.1:8080/", "not an address of the Internet"),
        ("http://127.0.0.1:25/", "another service's"),
        ("http://user:secret@127.0.0.1/", "no address"),
    ],
)
def test_each_redirect_is_checked_again(location: str, words: str) -> None:
    with serving(redirecting(lambda _: location)) as port:
        assert words in why(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "url",
    [
        "https://pki.example/ca.cer",
        "ftp://pki.example/ca.cer",
        "ldap:///CN=CA?cACertificate",
        "file:///etc/passwd",
        "/etc/passwd",
        "",
        "http://",
        "http:///ca.cer",
        "http://pki.example:0/",
        "http://pki.example:99999/",
        "http://pki.example:x/",
        "http://pki.example:25/",
        "http://pki.example:443/",
        "http://ada:secret@pki.example/",
        "http://@pki.example/",
        "http://pki.example\\@127.0.0.1/",
        "http://[fe80::1%25eth0]/",
        "http://[::1/",
        "http://pki.example/ca .cer",
        "http://pki.example/\r\nHost: other",
        "http://pki.example/\x00",
        "http://b\u00fccher.example/",
        "http://pki.example/" + "x" * 3000,
    ],
)
def test_address_that_is_not_fetched_from(url: str) -> None:
    told = why(url)
    assert len(told) < 400
    assert told.isprintable()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "0.0.0.0",  # noqa: S104
    ],
)
def test_nothing_inside_the_network_is_reached_unless_allowed(host: str) -> None:
    with serving(once(whole(b"secret of the machine"))) as port:
        told = why(f"http://{host}:{port}/", allow_private=False)
    assert "which is not an address of the Internet" in told


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "224.0.0.1", "255.255.255.255", "[::]", "[ff02::1]"],  # noqa: S104
)
def test_what_is_no_single_machine_is_never_reached(host: str) -> None:
    assert "not an address of the Internet" in why(f"http://{host}:8080/")


def test_address_that_was_looked_at_is_the_one_that_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that leads elsewhere at every look (DNS rebinding) gets one look only."""
    asked: list[str] = []
    ask = socket.getaddrinfo

    def counted(host: str, *arguments: object, **options: object) -> object:
        asked.append(host)
        return ask(host, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", counted)
    with serving(once(whole(b"it"))) as port:
        assert here(f"http://localhost:{port}/") == b"it"
    assert asked.count("localhost") == 1
