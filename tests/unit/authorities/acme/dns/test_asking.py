"""A DNS server is asked at each of its addresses, until one answers."""

from collections.abc import Callable
from ipaddress import ip_address

import dns.exception
import pytest

from certwright.authorities.acme.dns.asking import ask_each

ADDRESSES = tuple(map(ip_address, ("2001:db8::53", "192.0.2.53", "192.0.2.54")))


def server(**failures: Exception) -> tuple[list[str], Callable[[str], str]]:
    """Where it was asked, and how it answers; it fails at the addresses that end so."""
    asked: list[str] = []

    def ask(address: str) -> str:
        asked.append(address)
        if (failure := failures.get(f"at_{address[-2:]}")) is not None:
            raise failure
        return address

    return asked, ask


@pytest.mark.parametrize("silence", [OSError, TimeoutError, EOFError, dns.exception.Timeout])
def test_silence_leads_on_to_the_next_address(silence: type[Exception]) -> None:
    asked, ask = server(at_53=silence())
    assert ask_each(ADDRESSES, ask) == "192.0.2.54"
    assert asked == ["2001:db8::53", "192.0.2.53", "192.0.2.54"]


def test_the_first_answer_counts_also_where_it_is_none() -> None:
    damaged: type[Exception] = dns.exception.FormError
    asked, ask = server(at_53=damaged())
    with pytest.raises(damaged):
        ask_each(ADDRESSES, ask)
    assert asked == ["2001:db8::53"]


def test_what_the_last_address_failed_with_is_told() -> None:
    _, ask = server(at_53=OSError("first"), at_54=TimeoutError("last"))
    with pytest.raises(TimeoutError, match="last"):
        ask_each(ADDRESSES, ask)


def test_of_a_server_with_very_many_addresses_eight_are_asked() -> None:
    asked: list[str] = []

    def ask(address: str) -> str:
        asked.append(address)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        ask_each([ip_address(f"192.0.2.{last}") for last in range(200)], ask)
    assert asked == [f"192.0.2.{last}" for last in range(8)]
