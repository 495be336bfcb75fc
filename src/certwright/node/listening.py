"""Settling where the front listens, before anything is started."""

import time
from dataclasses import replace

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.ports import check_port_free, choose_ports
from certwright.lifecycle.server import Ports
from certwright.node.settings import NodeSettings

_LEFTOVER_SECONDS = 2.0
"""A killed node's front is told to end by the kernel, and may be at it still."""


def settle_ports(settings: NodeSettings) -> NodeSettings:
    """Replace each port 0 by a free one, and see that the others can be had.

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
    for port, purpose, option in uses:
        if port:
            _wait_until_free(settings.bind, port, purpose, option)
    chosen = choose_ports(settings.bind, [port for port, _, _ in uses])
    return replace(settings, ports=Ports(*chosen))


def _wait_until_free(bind: tuple[str, ...], port: int, purpose: str, option: str) -> None:
    deadline = time.monotonic() + _LEFTOVER_SECONDS
    while True:
        try:
            check_port_free(bind, port, purpose, option)
        except CertwrightError as error:
            if error.code is not ErrorCode.PORT_IN_USE or time.monotonic() >= deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _refuse_equal(ports: list[int]) -> None:
    twice = {port for port in ports if ports.count(port) > 1}
    if twice:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"Port {min(twice)} is given twice.",
            "Give each of the four ports its own number.",
        )
