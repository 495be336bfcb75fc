"""Answers of servers, taken apart byte by byte, whoever sent them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.machine.client_hello import build_client_hello
from certwright.machine.server_hello import Answer, NotTls, read_answer, read_version

TLS_1_2, TLS_1_3 = 0x0303, 0x0304


def record(body: bytes, kind: int = 22) -> bytes:
    return bytes([kind, 3, 3]) + len(body).to_bytes(2, "big") + body


def message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def server_hello(extensions: bytes, version: int = TLS_1_2) -> bytes:
    session = bytes(32)
    body = version.to_bytes(2, "big") + bytes(32) + bytes([32]) + session + b"\x13\x01\x00"
    return message(2, body + len(extensions).to_bytes(2, "big") + extensions)


def extension(kind: int, content: bytes) -> bytes:
    return kind.to_bytes(2, "big") + len(content).to_bytes(2, "big") + content


RETRY = server_hello(extension(43, b"\x03\x04") + extension(51, b"\x11\xec"))
CERTIFICATE = message(11, bytes(3000))
KEY_EXCHANGE = message(12, b"\x03\x00\x1d" + bytes(40))
FLIGHT_1_2 = server_hello(b"") + CERTIFICATE + KEY_EXCHANGE + message(14, b"")


def test_retry_names_the_group() -> None:
    assert read_answer(record(RETRY)) == Answer(TLS_1_3, 0x11EC, None)
    assert read_version(record(RETRY)) == Answer(TLS_1_3, 0x11EC, None)


def test_tls_1_3_without_a_share_names_none() -> None:
    hello = server_hello(extension(43, b"\x03\x04"))
    assert read_answer(record(hello)) == Answer(TLS_1_3, None, None)


def test_tls_1_2_names_the_curve_later() -> None:
    assert read_answer(record(FLIGHT_1_2)) == Answer(TLS_1_2, 0x1D, None)
    assert read_answer(record(server_hello(b""))) is None
    assert read_version(record(server_hello(b""))) == Answer(TLS_1_2, None, None)


def test_tls_1_2_without_a_curve() -> None:
    no_curve = message(12, b"\x00\x01\x02")
    assert read_answer(record(server_hello(b"") + no_curve)) == Answer(TLS_1_2, None, None)
    done = server_hello(b"") + CERTIFICATE + message(14, b"")
    assert read_answer(record(done)) == Answer(TLS_1_2, None, None)


def test_hello_without_extensions_ends_after_the_compression_method() -> None:
    body = b"\x03\x01" + bytes(32) + b"\x00" + b"\x00\x2f\x00"
    assert read_version(record(message(2, body))) == Answer(0x0301, None, None)


def test_alert() -> None:
    refusal = record(b"\x02\x46", kind=21)
    assert read_answer(refusal) == read_version(refusal) == Answer(None, None, 0x46)
    assert read_answer(record(server_hello(b"")) + refusal) == Answer(None, None, 0x46)


@pytest.mark.parametrize("flight", [RETRY, FLIGHT_1_2], ids=["1.3", "1.2"])
@given(size=st.integers(min_value=1, max_value=2000))
def test_messages_over_many_records_read_the_same(flight: bytes, size: int) -> None:
    pieces = [flight[start : start + size] for start in range(0, len(flight), size)]
    whole = b"".join(record(piece) for piece in pieces)
    assert read_answer(whole) == read_answer(record(flight))


@pytest.mark.parametrize("flight", [RETRY, FLIGHT_1_2], ids=["1.3", "1.2"])
def test_every_beginning_waits_for_more(flight: bytes) -> None:
    whole = record(flight)
    complete = read_answer(whole)
    assert complete is not None
    for length in range(0, len(whole), 7):
        assert read_answer(whole[:length]) in (None, complete)


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\x15\x03",
        b"SSH-2.0-OpenSSH",
        b"\x16\x02\x00\x00\x01x",
        b"\x16\x03\x03\xff\xff",
        record(b"\x02\xff\xff\xff"),
        record(message(11, b"")),
        record(message(2, b"\x03\x03")),
        record(server_hello(b"\x00\x2b\x00\xff")),
        record(b"\x02", kind=21),
        record(server_hello(b"") + message(12, b"\x03")),
    ],
)
def test_what_is_not_tls_is_refused_or_waited_for(data: bytes) -> None:
    if data == b"\x15\x03":
        assert read_answer(data) is None
        return
    with pytest.raises(NotTls):
        read_answer(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for prefix in (b"", b"\x16\x03\x03", record(server_hello(b""))):
        for read in (read_answer, read_version):
            outcome = _read_or_refused(read, prefix + data)
            assert outcome is None or isinstance(outcome, Answer | NotTls)


def _read_or_refused(read: object, data: bytes) -> object:
    assert callable(read)
    try:
        return read(data)
    except NotTls as refusal:
        return refusal


@given(
    name=st.sampled_from(["todd.corp.example", "10.1.2.3", "::1", "x" * 250]),
    versions=st.sampled_from([(0x0304, 0x0303), (0x0304,), (0x0303,), (0x0302,), (0x0301,)]),
    session=st.binary(max_size=32),
)
def test_hello_has_proper_lengths(name: str, versions: tuple[int, ...], session: bytes) -> None:
    hello = build_client_hello(name, versions, random=bytes(32), session=session)
    assert hello[:3] == b"\x16\x03\x01"
    assert int.from_bytes(hello[3:5], "big") == len(hello) - 5
    assert hello[5] == 1
    assert int.from_bytes(hello[6:9], "big") == len(hello) - 9
    # RFC 8446 4.1.2: legacy_version "MUST be set to 0x0303" with TLS 1.3.
    assert int.from_bytes(hello[9:11], "big") == min(versions[0], 0x0303)
    assert (name.encode() in hello) == (not name[0].isdigit() and ":" not in name)
