"""As whom a program is asked about a configuration of others."""

import os

import pytest

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.programs import run
from certwright.machine.services.activation.accounts import asking_account

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="of interest to root alone")


def test_what_is_roots_is_asked_by_root() -> None:
    assert asking_account(frozenset()) is None


def test_what_is_of_one_other_account_is_asked_by_that_account_and_its_groups() -> None:
    account = asking_account(frozenset({65534}))
    said = run(["id"], account=account).output
    assert "uid=65534" in said
    assert "root" not in said


def test_what_is_of_several_accounts_is_asked_by_nobody() -> None:
    with pytest.raises(MachineError, match="several accounts, 1234 and nobody") as refused:
        asking_account(frozenset({65534, 1234}))
    assert refused.value.code is FailureCode.NOT_PERMITTED


def test_an_account_without_a_name_has_no_groups_of_others() -> None:
    assert run(["id", "-G"], account=1234).output.split() == ["1234"]
