"""API tokens are handed out once, known by their hash, and gone when removed."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from certwright.access.rights import Caller, Right
from certwright.access.tokens import Token, create_token, find_token, list_tokens, remove_token
from certwright.errors import CertwrightError, ErrorCode

ENTROPY = Callable[[int], bytes]


def test_token_is_known_until_removed(database: Engine, start: datetime, entropy: ENTROPY) -> None:
    with database.begin() as connection:
        token = create_token(connection, "monitoring", Right.READ, start, entropy)
        assert list_tokens(connection) == (Token("monitoring", Right.READ, start),)
    assert token.startswith("cwt_")
    assert len(token) == 4 + 43
    assert find_token(database, token) == Caller("token monitoring", Right.READ)
    with database.begin() as connection:
        remove_token(connection, "monitoring")
    assert find_token(database, token) is None


def test_only_the_hash_is_stored(database: Engine, start: datetime, entropy: ENTROPY) -> None:
    with database.begin() as connection:
        token = create_token(connection, "monitoring", Right.READ, start, entropy)
        row = connection.execute(text("select api_tokens::text from api_tokens")).scalar_one()
    assert token not in row
    assert token.removeprefix("cwt_") not in row


@pytest.mark.parametrize("token", ["", "cwt_", "cwt_" + "A" * 43, "\x00", "\ud800"])
def test_other_texts_are_no_tokens(database: Engine, token: str) -> None:
    assert find_token(database, token) is None


def test_name_that_is_taken(database: Engine, start: datetime, entropy: ENTROPY) -> None:
    with database.begin() as connection:
        token = create_token(connection, "monitoring", Right.READ, start, entropy)
        with pytest.raises(CertwrightError) as refused:
            create_token(connection, "monitoring", Right.ADMIN, start, entropy)
        assert refused.value.code is ErrorCode.INVALID_INPUT
    assert find_token(database, token) == Caller("token monitoring", Right.READ)


@pytest.mark.parametrize("name", ["", "a b", "a\x00", "ä", "x" * 65])
def test_impossible_names(database: Engine, start: datetime, entropy: ENTROPY, name: str) -> None:
    with database.begin() as connection:
        with pytest.raises(CertwrightError) as refused:
            create_token(connection, name, Right.READ, start, entropy)
        assert refused.value.code is ErrorCode.INVALID_INPUT
        with pytest.raises(CertwrightError) as missing:
            remove_token(connection, name)
        assert missing.value.code is ErrorCode.NOT_FOUND
