"""Sessions begin, are found by their token, and end by themselves or by a log-out."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from certwright.access.rights import Right
from certwright.access.sessions import (
    NewSession,
    begin_session,
    end_session,
    find_session,
    is_form_token,
)

from .conftest import Ada

ENTROPY = Callable[[int], bytes]


@pytest.fixture
def begun(database: Engine, ada: Ada, start: datetime, entropy: ENTROPY) -> NewSession:
    with database.begin() as connection:
        return begin_session(connection, "ada", Right.ADMIN, start, entropy)


def test_found_by_its_token(database: Engine, begun: NewSession, start: datetime) -> None:
    assert find_session(database, begun.token, start) == begun.session
    assert begun.session.caller.name == "ada"
    assert find_session(database, begun.token + "A", start) is None


def test_secrets_are_not_shown_and_the_token_not_stored(
    database: Engine, begun: NewSession
) -> None:
    assert begun.token not in repr(begun)
    assert begun.session.form_token not in repr(begun)
    with database.connect() as connection:
        row = connection.execute(text("select sessions::text from sessions")).scalar_one()
    assert begun.token not in row


def test_token_holds_256_bits(begun: NewSession) -> None:
    assert len(begun.token) == 43
    assert begun.token != begun.session.form_token


def test_ends_after_half_an_hour_without_a_request(
    database: Engine, begun: NewSession, start: datetime
) -> None:
    nearly = start + timedelta(minutes=29, seconds=59)
    assert find_session(database, begun.token, nearly) is not None
    assert find_session(database, begun.token, nearly + timedelta(minutes=29)) is not None
    assert find_session(database, begun.token, nearly + timedelta(minutes=59)) is None


def test_ends_after_twelve_hours_however_busy(
    database: Engine, begun: NewSession, start: datetime
) -> None:
    for minutes in range(0, 12 * 60, 20):
        moment = start + timedelta(minutes=minutes)
        assert find_session(database, begun.token, moment) is not None
    assert find_session(database, begun.token, start + timedelta(hours=12)) is None


def test_log_out_ends_it(database: Engine, begun: NewSession, start: datetime) -> None:
    end_session(database, begun.token)
    end_session(database, begun.token)
    assert find_session(database, begun.token, start) is None


def test_ended_sessions_are_swept_when_another_begins(
    database: Engine, begun: NewSession, start: datetime, entropy: ENTROPY
) -> None:
    with database.begin() as connection:
        begin_session(connection, "ada", Right.ADMIN, start + timedelta(hours=1), entropy)
        assert connection.execute(text("select count(*) from sessions")).scalar_one() == 1


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.text(st.characters()))
def test_no_text_is_a_token_or_an_error(database: Engine, start: datetime, token: str) -> None:
    assert find_session(database, token, start) is None


@given(submitted=st.text(st.characters()))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_its_own_form_token_is_right(begun: NewSession, submitted: str) -> None:
    assert is_form_token(begun.session, begun.session.form_token)
    assert not is_form_token(begun.session, submitted)
