"""Other sides that never come to an end: what they say fills no memory and holds no thread."""

import threading
from collections.abc import Callable
from contextlib import suppress
from socket import socket

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.telling.channel import Channel
from certwright.lifecycle.telling.mail import Encryption, Mail
from certwright.lifecycle.telling.webhook import Webhook

from ...machine.servers import serving
from .conftest import MESSAGE, SECRET, Trust

LOOPBACK = "127.0.0.1"
TOO_MUCH = "it says more than an answer has to say"
Say = Callable[[socket, threading.Event], None]


def saying(piece: bytes) -> Say:
    """Says it again and again, for as long as anybody listens."""

    def say(connection: socket, over: threading.Event) -> None:
        with suppress(OSError):
            while not over.is_set():
                connection.sendall(piece * 100)

    return say


def refusal(channel: Channel) -> str:
    with pytest.raises(CertwrightError) as caught:
        channel.send(MESSAGE)
    assert caught.value.code is ErrorCode.TELLING_FAILED
    return caught.value.message


@pytest.mark.parametrize("piece", [b"220-hello\r\n", b"220-\r\n"])
def test_a_mail_server_whose_reply_has_no_end_is_left(trust: Trust, piece: bytes) -> None:
    with serving(saying(piece)) as port:
        mail = Mail(
            *(LOOPBACK, port, Encryption.NONE, "todd@corp.example", ("ada@corp.example",)),
            context=trust.client,
        )
        assert TOO_MUCH in refusal(mail)


@pytest.mark.parametrize("header", [b"", b"X-Long: " + b"a" * 60000 + b"\r\n"])
def test_a_receiver_whose_answer_never_begins_is_left(trust: Trust, header: bytes) -> None:
    with serving(saying(b"HTTP/1.1 100 Continue\r\n" + header + b"\r\n")) as port:
        url = f"http://{LOOPBACK}:{port}/"
        webhook = Webhook(url, SECRET, allow_private=True, context=trust.client)
        assert TOO_MUCH in refusal(webhook)
