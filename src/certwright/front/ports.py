"""Which addresses and ports the front has; settled before anything else of a node starts."""

import errno
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.port_holder import PortHolder, find_holder

EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - a server is there to be reached
_ATTEMPTS = 50
_NO_SUCH_FAMILY = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT}


@dataclass(frozen=True)
class Ports:
    """The TCP ports the front listens on."""

    configuration: int
    http: int
    https: int
    publication: int


def usable_addresses(bind: Sequence[str] | None) -> tuple[str, ...]:
    """The addresses to listen on, in canonical form.

    None means the default, all of them; only then is `::` dropped on a machine without IPv6,
    for an address that was asked for and cannot be had is an error, not something to pass over.
    Raises INVALID_INPUT.
    """
    if bind:
        return tuple(dict.fromkeys(_canonical(address) for address in bind))
    return EVERY_ADDRESS if _has_ipv6() else EVERY_ADDRESS[:1]


def hold_port(held: ExitStack, bind: Sequence[str], port: int, purpose: str, option: str) -> int:
    """Keep `port` for the front on all these addresses until `held` closes; returns its number.

    0 stands for any that is free on all of them at once. Nobody else can have a port that is
    held, not even another node: Envoy shares a port with whoever wants to share it, and clients
    would reach now the one node and now the other.

    `purpose` completes "for ...", `option` is the command line's. Raises PORT_IN_USE, naming who
    has the port where that can be seen, NOT_PERMITTED for a port that needs more rights, and
    INVALID_INPUT for an address that is not this machine's.
    """
    if port == 0:
        return _hold_any(held, bind)
    with ExitStack() as holding:
        for address in bind:
            _hold_wanted(holding, address, port, purpose, option)
        held.push(holding.pop_all())
    return port


def check_port_free(bind: Sequence[str], port: int, purpose: str, option: str) -> None:
    """Raise as `hold_port` if the port cannot be had."""
    with ExitStack() as held:
        hold_port(held, bind, port, purpose, option)


def _hold_any(held: ExitStack, bind: Sequence[str]) -> int:
    for _ in range(_ATTEMPTS):
        with ExitStack() as holding:
            try:
                port = _hold(holding, bind[0], 0)
                for address in bind[1:]:
                    _hold(holding, address, port)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise _unusable(bind, error) from None
                continue
            held.push(holding.pop_all())
            return port
    raise CertwrightError(
        ErrorCode.PORT_IN_USE,
        f"No port was found that is free on all of {', '.join(bind)}.",
        "Name the ports yourself instead of 0.",
    )


def _hold_wanted(held: ExitStack, address: str, port: int, purpose: str, option: str) -> None:
    try:
        _hold(held, address, port)
    except PermissionError:
        raise CertwrightError(
            ErrorCode.NOT_PERMITTED,
            f"This account may not listen on port {port} for {purpose}.",
            f"Give a port of 1024 or above with {option}, or start the node as root.",
        ) from None
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise _unusable([address], error) from None
        holder = find_holder(port) or PortHolder("")
        raise CertwrightError(
            ErrorCode.PORT_IN_USE,
            f"Port {port} for {purpose} is in use{f' by {holder.words}' if holder.words else ''}.",
            f"Stop {holder.to_stop}, or give another port with {option}.",
        ) from None


def _hold(held: ExitStack, address: str, port: int) -> int:
    """Bind as nobody else may but Envoy, until `held` closes; returns the port."""
    is_ipv6 = isinstance(ip_address(address), IPv6Address)
    holder = held.enter_context(
        socket.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET, socket.SOCK_STREAM)
    )
    if is_ipv6:
        holder.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    # Without it, connections of the last run that linger in TIME_WAIT would look like a user.
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(port != 0))
    holder.bind((address, port))
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    # Only now: two that asked to share before they bound would share.
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return int(holder.getsockname()[1])


def _has_ipv6() -> bool:
    with ExitStack() as held:
        try:
            _hold(held, "::", 0)
        except OSError as error:
            if error.errno in _NO_SUCH_FAMILY:
                return False
            raise
    return True


def _canonical(address: str) -> str:
    try:
        return str(ip_address(address.strip().removeprefix("[").removesuffix("]")))
    except ValueError:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"{address!r} is not an IP address to listen on.",
            "Give --bind an IPv4 or IPv6 address of this machine, for example 127.0.0.1.",
        ) from None


def _unusable(bind: Sequence[str], error: OSError) -> CertwrightError:
    reason = errno.errorcode.get(error.errno or 0, "unknown error")
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        f"This machine cannot listen on {', '.join(bind)} ({reason}).",
        "Give --bind addresses that this machine has; `ip address` lists them.",
    )
