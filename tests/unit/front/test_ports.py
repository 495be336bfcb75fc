"""Ports: chosen where 0 was asked for, and refused in plain words where they cannot be had."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.port_holder import find_holder
from certwright.front.ports import (
    EVERY_ADDRESS,
    check_port_free,
    hold_port,
    usable_addresses,
)

from ...interop.servers import free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which this process listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def held() -> Iterator[ExitStack]:
    """What keeps ports until the test ends."""
    with ExitStack() as stack:
        yield stack


def hold(held: ExitStack, bind: Sequence[str], port: int = 0) -> int:
    return hold_port(held, bind, port, "the Web Server", "--https-port")


def test_zeros_become_different_ports(held: ExitStack) -> None:
    ports = {hold(held, ["127.0.0.1"]) for _ in range(50)}
    assert len(ports) == 50
    assert 0 not in ports


def test_port_is_held_on_every_address_until_it_is_let_go() -> None:
    addresses = usable_addresses(None)
    with ExitStack() as held:
        port = hold(held, addresses, free_port())
        for address in addresses:
            with pytest.raises(CertwrightError) as refusal:
                check_port_free([address], port, "the Web Server", "--https-port")
            assert refusal.value.code is ErrorCode.PORT_IN_USE
    for address in addresses:
        check_port_free([address], port, "the Web Server", "--https-port")


def test_what_cannot_be_had_on_one_address_is_held_on_none(taken: int) -> None:
    with ExitStack() as held:
        with pytest.raises(CertwrightError):
            hold(held, ["127.0.0.2", "127.0.0.1"], taken)
        check_port_free(["127.0.0.2"], taken, "the Web Server", "--https-port")


@pytest.mark.parametrize("shares", [False, True])
def test_nobody_else_has_a_held_port_but_the_front(held: ExitStack, shares: bool) -> None:
    port = hold(held, ["127.0.0.1"])
    with closing(socket.socket()) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shares:  # as Envoy does, which runs by the same account
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            other.bind(("127.0.0.1", port))
            other.listen()
            socket.create_connection(("127.0.0.1", port), 5).close()
        else:
            with pytest.raises(OSError, match="in use"):
                other.bind(("127.0.0.1", port))


def test_two_nodes_never_have_one_port(held: ExitStack) -> None:
    with closing(socket.socket()) as envoy:
        port = hold(held, ["127.0.0.1"])
        envoy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        envoy.bind(("127.0.0.1", port))
        envoy.listen()
        with pytest.raises(CertwrightError) as refusal:
            hold(held, ["127.0.0.1"], port)
        assert refusal.value.code is ErrorCode.PORT_IN_USE


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


def test_port_whose_last_connections_linger_is_free() -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as listener:
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = listener.accept()
        accepted.close()  # the side that closes first is the one in TIME_WAIT
        client.close()
    check_port_free(["127.0.0.1"], port, "the Web Server", "--https-port")


@pytest.mark.parametrize("bind", [["192.0.2.1"], ["127.0.0.1", "2001:db8::1"]])
def test_address_of_another_machine_is_refused(held: ExitStack, bind: list[str]) -> None:
    port = free_port()
    for act in (
        lambda: check_port_free(bind, port, "the Web Server", "--https-port"),
        lambda: hold(held, bind),
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


def test_holder_that_calls_itself_anything_is_told_of_in_harmless_words(taken: int) -> None:
    comm = Path(f"/proc/self/task/{os.getpid()}/comm")  # the first thread's name is the process's
    former = comm.read_bytes()
    comm.write_bytes(b"\xff\x1b[31m\x9b\nx")
    try:
        told = str(find_holder(taken))
    finally:
        comm.write_bytes(former.strip())
    assert told.isprintable()
    assert "[31m" in told
    assert f"(process {os.getpid()})" in told


def test_holder_is_found_and_a_free_port_has_none(taken: int) -> None:
    assert f"(process {os.getpid()})" in str(find_holder(taken))
    assert find_holder(free_port()) is None


def listening(*arguments: str) -> subprocess.Popen[str]:
    program = (
        "import socket, sys; taken = socket.create_server(('127.0.0.1', 0)); "
        "print(taken.getsockname()[1], flush=True); sys.stdin.read()"
    )
    return subprocess.Popen(
        [*arguments, sys.executable, "-S", "-c", program, "--config-path", FRONT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


FRONT = "/run/certwright-0-0123456789ab/front/bootstrap.json"


def test_of_another_node_its_front_is_known_and_the_node_is_to_be_stopped() -> None:
    with listening("sh", "-c", '"$@"; true', "sh") as node:
        assert node.stdout
        port = int(node.stdout.readline())
        with pytest.raises(CertwrightError) as refusal:
            check_port_free(["127.0.0.1"], port, "the Web Server", "--https-port")
        node.communicate()
    assert refusal.value.message.endswith(", the front of another node.")
    assert f"Stop that node (process {node.pid}), or" in refusal.value.remedy


def test_the_front_of_the_node_itself_is_none_of_another() -> None:
    with listening() as front:
        assert front.stdout
        holder = find_holder(int(front.stdout.readline()))
        front.communicate()
    assert holder is not None
    assert holder.to_stop == "that program"
    assert f"(process {front.pid})" in holder.words
