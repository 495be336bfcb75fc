"""Settling where the front listens, before anything is started."""

import time
from contextlib import ExitStack
from dataclasses import replace

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.ports import Ports, hold_port
from certwright.node.settings import NodeSettings

_LEFTOVER_SECONDS = 2.0
"""A killed node's front is told to end by the kernel, and may be at it still."""


def settle_ports(settings: NodeSettings, held: ExitStack) -> NodeSettings:
    """Keep the ports for this node until `held` closes, each 0 replaced by a free one.

    Raises PORT_IN_USE, NOT_PERMITTED or INVALID_INPUT, each naming the option to change.
    """
    wanted = settings.ports
    uses = (
        (wanted.configuration, "the Configuration Server", "--configuration-port"),
        (wanted.http, "the Web Server (HTTP)", "--http-port"),
        (wanted.https, "the Web Server (HTTPS)", "--https-port"),
        (wanted.publication, "the publication of CA certificates", "--publication-port"),
    )
    _refuse_equal([port for port, _, _ in uses if port])
    # Those that are named first, so that none of them is taken for one that may be any.
    in_turn = sorted(uses, key=lambda use: use[0] == 0)
    chosen = {use: _hold_when_free(held, settings.bind, *use) for use in in_turn}
    return replace(settings, ports=Ports(*(chosen[use] for use in uses)))


def _hold_when_free(
    held: ExitStack, bind: tuple[str, ...], port: int, purpose: str, option: str
) -> int:
    deadline = time.monotonic() + _LEFTOVER_SECONDS
    while True:
        try:
            return hold_port(held, bind, port, purpose, option)
        except CertwrightError as error:
            if error.code is not ErrorCode.PORT_IN_USE or time.monotonic() >= deadline:
                raise
            time.sleep(0.05)


def _refuse_equal(ports: list[int]) -> None:
    twice = {port for port in ports if ports.count(port) > 1}
    if twice:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"Port {min(twice)} is given twice.",
            "Give each of the four ports its own number.",
        )
