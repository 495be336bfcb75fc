"""A database that cannot be reached is told of in one sentence, and never with its password."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from certwright.database.engine import (
    open_engine,
    shown_address,
    wait_until_reachable,
)
from certwright.errors import CertwrightError, ErrorCode

PASSWORD = "hunter2-hunter2"


def unreachable_message(url: str) -> str:
    engine = open_engine(url)
    try:
        with pytest.raises(CertwrightError) as error:
            wait_until_reachable(engine, 0)
    finally:
        engine.dispose()
    assert error.value.code is ErrorCode.DATABASE_UNREACHABLE
    return f"{error.value.message} {error.value.remedy}"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ada:{PASSWORD}@127.0.0.1:1/certwright",
        f"postgres://ada:{PASSWORD}@127.0.0.1:1/certwright",
        f"postgresql://127.0.0.1:1/certwright?user=ada&password={PASSWORD}",
        f"postgresql://127.0.0.1:1/certwright?sslpassword={PASSWORD}",
    ],
)
def test_server_that_is_down_is_named_without_its_password(url: str) -> None:
    message = unreachable_message(url)
    assert "127.0.0.1" in message
    assert PASSWORD not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///certwright?host=/nowhere/at/all",
        "postgresql://127.0.0.1:1/certwright?bogus=1",
        "postgresql://127.0.0.1:1/certwright?sslmode=whatever",
        f"postgresql://{'a' * 80}.invalid/certwright",
    ],
)
def test_address_that_leads_nowhere_is_told_of(url: str) -> None:
    message = unreachable_message(url)
    assert "does not answer" in message
    assert message.endswith(".")
    assert not message.endswith("..")


def test_missing_database_is_told_of(postgresql: str) -> None:
    url = make_url(postgresql).set(database="nobody_made_this")
    message = unreachable_message(url.render_as_string(hide_password=False))
    assert "nobody_made_this" in message


@pytest.mark.parametrize(
    "url", ["", "mysql://host/name", "sqlite://", "host/name", "postgresql://h:port/n", "file.db"]
)
def test_what_is_no_address_of_postgresql_is_refused(url: str) -> None:
    with pytest.raises(CertwrightError) as error:
        open_engine(url)
    assert error.value.code is ErrorCode.INVALID_INPUT


@given(st.text(max_size=60))
def test_no_text_whatever_ends_in_anything_but_our_error(url: str) -> None:
    try:
        open_engine(url).dispose()
    except CertwrightError as error:
        assert error.code is ErrorCode.INVALID_INPUT  # noqa: PT017 - most texts are refused


def test_waiting_ends_when_its_time_is_over() -> None:
    engine = open_engine("postgresql://127.0.0.1:1/certwright")
    begun = time.monotonic()
    with pytest.raises(CertwrightError):
        wait_until_reachable(engine, 0.2)
    assert 0.2 <= time.monotonic() - begun < 20
    engine.dispose()


def test_reachable_database_answers_at_once(database: Engine) -> None:
    wait_until_reachable(database, 0)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ada:secret@db.example/n", "postgresql://ada:***@db.example/n"),
        ("postgresql://db.example/n?password=secret", "postgresql://db.example/n"),
        (
            "postgresql://db.example/n?sslmode=verify-full",
            "postgresql://db.example/n?sslmode=verify-full",
        ),
    ],
)
def test_shown_address_keeps_all_but_secrets(url: str, shown: str) -> None:
    engine = open_engine(url)
    assert shown_address(engine) == shown
    engine.dispose()


def test_values_do_not_stand_in_errors(postgresql: str) -> None:
    engine = open_engine(postgresql)
    try:
        with (
            pytest.raises(DBAPIError) as error,
            engine.connect() as connection,
        ):
            connection.execute(text("select :value, 1/0"), {"value": PASSWORD})
    finally:
        engine.dispose()
    assert PASSWORD not in str(error.value)
