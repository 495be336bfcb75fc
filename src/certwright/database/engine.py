"""One SQLAlchemy engine on PostgreSQL, and the sentence to say when it cannot be reached."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError

from certwright.errors import CertwrightError, ErrorCode

DRIVER = "postgresql+psycopg"


def open_engine(url: str) -> Engine:
    """An engine for any PostgreSQL `url` (postgresql://user@host/name or with a Unix socket).

    Raises `CertwrightError` INVALID_INPUT for what is not a PostgreSQL address.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise _not_postgresql() from None
    if parsed.drivername not in {"postgresql", "postgres", DRIVER}:
        raise _not_postgresql()
    return create_engine(
        parsed.set(drivername=DRIVER),
        pool_pre_ping=True,
        pool_size=5,
        connect_args={"connect_timeout": 5, "application_name": "certwright"},
    )


def wait_until_reachable(engine: Engine, seconds: float) -> None:
    """Return when the database answers; raise DATABASE_UNREACHABLE after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with engine.connect() as connection:
                connection.execute(text("select 1"))
        except OperationalError as error:
            if time.monotonic() >= deadline:
                raise unreachable(engine, error) from error
            time.sleep(0.01)
        else:
            return


@contextmanager
def telling_when_unreachable(engine: Engine) -> Iterator[None]:
    """Turn a lost database connection into the one error that says what to do."""
    try:
        yield
    except OperationalError as error:
        raise unreachable(engine, error) from error


def unreachable(engine: Engine, error: OperationalError) -> CertwrightError:
    """The error for a database that does not answer; names the server, never the password."""
    reason = str(error.orig).strip().splitlines()
    return CertwrightError(
        ErrorCode.DATABASE_UNREACHABLE,
        f"The database {engine.url.render_as_string(hide_password=True)} does not answer"
        + (f": {reason[0]}" if reason else "."),
        "Start the PostgreSQL server, or correct --database, then try again.",
    )


def _not_postgresql() -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        "The database address is not one of PostgreSQL.",
        "Write it as postgresql://USER@HOST/DATABASE, or leave --database out "
        "for the embedded database.",
    )
