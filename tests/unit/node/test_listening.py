"""Settling the ports before anything is started."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.ports import Ports
from certwright.node import listening
from certwright.node.listening import settle_ports
from certwright.node.settings import NodeSettings, parse_names
from certwright.rules.environment import Environment

from ...interop.servers import free_port

BIND = ("127.0.0.1",)


def settings(*ports: int, bind: tuple[str, ...] = BIND) -> NodeSettings:
    return NodeSettings(
        data=Path("/nowhere"),
        names=parse_names(["localhost"]),
        environment=Environment.TEST,
        database=None,
        bind=bind,
        ports=Ports(*ports),
        upstream=None,
        certificate=None,
        certificate_password_file=None,
        admin_password_file=None,
        ready_file=None,
    )


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port that somebody listens on; the patience with leftovers is cut short."""
    monkeypatch.setattr(listening, "_LEFTOVER_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture
def held() -> Iterator[ExitStack]:
    """What keeps ports until the test ends."""
    with ExitStack() as stack:
        yield stack


def numbers(ports: Ports) -> list[int]:
    return [ports.configuration, ports.http, ports.https, ports.publication]


def test_zeros_become_four_ports_that_nobody_else_has(held: ExitStack) -> None:
    chosen = numbers(settle_ports(settings(0, 0, 0, 0), held).ports)
    assert len(set(chosen)) == 4
    for port in chosen:
        with pytest.raises(OSError, match="in use"):
            socket.create_server(("127.0.0.1", port))


def test_chosen_ports_stay_as_they_are() -> None:
    first = settings(*(free_port() for _ in range(4)))
    with ExitStack() as held:
        assert settle_ports(first, held) == first


def test_second_node_with_the_same_ports_is_refused(
    held: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "_LEFTOVER_SECONDS", 0.1)
    first = settle_ports(settings(0, 0, 0, 0), held)
    with pytest.raises(CertwrightError) as error:
        settle_ports(first, held)
    assert error.value.code is ErrorCode.PORT_IN_USE


@pytest.mark.parametrize(
    ("position", "option"),
    [
        (0, "--configuration-port"),
        (1, "--http-port"),
        (2, "--https-port"),
        (3, "--publication-port"),
    ],
)
def test_port_in_use_is_told_with_the_option_to_change(
    taken: int, held: ExitStack, position: int, option: str
) -> None:
    ports = [0, 0, 0, 0]
    ports[position] = taken
    with pytest.raises(CertwrightError) as error:
        settle_ports(settings(*ports), held)
    assert error.value.code is ErrorCode.PORT_IN_USE
    assert str(taken) in error.value.message
    assert option in error.value.remedy


def test_one_port_for_two_purposes_is_refused(held: ExitStack) -> None:
    with pytest.raises(CertwrightError) as error:
        settle_ports(settings(9001, 9002, 9001, 0), held)
    assert error.value.code is ErrorCode.INVALID_INPUT
    assert "9001" in error.value.message


def test_address_of_another_machine_is_told_of(held: ExitStack) -> None:
    with pytest.raises(CertwrightError) as error:
        settle_ports(settings(0, 0, 0, 0, bind=("192.0.2.1",)), held)
    assert error.value.code is ErrorCode.INVALID_INPUT
    assert "192.0.2.1" in error.value.message
