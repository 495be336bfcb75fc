"""One process at a time is the node of a name."""

import pytest
from sqlalchemy import Engine, create_engine

from certwright.database import node_lock as module
from certwright.database.node_lock import node_lock
from certwright.errors import CertwrightError, ErrorCode


def test_second_process_is_refused_and_the_next_is_not(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FORMER_SECONDS", 0.2)
    other = create_engine(database.url)
    with (
        node_lock(database, "todd-1"),
        pytest.raises(CertwrightError) as refused,
        node_lock(other, "todd-1"),
    ):
        pytest.fail("two processes are one node")
    assert refused.value.code is ErrorCode.DATABASE_IN_USE
    assert "todd-1" in refused.value.message
    assert "node-name" in refused.value.remedy
    with node_lock(other, "todd-1"):
        pass
    other.dispose()


def test_nodes_of_other_names_share_the_database(database: Engine) -> None:
    with node_lock(database, "todd-1"), node_lock(database, "todd-2"):
        pass
