"""Problem documents become the errors they were made from, whatever is in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.cli.problems import RulesFailedError, error_from_answer
from certwright.errors import ErrorCode

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_code_comes_back(code: ErrorCode) -> None:
    document = {"code": code.value, "detail": "It failed.", "remedy": "Mend it."}
    error = error_from_answer(422, document)
    assert (error.code, error.message, error.remedy) == (code, "It failed.", "Mend it.")


def test_findings_come_along() -> None:
    finding = {"code": "expired", "severity": "error", "message": "m", "remedy": "r"}
    document = {"code": "rules-failed", "detail": "d", "findings": [finding, "no finding"]}
    error = error_from_answer(409, document)
    assert isinstance(error, RulesFailedError)
    assert error.findings == [finding]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, ErrorCode.INVALID_INPUT),
        (401, ErrorCode.NOT_AUTHENTICATED),
        (403, ErrorCode.NOT_PERMITTED),
        (404, ErrorCode.NOT_FOUND),
        (413, ErrorCode.TOO_LARGE),
        (422, ErrorCode.INVALID_INPUT),
        (500, ErrorCode.INTERNAL),
        (503, ErrorCode.INTERNAL),
    ],
)
def test_without_a_code_the_status_tells(status: int, code: ErrorCode) -> None:
    error = error_from_answer(status, {"code": "of a later version"})
    assert error.code is code
    assert str(status) in error.message


@given(st.integers(400, 599), JSON)
def test_any_document_makes_an_error_with_words(status: int, document: object) -> None:
    error = error_from_answer(status, document)
    assert error.message
    assert error.remedy


@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("code", "title", "detail", "remedy", "findings"), JSON)
    )
)
def test_members_of_any_type_make_an_error_with_words(document: dict[str, object]) -> None:
    error = error_from_answer(409, document)
    assert error.message
    assert error.remedy
