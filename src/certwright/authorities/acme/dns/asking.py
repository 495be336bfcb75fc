"""Asking a DNS server at each of its addresses, since some may not be reachable from here."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import dns.exception

from certwright.machine.addresses import Address

_Answer = TypeVar("_Answer")
_MOST = 8
"""Addresses of one server; whoever has its name says how many there are."""


def ask_each(addresses: Sequence[Address], ask: Callable[[str], _Answer]) -> _Answer:
    """The first answer that comes; raises what the last of the addresses, one at least, raised.

    Of very many the first eight are asked. An answer that is none counts, whatever it is: only
    silence leads on.
    """
    *others, last = map(str, addresses[:_MOST])
    for address in others:
        try:
            return ask(address)
        except (OSError, EOFError, dns.exception.Timeout):
            continue
    return ask(last)
