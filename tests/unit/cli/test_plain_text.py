"""Nothing that others wrote steers the terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.cli.plain_text import plain, plain_document


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31mred",
        "\x9b31m",
        "new\nline",
        "\r",
        "\u202egnp.exe",
        "\u2066",
        "\u200b",
        "\u2028",
        "\ud800",
    ],
)
def test_what_steers_is_replaced(text: str) -> None:
    assert "\ufffd" in plain(text)
    plain(text).encode("utf-8")


@pytest.mark.parametrize("text", ["CN=todd", "Müller", "日本", "[bold]x[/bold]", "a\u0301"])
def test_what_people_read_stays(text: str) -> None:
    assert plain(text) == text


@given(st.text())
def test_result_is_one_printable_line_of_the_same_length(text: str) -> None:
    assert len(plain(text)) == len(text)
    assert len(plain(text).splitlines()) <= 1


def test_every_string_of_a_document() -> None:
    document = {"a\x1b": ["\x1b", {"b": "\x1b"}], "c": 1, "d": None, "e": True}
    assert plain_document(document) == {
        "a\ufffd": ["\ufffd", {"b": "\ufffd"}],
        "c": 1,
        "d": None,
        "e": True,
    }
