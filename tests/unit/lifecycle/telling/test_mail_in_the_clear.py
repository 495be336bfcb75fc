"""Mail that is not encrypted stays on this machine, whatever the DNS says next."""

import socket
import threading
from typing import Any

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.telling.mail import Encryption, Mail

from ...machine.servers import serving
from .conftest import LOOPBACK, MESSAGE, Trust

NAME = "mail.corp.example"


def mail(port: int, trust: Trust) -> Mail:
    people = ("todd@corp.example", ("ada@corp.example",))
    return Mail(NAME, port, Encryption.NONE, *people, context=trust.client)


def told(monkeypatch: pytest.MonkeyPatch, *addresses: list[str]) -> list[str]:
    """The DNS has another answer for the name each time; what was asked for besides it."""
    real, answers, others = socket.getaddrinfo, iter(addresses), list[str]()

    def look_up(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        if host != NAME:
            others.append(host)
            return real(host, port, *arguments, **options)
        return [entry for one in next(answers) for entry in real(one, port, *arguments, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return others


def refusing(connection: socket.socket, _: threading.Event) -> None:
    connection.sendall(b"554 nobody is here\r\n")


@pytest.mark.parametrize("addresses", [[LOOPBACK], ["127.0.9.9", LOOPBACK]])
def test_it_goes_to_the_addresses_that_were_looked_at(
    trust: Trust, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    asked = told(monkeypatch, addresses)
    with serving(refusing) as port, pytest.raises(CertwrightError, match="554 nobody is here"):
        mail(port, trust).send(MESSAGE)
    assert asked == addresses


@pytest.mark.parametrize("addresses", [["192.0.2.7"], [LOOPBACK, "192.0.2.7"], []])
def test_it_goes_to_no_other_machine(
    trust: Trust, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    told(monkeypatch, addresses)
    with pytest.raises(CertwrightError, match="not on this machine") as refused:
        mail(25, trust).send(MESSAGE)
    assert refused.value.code is ErrorCode.TELLING_FAILED
