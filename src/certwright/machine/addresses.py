"""Names into addresses within a time limit, and which addresses a stranger may send us to."""

import socket
import threading
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_TRANSLATED = IPv6Network("64:ff9b::/96")
"""RFC 6052 2.1: NAT64, whose last 32 bits are the IPv4 address that is reached."""
_TRANSLATED_LOCALLY = IPv6Network("64:ff9b:1::/48")
"""RFC 8215: "for local use", so never of the Internet."""
_COMPATIBLE = IPv6Network("::/96")
"""RFC 4291 2.5.5.1: deprecated, but some systems still reach the IPv4 address within."""
_CARRIER = IPv4Network("100.64.0.0/10")
"""RFC 6598: neither private nor public by Python's words, but inside a network all the same."""


class UnknownName(Exception):  # noqa: N818 - an outcome, named as people say it
    """Nobody knows an address for the name."""


def resolve(host: str, seconds: float) -> tuple[Address, ...]:
    """The addresses of `host`, which may itself be one; in the system's order, each once.

    Raises UnknownName, and TimeoutError after `seconds`; nobody is asked where none are left.
    """
    if not host.isascii() or not host.isprintable():
        # The C library would read up to the first NUL, and so ask for another name.
        raise UnknownName
    if seconds <= 0:
        raise TimeoutError
    outcome: list[tuple[str, ...]] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            outcome.append(())
        else:
            outcome.append(tuple(dict.fromkeys(str(target[0]) for *_, target in found)))

    # The system's resolver knows no deadline: a thread that can be left behind does.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise TimeoutError
    if not outcome[0]:
        raise UnknownName
    return tuple(ip_address(text) for text in outcome[0])


def is_public(address: Address) -> bool:
    """Whether it is one of the Internet, in itself and in every IPv4 address hidden within it.

    False for loopback, link-local, private, multicast, reserved and unspecified ones: the
    registries of RFC 6890 and its successors, as Python has them.
    """
    if isinstance(address, IPv6Address):
        if not all(map(is_public, _within(address))) or address in _TRANSLATED_LOCALLY:
            return False
        if address in _TRANSLATED:
            return True
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_link_local
        or address.is_private
        or (isinstance(address, IPv4Address) and address in _CARRIER)
        or (isinstance(address, IPv6Address) and address.is_site_local)
    )


def is_ordinary(address: Address) -> bool:
    """Whether one single machine can have it: neither multicast nor unspecified nor broadcast."""
    plain = [address, *(_within(address) if isinstance(address, IPv6Address) else ())]
    return not any(
        one.is_multicast or one.is_unspecified or str(one) == "255.255.255.255" for one in plain
    )


def _within(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that the bits of `address` lead to."""
    found = [address.ipv4_mapped, address.sixtofour]
    if address.teredo is not None:
        found += address.teredo
    if address in _TRANSLATED or _is_compatible(address):
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(one for one in found if one is not None)


def _is_compatible(address: IPv6Address) -> bool:
    return address in _COMPATIBLE and int(address) > 1
