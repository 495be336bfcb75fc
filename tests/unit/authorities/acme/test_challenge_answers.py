"""Answers that any process of the node can give."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, update

from certwright.authorities.acme.challenge_answers import find_answer, forget_answer, keep_answer
from certwright.authorities.acme.challenges import Challenge, ChallengeKind
from certwright.database.encryption import KEY_LENGTH, KeyEncryptionKey
from certwright.database.tables import challenge_answers
from certwright.x509.names import parse_server_name

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEY = KeyEncryptionKey(bytes(KEY_LENGTH))


def challenge(token: str, thumbprint: str = "thumb") -> Challenge:
    name = parse_server_name("todd.corp.example")
    return Challenge(ChallengeKind.HTTP_01, name, token, f"{token}.{thumbprint}")


def test_an_answer_is_found_until_it_is_forgotten(database: Engine) -> None:
    with database.begin() as connection:
        assert find_answer(connection, KEY, "one") is None
        keep_answer(connection, KEY, challenge("one"), NOW)
        keep_answer(connection, KEY, challenge("two"), NOW)
        assert find_answer(connection, KEY, "one") == "one.thumb"
        forget_answer(connection, challenge("one"))
        forget_answer(connection, challenge("one"))
        assert find_answer(connection, KEY, "one") is None
        assert find_answer(connection, KEY, "two") == "two.thumb"


def test_kept_again_it_is_the_later_one(database: Engine) -> None:
    with database.begin() as connection:
        keep_answer(connection, KEY, challenge("one"), NOW)
        keep_answer(connection, KEY, challenge("one", "other"), NOW)
        assert find_answer(connection, KEY, "one") == "one.other"


def test_what_was_never_withdrawn_goes_in_time(database: Engine) -> None:
    with database.begin() as connection:
        keep_answer(connection, KEY, challenge("left"), NOW)
        keep_answer(connection, KEY, challenge("soon"), NOW + timedelta(days=20))
        assert find_answer(connection, KEY, "left") is not None
        keep_answer(connection, KEY, challenge("late"), NOW + timedelta(days=31))
        assert find_answer(connection, KEY, "left") is None
        assert find_answer(connection, KEY, "soon") is not None


def test_what_cannot_be_a_token_is_not_even_looked_for(database: Engine) -> None:
    with database.begin() as connection:
        for token in ("", "a b", "../x", "a\0b", "a" * 201, "\u00e4", "a\n"):
            assert find_answer(connection, KEY, token) is None


@pytest.mark.parametrize("written", ["theirs.thumb", "", "AAAA", "\u00e4"])
def test_what_somebody_wrote_who_has_not_the_key_is_no_answer(
    database: Engine, written: str
) -> None:
    with database.begin() as connection:
        connection.execute(
            insert(challenge_answers).values(
                token="theirs", key_authorization=written, created_at=NOW
            )
        )
        assert find_answer(connection, KEY, "theirs") is None


def test_an_answer_copied_to_another_token_is_none(database: Engine) -> None:
    with database.begin() as connection:
        keep_answer(connection, KEY, challenge("one"), NOW)
        connection.execute(update(challenge_answers).values(token="two"))
        assert find_answer(connection, KEY, "two") is None
