"""One SQLAlchemy engine on PostgreSQL, and the sentence to say when it cannot be reached."""

import time
from collections.abc import Callable, Iterator

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from certwright.errors import CertwrightError, ErrorCode

DRIVER = "postgresql+psycopg"
PATIENCE_OPTIONS = (
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 "
    "-c tcp_user_timeout=25000"
)
"""What a machine that is gone held is let go within the minute, and not after two hours."""
_SECRET_OPTIONS = ("password", "sslpassword")


def open_engine(url: str, node: str | None = None) -> Engine:
    """An engine for any PostgreSQL `url` (postgresql://user@host/name or with a Unix socket).

    `node` is the name of the node whose rows its sessions see where rows belong to a node; without
    one there are only those that belong to all.

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
        # Errors are logged, and among the values may be hashes of passwords and form tokens.
        hide_parameters=True,
        connect_args={
            "connect_timeout": 5,
            "application_name": "certwright",
            "options": " ".join(_options(parsed, node)),
        },
    )


def _options(url: URL, node: str | None) -> Iterator[str]:
    given = url.query.get("options", "")
    yield from (given,) if isinstance(given, str) else given
    yield PATIENCE_OPTIONS
    yield "-c timezone=UTC"
    if node is not None:
        yield f"-c certwright.node={node}"


def reading(engine: Engine) -> Connection:
    """A connection for queries only, to be used as a context manager.

    Without a transaction around them, which would be two more ways to the server and back; each
    sees what is committed when it begins, as it would inside one (READ COMMITTED).
    """
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def wait_until_reachable(
    engine: Engine, seconds: float, meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Return when the database answers; raise DATABASE_UNREACHABLE after `seconds`.

    `meanwhile` is called between the attempts.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            with engine.connect() as connection:
                connection.execute(text("select 1"))
        except (DBAPIError, UnicodeError) as error:
            # Only a server that does not answer may answer later; a wrong option stays wrong.
            if not isinstance(error, OperationalError) or time.monotonic() >= deadline:
                raise unreachable(engine, error) from error
            meanwhile()
            time.sleep(0.01)
        else:
            return


def unreachable(engine: Engine, error: DBAPIError | UnicodeError) -> CertwrightError:
    """The error for a database that does not answer; names the server, never the password."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    reason = str(cause).strip().splitlines()
    return CertwrightError(
        ErrorCode.DATABASE_UNREACHABLE,
        f"The database {shown_address(engine)} does not answer"
        + (f": {reason[0].rstrip('.')}." if reason else "."),
        "Start the PostgreSQL server, or correct --database, then try again.",
    )


def shown_address(engine: Engine) -> str:
    """The database's URL, fit for messages: without a password, in whichever place it stood."""
    url = engine.url.set(drivername="postgresql").difference_update_query(_SECRET_OPTIONS)
    return url.render_as_string(hide_password=True)


def _not_postgresql() -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        "The database address is not one of PostgreSQL.",
        "Write it as postgresql://USER@HOST/DATABASE, or leave --database out "
        "for the embedded database.",
    )
