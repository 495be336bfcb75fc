"""What the tests of log-ins share: one user with a password that is hashed once for all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, insert

from certwright.access.passwords import hash_password
from certwright.access.rights import Right
from certwright.database.access_tables import users


@dataclass(frozen=True)
class Ada:
    """A user of the test's database, and her password."""

    name: str
    password: str


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hash_password("correct horse battery")


@pytest.fixture
def ada(database: Engine, password_hash: str, start: datetime) -> Ada:
    with database.begin() as connection:
        connection.execute(
            insert(users).values(
                name="ada",
                password_hash=password_hash,
                right=Right.ADMIN.value,
                created_at=start,
            )
        )
    return Ada("ada", "correct horse battery")


@pytest.fixture
def start() -> datetime:
    return datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def entropy() -> Callable[[int], bytes]:
    """Bytes that differ at each call, and are the same in each run."""
    calls = 0

    def next_bytes(count: int) -> bytes:
        nonlocal calls
        calls += 1
        return calls.to_bytes(count, "big")

    return next_bytes
