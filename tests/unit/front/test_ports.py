"""Ports: chosen where 0 was asked for, and refused in plain words where they cannot be had."""

import os
import socket
from collections.abc import Iterator

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.port_holder import describe_holder
from certwright.front.ports import (
    EVERY_ADDRESS,
    check_port_free,
    choose_ports,
    free_port,
    usable_addresses,
)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which this process listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_zeros_become_different_free_ports_and_the_others_stay() -> None:
    ports = choose_ports(["127.0.0.1"], (0, 8065, 0, 0))
    assert ports[1] == 8065
    assert len(set(ports)) == 4
    assert 0 not in ports
    for port in (ports[0], *ports[2:]):
        check_port_free(["127.0.0.1"], port, "the Web Server", "--https-port")


def test_free_port_is_free_on_every_address() -> None:
    addresses = usable_addresses(None)
    port = free_port(addresses)
    for address in addresses:
        check_port_free([address], port, "the Web Server", "--https-port")


def test_port_in_use_names_port_purpose_option_and_holder(taken: int) -> None:
    for bind in (["127.0.0.1"], EVERY_ADDRESS[:1]):
        with pytest.raises(CertwrightError) as refusal:
            check_port_free(bind, taken, "the Web Server", "--https-port")
        error = refusal.value
        assert error.code is ErrorCode.PORT_IN_USE
        assert f"Port {taken} for the Web Server" in error.message
        assert f"(process {os.getpid()})" in error.message
        assert "--https-port" in error.remedy


def test_port_of_another_address_is_free(taken: int) -> None:
    check_port_free(["127.0.0.2"], taken, "the Web Server", "--https-port")
    assert taken not in choose_ports(["127.0.0.1"], (taken, 0))[1:]


def test_port_whose_last_connections_linger_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = listener.accept()
        accepted.close()  # the side that closes first is the one in TIME_WAIT
        client.close()
    check_port_free(["127.0.0.1"], port, "the Web Server", "--https-port")


@pytest.mark.parametrize("bind", [["192.0.2.1"], ["127.0.0.1", "2001:db8::1"]])
def test_address_of_another_machine_is_refused(bind: list[str]) -> None:
    port = free_port(["127.0.0.1"])
    for act in (
        lambda: check_port_free(bind, port, "the Web Server", "--https-port"),
        lambda: free_port(bind),
    ):
        with pytest.raises(CertwrightError) as refusal:
            act()
        assert refusal.value.code is ErrorCode.INVALID_INPUT
        assert "--bind" in refusal.value.remedy


def test_addresses_are_made_canonical() -> None:
    assert usable_addresses(["127.0.0.1", "[::0]", "::", "127.0.0.1"]) == ("127.0.0.1", "::")


@pytest.mark.parametrize("address", ["", "localhost", "1.2.3", "::1::"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(CertwrightError) as refusal:
        usable_addresses([address])
    assert refusal.value.code is ErrorCode.INVALID_INPUT


def test_holder_is_found_and_a_free_port_has_none(taken: int) -> None:
    assert f"(process {os.getpid()})" in str(describe_holder(taken))
    assert describe_holder(free_port(["127.0.0.1"])) is None
