"""A connection to a database of its own, and a store that is filled."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine

from certwright.stores.database import (
    add_certificate,
)
from certwright.stores.place import INTERMEDIATE, PERSONAL, TRUSTED_ROOT
from certwright.x509.keys import KeyType, generate_private_key

from ..composed_server import VAULT, Clock
from ..foreign_authority import ForeignAuthority
from .filled_store import NAMES, Filled, make


@pytest.fixture
def connection(database: Engine) -> Iterator[Connection]:
    with database.begin() as opened:
        yield opened


@pytest.fixture
def filled(connection: Connection, company: ForeignAuthority, clock: Clock) -> dict[str, Filled]:
    """Personal with certificates of several names and times, two of them with their key."""
    made: dict[str, Filled] = {}
    for index, name in enumerate(NAMES):
        key = generate_private_key(KeyType.EC_P256)
        leaf = make(
            name,
            key,
            company,
            clock() + timedelta(days=10 if index == 6 else -300),
            clock() + timedelta(days=(-20, 10, 20, 45, 100, 200, 300)[index]),
        )
        made[name] = Filled(leaf, key)
        add_certificate(connection, leaf, PERSONAL, clock(), f"number {index}")
        clock.move(timedelta(minutes=1))
    for name in NAMES[:2]:
        VAULT.add(connection, made[name].key, clock())
    add_certificate(connection, company.intermediate, INTERMEDIATE, clock())
    add_certificate(connection, company.root, TRUSTED_ROOT, clock())
    return made
