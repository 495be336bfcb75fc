"""Answers that any process of the node can give."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from certwright.authorities.acme.challenge_answers import find_answer, forget_answer, keep_answer
from certwright.authorities.acme.challenges import Challenge, ChallengeKind
from certwright.x509.names import parse_server_name

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def challenge(token: str, thumbprint: str = "thumb") -> Challenge:
    name = parse_server_name("todd.corp.example")
    return Challenge(ChallengeKind.HTTP_01, name, token, f"{token}.{thumbprint}")


def test_an_answer_is_found_until_it_is_forgotten(database: Engine) -> None:
    with database.begin() as connection:
        assert find_answer(connection, "one") is None
        keep_answer(connection, challenge("one"), NOW)
        keep_answer(connection, challenge("two"), NOW)
        assert find_answer(connection, "one") == "one.thumb"
        forget_answer(connection, challenge("one"))
        forget_answer(connection, challenge("one"))
        assert find_answer(connection, "one") is None
        assert find_answer(connection, "two") == "two.thumb"


def test_kept_again_it_is_the_later_one(database: Engine) -> None:
    with database.begin() as connection:
        keep_answer(connection, challenge("one"), NOW)
        keep_answer(connection, challenge("one", "other"), NOW)
        assert find_answer(connection, "one") == "one.other"


def test_what_was_never_withdrawn_goes_in_time(database: Engine) -> None:
    with database.begin() as connection:
        keep_answer(connection, challenge("left"), NOW)
        keep_answer(connection, challenge("soon"), NOW + timedelta(days=20))
        assert find_answer(connection, "left") is not None
        keep_answer(connection, challenge("late"), NOW + timedelta(days=31))
        assert find_answer(connection, "left") is None
        assert find_answer(connection, "soon") is not None


def test_what_cannot_be_a_token_is_not_even_looked_for(database: Engine) -> None:
    with database.begin() as connection:
        for token in ("", "a b", "../x", "a\0b", "a" * 201, "\u00e4", "a\n"):
            assert find_answer(connection, token) is None
