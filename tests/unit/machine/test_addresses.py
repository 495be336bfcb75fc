"""Which addresses a stranger may send us to, and names within a time limit."""

import time
from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.machine.addresses import UnknownName, is_ordinary, is_public, resolve


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",  # noqa: S104
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:0:0:0:0:0:1",
        "2001:db8::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%lo",
        "fec0::1",
        "ff02::1",
    ],
)
def test_address_inside_a_network_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "193.99.144.80", "2606:4700::1111", "64:ff9b::808:808"]
)
def test_address_of_the_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_what_is_hidden_in_an_ipv6_address_is_no_more_public_than_it_is(
    hidden: IPv4Address,
) -> None:
    for form in ("::ffff:{}", "64:ff9b::{}"):
        if is_public(ip_address(form.format(hidden))):
            assert is_public(hidden)


@pytest.mark.parametrize(
    "text",
    ["0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255", "::ffff:0.0.0.0"],  # noqa: S104
)
def test_address_of_no_single_machine_is_not_ordinary(text: str) -> None:
    assert not is_ordinary(ip_address(text))


@pytest.mark.parametrize("text", ["127.0.0.1", "10.0.0.1", "::1", "fe80::1", "8.8.8.8"])
def test_address_of_one_machine_is_ordinary(text: str) -> None:
    assert is_ordinary(ip_address(text))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f000001", "2130706433"])
def test_every_spelling_of_an_address_becomes_that_address(host: str) -> None:
    # The C library reads them all; a check of the text alone would be passed by.
    assert resolve(host, 5) == (IPv4Address("127.0.0.1"),)


def test_name_becomes_its_addresses() -> None:
    assert all(address.is_loopback for address in resolve("localhost", 5))


@pytest.mark.parametrize(
    "host",
    ["does-not-exist.invalid", "", "127.0.0.1\0.corp.example", "b\u00fccher.example", "a" * 300],
)
def test_unknown_name(host: str) -> None:
    if host == "":
        host = "."
    with pytest.raises(UnknownName):
        resolve(host, 30)


def test_no_time_is_no_answer() -> None:
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        resolve("does-not-exist.invalid", -1)
    assert time.monotonic() - started < 5
