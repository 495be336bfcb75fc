"""Records as RFC 5424 has them, to a real socket of each kind."""

import re
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.telling.syslog import Syslog, SyslogAddress, Transport, read_address

from .conftest import LOOPBACK, MESSAGE, StreamReceiver, Trust

RECORD = re.compile(
    r"<27>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ todd\.corp\.example certwright \d+ proof-changed "
    r'\[certwright@32473 kind="proof-changed" subject="web-server" count="3" message="mail-7-9"\] '
    "\ufeffWeb Server not proven: .*Look from outside\\."
)


def test_a_local_socket_gets_a_record_for_each_sentence(
    datagrams: socket.socket, tmp_path: Path, trust: Trust
) -> None:
    Syslog(read_address(str(tmp_path / "log")), trust.client).send(
        replace(MESSAGE, entries=MESSAGE.entries * 2)
    )
    for _ in range(2):
        assert RECORD.fullmatch(datagrams.recv(4096).decode())


def test_it_goes_by_udp(trust: Trust) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.settimeout(20)
        listener.bind((LOOPBACK, 0))
        address = SyslogAddress(Transport.UDP, LOOPBACK, listener.getsockname()[1])
        Syslog(address, trust.client).send(MESSAGE)
        assert RECORD.fullmatch(listener.recv(4096).decode())


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.TLS])
def test_over_a_stream_each_record_has_its_length_before_it(
    transport: Transport, take_stream: Callable[..., StreamReceiver], trust: Trust
) -> None:
    receiver = take_stream(tls=transport is Transport.TLS)
    address = SyslogAddress(transport, "localhost", receiver.port)
    Syslog(address, trust.client).send(replace(MESSAGE, entries=MESSAGE.entries * 2))
    left = receiver.all()
    for _ in range(2):
        length, _, left = left.partition(b" ")
        assert RECORD.fullmatch(left[: int(length)].decode())
        left = left[int(length) :]
    assert left == b""


def test_a_subject_cannot_end_the_structured_data(
    datagrams: socket.socket, tmp_path: Path, trust: Trust
) -> None:
    entry = replace(MESSAGE.entries[0], subject='x"] y\\', sentence="ä" * 5000)
    Syslog(read_address(str(tmp_path / "log")), trust.client).send(
        replace(MESSAGE, entries=(entry,))
    )
    record = datagrams.recv(8192)
    assert rb'subject="x\"\] y\\"' in record
    assert len(record) <= 2048
    assert record.decode()


def test_nobody_there_is_told(tmp_path: Path, trust: Trust) -> None:
    with pytest.raises(CertwrightError) as caught:
        Syslog(read_address(str(tmp_path / "none")), trust.client).send(MESSAGE)
    assert caught.value.code is ErrorCode.TELLING_FAILED
    assert "No such file" in caught.value.message


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/dev/log", SyslogAddress(Transport.LOCAL, "/dev/log", 0)),
        ("udp://log.corp.example", SyslogAddress(Transport.UDP, "log.corp.example", 514)),
        ("tls://[2001:db8::1]", SyslogAddress(Transport.TLS, "2001:db8::1", 6514)),
        ("tcp://10.0.0.1:1514", SyslogAddress(Transport.TCP, "10.0.0.1", 1514)),
    ],
)
def test_addresses_are_read_as_people_write_them(text: str, address: SyslogAddress) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize("text", ["log", "udp://", "tcp://a:0", "tcp://a:70000", "udp://a b"])
def test_what_no_syslog_can_have_as_its_address_is_refused(text: str) -> None:
    with pytest.raises(CertwrightError) as caught:
        read_address(text)
    assert caught.value.code is ErrorCode.INVALID_INPUT
