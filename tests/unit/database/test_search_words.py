"""What certificates are sorted and found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.database.search_words import search_terms, search_words, sort_key


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("todd.corp.example", ["todd.corp.example", "corp.example", "example"]),
        ("web-01.corp", ["web-01.corp", "01.corp", "corp"]),
        ("srv7", ["srv7", "7"]),
        ("*.Corp.example", ["*.corp.example", "corp.example", "example"]),
        ("Web server", ["web", "server"]),
        ("2001:db8::1", ["2001:db8::1", "db8::1", "8::1", "1"]),
        ("O'Neill", ["oneill"]),
        ("Äpfel", ["apfel"]),
        ("- .", []),
    ],
)
def test_every_end_of_every_word(text: str, words: list[str]) -> None:
    assert search_words([text]) == words


def test_words_are_bounded() -> None:
    words = search_words(f"name-{number}.example" for number in range(100_000))
    assert len(words) == 1000
    assert all(len(word) <= 100 for word in search_words(["x" * 5000]))


@given(text=st.text())
def test_what_a_text_says_from_any_word_on_is_found(text: str) -> None:
    words = search_words([text])
    for chunk in text.split():
        for term in search_terms(chunk):
            assert any(word.startswith(term) for word in words) or len(chunk) > 100


@given(text=st.text())
def test_words_hold_nothing_that_a_query_would_read(text: str) -> None:
    for word in (*search_words([text]), *search_terms(text)):
        assert word
        assert word.isprintable()
        assert not set(word) & set("'\\ ")


@given(text=st.text())
def test_keys_are_bounded_and_stable(text: str) -> None:
    assert len(sort_key(text)) <= 120


def test_case_and_accents_do_not_count_in_the_order() -> None:
    words = ["zeta", "Ändern", "alpha", "Beta", "ÉCLAIR"]
    assert sorted(words, key=sort_key) == ["alpha", "Ändern", "Beta", "ÉCLAIR", "zeta"]
