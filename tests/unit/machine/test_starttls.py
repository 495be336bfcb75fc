"""STARTTLS towards servers that refuse, lie, flood, or slip something in."""

import socket
import ssl
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.machine.servers import Answer, dripping, serving, silent

from certwright.machine.client_hello import preferred_group
from certwright.machine.handshake import FailureReason, HandshakeFailed, StartTls, shake_hands
from certwright.machine.starttls import USUAL_PORTS

LOOPBACK, NAME = "127.0.0.1", "todd.corp.example"
CHAIN = Path(__file__).parents[2] / "vectors" / "files" / "leaf-key-chain.pem"

MYSQL_GREETING = b"\x0a8.0.1\0" + bytes(4) + b"random..\0" + b"\xff\xff" + bytes(20)
LDAP_SUCCESS = bytes.fromhex("300c02010178070a010004000400")
LDAP_UNAVAILABLE = bytes.fromhex("300c02010178070a013404000400")


def packet(content: bytes, sequence: int = 0) -> bytes:
    return len(content).to_bytes(3, "little") + bytes([sequence]) + content


GREETINGS = {
    StartTls.SMTP: b"220 mail.corp.example ESMTP\r\n",
    StartTls.IMAP: b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n",
    StartTls.POSTGRES: b"",
    StartTls.MYSQL: packet(MYSQL_GREETING),
    StartTls.LDAP: b"",
}
ANSWERS = {
    StartTls.SMTP: [b"250-mail.corp.example\r\n250-SIZE 1\r\n250 STARTTLS\r\n", b"220 go\r\n"],
    StartTls.IMAP: [b"* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n"],
    StartTls.POSTGRES: [b"S"],
    StartTls.MYSQL: [],
    StartTls.LDAP: [LDAP_SUCCESS],
}
"""What an honest server says: first of all, and after each of our messages."""


def talking(greeting: bytes, answers: list[bytes], then: Answer) -> Answer:
    def answer(connection: socket.socket, over: threading.Event) -> None:
        connection.settimeout(5)
        connection.sendall(greeting)
        for one in answers:
            if not connection.recv(4096):
                return
            connection.sendall(one)
        then(connection, over)

    return answer


def speaking_tls(protocol: StartTls) -> Answer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CHAIN)

    def answer(connection: socket.socket, _over: threading.Event) -> None:
        if protocol is StartTls.MYSQL:  # the request comes at once before the ClientHello
            assert len(connection.recv(36, socket.MSG_WAITALL)) == 36
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(1)

    return talking(GREETINGS[protocol], ANSWERS[protocol], answer)


def failure_of(protocol: StartTls, answer: Answer, seconds: float = 5.0) -> HandshakeFailed:
    with serving(answer) as port, pytest.raises(HandshakeFailed) as caught:
        shake_hands(LOOPBACK, port, NAME, timeout_seconds=seconds, starttls=protocol)
    return caught.value


@pytest.mark.parametrize("protocol", StartTls)
def test_honest_server(protocol: StartTls) -> None:
    with serving(speaking_tls(protocol)) as port:
        seen = shake_hands(LOOPBACK, port, NAME, starttls=protocol)
    assert (len(seen.chain), seen.alpn) == (2, None)


@pytest.mark.parametrize("protocol", StartTls)
def test_group_of_an_honest_server(protocol: StartTls) -> None:
    with serving(speaking_tls(protocol)) as port:
        assert preferred_group(LOOPBACK, port, NAME, starttls=protocol) is not None


@pytest.mark.parametrize("protocol", StartTls)
@pytest.mark.parametrize("slipped_in", [b"\x16", b"250 injected\r\n", b"\n"])
def test_what_is_slipped_in_behind_the_consent_ends_it(
    protocol: StartTls, slipped_in: bytes
) -> None:
    greeting, answers = GREETINGS[protocol], list(ANSWERS[protocol])
    if answers:
        answers[-1] += slipped_in
    else:
        greeting += slipped_in
    failure = failure_of(protocol, talking(greeting, answers, silent))
    assert failure.reason is FailureReason.TAMPERED
    assert "somebody on the way" in failure.message


REFUSALS = {
    "smtp that is too busy": (StartTls.SMTP, b"421 later\r\n", []),
    "smtp without the extension": (StartTls.SMTP, b"220 a\r\n", [b"250-a\r\n250 SIZE\r\n"]),
    "smtp that offers and declines": (
        StartTls.SMTP,
        b"220 a\r\n",
        [b"250-a\r\n250 starttls\r\n", b"454 TLS not available\r\n"],
    ),
    "imap that is logged in already": (StartTls.IMAP, b"* PREAUTH hello\r\n", []),
    "imap that says goodbye": (StartTls.IMAP, b"* BYE\r\n", []),
    "imap that declines": (StartTls.IMAP, b"* OK hello\r\n", [b"a1 BAD no\r\n"]),
    "imap that hangs up": (StartTls.IMAP, b"* OK hello\r\n", [b"* BYE\r\n"]),
    "postgres without": (StartTls.POSTGRES, b"", [b"N"]),
    "mysql without": (
        StartTls.MYSQL,
        packet(MYSQL_GREETING.replace(b"\xff\xff", b"\xff\xf7")),
        [],
    ),
    "mysql that lets nobody in": (StartTls.MYSQL, packet(b"\xff\x15\x04Host blocked"), []),
    "ldap without": (StartTls.LDAP, b"", [LDAP_UNAVAILABLE]),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusal_is_told_as_such(case: str) -> None:
    protocol, greeting, answers = REFUSALS[case]
    failure = failure_of(protocol, talking(greeting, answers, silent))
    assert failure.reason is FailureReason.NO_STARTTLS, failure.message
    assert protocol.label in failure.message


OTHERS = {
    "ssh for smtp": (StartTls.SMTP, b"SSH-2.0-OpenSSH_9.2\r\n", []),
    "three digits and a letter": (StartTls.SMTP, b"220xno\r\n", []),
    "endless answer": (StartTls.SMTP, b"220-a\r\n" * 300, []),
    "endless line": (StartTls.SMTP, b"220 " + b"a" * 20_000, []),
    "smtp for imap": (StartTls.IMAP, b"220 mail\r\n", []),
    "imap without end": (StartTls.IMAP, b"* OK\r\n", [b"* x\r\n" * 300]),
    "imap of another": (StartTls.IMAP, b"* OK\r\n", [b"b2 OK\r\n"]),
    "http for postgres": (StartTls.POSTGRES, b"", [b"HTTP/1.1 400 Bad Request\r\n"]),
    "error of an old postgres": (StartTls.POSTGRES, b"", [b"E"]),
    "absurd packet": (StartTls.MYSQL, b"\xff\xff\xff\x00", []),
    "empty packet": (StartTls.MYSQL, b"\0\0\0\0", []),
    "mysql cut off": (StartTls.MYSQL, packet(MYSQL_GREETING[:14]), []),
    "mysql without version's end": (StartTls.MYSQL, packet(b"\x0a8.0"), []),
    "ssh for mysql": (StartTls.MYSQL, b"SSH-2.0-OpenSSH_9.2\r\n" + bytes(70_000), []),
    "ldap of another tag": (StartTls.LDAP, b"", [b"\x31\x05\x02\x01\x01\x78\x00"]),
    "ldap of absurd length": (StartTls.LDAP, b"", [b"\x30\x84\xff\xff\xff\xff"]),
    "ldap without length": (StartTls.LDAP, b"", [b"\x30\x80\x02\x01\x01\x00\x00"]),
    "ldap of length in nine": (StartTls.LDAP, b"", [b"\x30\x89" + bytes(9)]),
    "ldap that is empty": (StartTls.LDAP, b"", [b"\x30\x00"]),
    "ldap cut off within": (StartTls.LDAP, b"", [b"\x30\x03\x02\x05\x01"]),
}


@pytest.mark.parametrize("case", OTHERS)
def test_other_protocols_are_told_as_such(case: str) -> None:
    protocol, greeting, answers = OTHERS[case]
    failure = failure_of(protocol, talking(greeting, answers, silent))
    assert failure.reason is FailureReason.WRONG_PROTOCOL, failure.message
    assert protocol.label in failure.message


@pytest.mark.parametrize("protocol", StartTls)
def test_silence_and_dripping_end_with_the_deadline(protocol: StartTls) -> None:
    for answer in (silent, dripping(b"2" * 1000, 0.05)):
        failure = failure_of(protocol, answer, seconds=0.4)
        assert failure.reason in {FailureReason.TIMEOUT, FailureReason.WRONG_PROTOCOL}


@pytest.mark.parametrize("protocol", StartTls)
def test_flood_ends(protocol: StartTls) -> None:
    failure = failure_of(protocol, flooding_at_once, seconds=30)
    assert failure.reason in {FailureReason.WRONG_PROTOCOL, FailureReason.CLOSED}


def flooding_at_once(connection: socket.socket, over: threading.Event) -> None:
    while not over.is_set():
        connection.sendall(b"2" * 4096)


@pytest.mark.parametrize("protocol", StartTls)
def test_closing_is_told_as_such(protocol: StartTls) -> None:
    failure = failure_of(protocol, talking(GREETINGS[protocol], [], hanging_up))
    assert failure.reason is FailureReason.CLOSED


def hanging_up(connection: socket.socket, _over: threading.Event) -> None:
    connection.recv(4096)
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass


@settings(max_examples=150)
@given(protocol=st.sampled_from(StartTls), data=st.binary(max_size=90), is_greeted=st.booleans())
def test_any_bytes_are_a_failure_in_words(
    protocol: StartTls, data: bytes, is_greeted: bool
) -> None:
    greeting = GREETINGS[protocol] if is_greeted else b""
    failure = failure_of(protocol, talking(greeting + data, [], saying_no_more))
    assert failure.message.endswith(".")


def saying_no_more(connection: socket.socket, _over: threading.Event) -> None:
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass


def test_usual_ports_cover_every_protocol() -> None:
    assert set(USUAL_PORTS.values()) == set(StartTls)
