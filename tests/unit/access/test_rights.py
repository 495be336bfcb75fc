"""Rights are ordered, and a refusal says which right is missing."""

import itertools

import pytest

from certwright.access.rights import Caller, Right, parse_right, require
from certwright.errors import CertwrightError, ErrorCode


def test_each_right_includes_those_before_it() -> None:
    assert sorted(Right, reverse=True) == [
        Right.ADMIN,
        Right.CREATE,
        Right.MODIFY,
        Right.READ,
    ]


ORDER = ["read", "modify", "create", "admin"]
PAIRS = list(itertools.product(ORDER, ORDER))


@pytest.mark.parametrize(
    ("has", "needs"), [pair for pair in PAIRS if ORDER.index(pair[0]) >= ORDER.index(pair[1])]
)
def test_enough_right_passes(has: str, needs: str) -> None:
    caller = Caller("ada", Right(has))
    require(caller, Right(needs), "do this")
    assert caller.right >= Right(needs)


@pytest.mark.parametrize(
    ("has", "needs"), [pair for pair in PAIRS if ORDER.index(pair[0]) < ORDER.index(pair[1])]
)
def test_too_little_right_is_refused(has: str, needs: str) -> None:
    with pytest.raises(CertwrightError) as refused:
        require(Caller("ada", Right(has)), Right(needs), "do this")
    assert refused.value.code is ErrorCode.NOT_PERMITTED


def test_refusal_names_the_right_and_whom_to_ask() -> None:
    with pytest.raises(CertwrightError) as refused:
        require(Caller("ada", Right.READ), Right.MODIFY, "select a certificate")
    assert refused.value.message == (
        "ada may not select a certificate: that needs the right modify, and this is read."
    )
    assert "admin" in refused.value.remedy


def test_words_of_rights() -> None:
    assert [parse_right(word) for word in ("read", "modify", "create", "admin")] == list(Right)
    with pytest.raises(CertwrightError) as refused:
        parse_right("Admin")
    assert refused.value.code is ErrorCode.INVALID_INPUT
