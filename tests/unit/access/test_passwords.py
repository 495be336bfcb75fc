"""Passwords are hashed by argon2id and verified, and a flood of them is refused, not queued."""

import re
import threading
import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.access import passwords
from certwright.access.passwords import (
    MINIMUM_LENGTH,
    NOBODYS_HASH,
    hash_password,
    needs_rehash,
    random_password,
    verify,
)
from certwright.errors import CertwrightError, ErrorCode


def test_verifies_the_password_and_no_other(password_hash: str) -> None:
    assert verify(password_hash, "correct horse battery")
    assert not verify(password_hash, "correct horse batterz")
    assert not verify(password_hash, "")


def test_parameters_are_the_second_ones_of_rfc_9106(password_hash: str) -> None:
    assert password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_same_password_hashes_differently(password_hash: str) -> None:
    assert hash_password("correct horse battery") != password_hash


def test_nobodys_hash_costs_what_a_real_one_costs() -> None:
    assert not needs_rehash(NOBODYS_HASH)
    assert not verify(NOBODYS_HASH, "correct horse battery")


def test_weaker_hash_is_to_be_made_anew() -> None:
    assert needs_rehash(NOBODYS_HASH.replace("t=3", "t=2"))


@pytest.mark.parametrize("password", ["", "x" * (MINIMUM_LENGTH - 1), "x" * 1025])
def test_lengths_that_will_not_do(password: str) -> None:
    with pytest.raises(CertwrightError) as refused:
        hash_password(password)
    assert refused.value.code is ErrorCode.INVALID_INPUT
    assert "xxx" not in refused.value.message + refused.value.remedy


def test_overlong_password_is_wrong_and_not_hashed(password_hash: str) -> None:
    assert not verify(password_hash, "x" * 10_000_000)


def test_unreadable_hash_is_a_wrong_password() -> None:
    assert not verify("", "correct horse battery")
    assert not verify("$argon2id$v=19$m=1", "correct horse battery")


def test_keyboards_that_write_the_same_letters_differently() -> None:
    composed = unicodedata.normalize("NFC", "grün und blaue Äpfel")
    hashed = hash_password(composed)
    assert verify(hashed, unicodedata.normalize("NFD", composed).replace(" ", "\u00a0"))


def test_lone_surrogate_is_just_a_wrong_password(password_hash: str) -> None:
    assert not verify(password_hash, "\ud800 horse battery")


@given(st.binary(min_size=10, max_size=10))
def test_random_password_is_readable_and_holds_all_the_entropy(entropy: bytes) -> None:
    password = random_password(lambda _count: entropy)
    assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}", password)
    number = 0
    for letter in password.replace("-", ""):
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(letter)
    assert number.to_bytes(10, "big") == entropy


def test_random_password_asks_for_eighty_bits() -> None:
    asked: list[int] = []

    def entropy(count: int) -> bytes:
        asked.append(count)
        return bytes(count)

    random_password(entropy)
    assert asked == [10]


def test_flood_is_refused_at_once_beyond_a_few(password_hash: str) -> None:
    ends: list[str] = []
    together = threading.Barrier(30)

    def attempt() -> None:
        together.wait(30)
        try:
            verify(password_hash, "wrong horse battery")
            ends.append("verified")
        except CertwrightError as refused:
            ends.append(refused.code.value)

    threads = [threading.Thread(target=attempt) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    outcomes = Counter(ends)
    assert outcomes["verified"] >= 10
    assert outcomes["verified"] + outcomes["busy"] == 30
    assert outcomes["busy"] > 0
    assert verify(password_hash, "correct horse battery")


def test_error_while_hashing_gives_the_turn_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_password: str) -> bytes:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(passwords, "_canonical", broken)
        for _ in range(20):
            with pytest.raises(RuntimeError):
                verify(NOBODYS_HASH, "any")
    assert not verify(NOBODYS_HASH, "any")
