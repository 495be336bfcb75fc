"""A line of HAProxy's configuration as words, as HAProxy splits it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.machine.services.haproxy.words import words_of


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r"bind :443 ssl crt /a\ b.pem", ("bind", ":443", "ssl", "crt", "/a b.pem")),
        ('crt "/a b.pem"', ("crt", "/a b.pem")),
        ("crt '/a b.pem'", ("crt", "/a b.pem")),
        ("crt '/a'\" \"b.pem", ("crt", "/a b.pem")),
        ("crt /a.pem # the one", ("crt", "/a.pem")),
        ("crt /a.pem#end", ("crt", "/a.pem")),
        (r"crt /a\#b.pem", ("crt", "/a#b.pem")),
        ('crt "/a#b.pem"', ("crt", "/a#b.pem")),
        (r"crt \x2fa.pem", ("crt", "/a.pem")),
        (r"reqrep \1", ("reqrep", r"\1")),
        (r"'\x2f$A' \\", (r"\x2f$A", "\\")),
        ('"$HERE/a.pem" "${HERE}/b" $HERE', ("/here/a.pem", "/here/b", "$HERE")),
        (r'"\$HERE" "${NONE-else}" "x$NONE"', ("$HERE", "else", "x")),
        ('a "" b', ("a", "", "b")),
        ("   # nothing", ()),
        ("crt 'not closed", ("crt", "not closed")),
    ],
)
def test_a_line_is_split_into_words_as_haproxy_does(line: str, words: tuple[str, ...]) -> None:
    assert words_of(line, {"HERE": "/here"}) == words


@given(st.text(st.characters(exclude_characters="'\n\r")))
def test_what_is_quoted_strongly_is_itself(text: str) -> None:
    assert words_of(f"'{text}'", {}) == (text,)
