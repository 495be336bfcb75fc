"""Options that several kinds have."""

import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.options import (
    addresses_of,
    command_of,
    names_of,
    run_or_fail,
)
from certwright.machine.services.service import Address, Option, ServiceReference


def reference(name: str, value: str) -> ServiceReference:
    return ServiceReference("files", "", (Option(name, value),))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("todd:8443", Address("todd", 8443)),
        ("127.0.0.1:5432:postgres", Address("127.0.0.1", 5432, "postgres")),
        ("[::1]:443", Address("::1", 443)),
    ],
)
def test_an_address_is_read(text: str, address: Address) -> None:
    assert addresses_of(reference("address", text)) == (address,)
    assert addresses_of(reference("other", text)) == ()


@pytest.mark.parametrize(
    "text", ["todd", ":443", "todd:", "todd:0", "todd:65536", "todd:\u00b2", "::1"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(MachineError, match="no address") as refused:
        addresses_of(reference("address", text))
    assert refused.value.code is FailureCode.INVALID_INPUT


def test_names_stand_apart_by_commas_or_spaces() -> None:
    assert names_of(reference("names", "a.example, b.example c.example")) == (
        *("a.example", "b.example", "c.example"),
    )


def test_a_command_is_split_as_a_shell_does_and_run_without_one() -> None:
    split = command_of(reference("reload", "systemctl reload 'a b' # $HOME"), "reload")
    assert split == ("systemctl", "reload", "a b", "#", "$HOME")
    assert command_of(reference("reload", ""), "reload") == ()
    with pytest.raises(MachineError, match="quotation mark"):
        command_of(reference("reload", "a 'b"), "reload")


def test_a_command_that_fails_is_told_of_in_its_own_words() -> None:
    script = "import sys; print('no such unit'); sys.exit(5)"
    with pytest.raises(MachineError, match="exit code 5 and said: no such unit") as failed:
        run_or_fail([sys.executable, "-c", script])
    assert failed.value.code is FailureCode.SERVICE_FAILED


@given(st.text())
def test_any_text_is_an_option_or_refused_in_words(text: str) -> None:
    with suppress(MachineError):
        assert len(addresses_of(reference("address", text))) <= 1
    with suppress(MachineError):
        assert all(
            isinstance(word, str) for word in command_of(reference("reload", text), "reload")
        )
