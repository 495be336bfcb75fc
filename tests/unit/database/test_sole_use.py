"""One node a database."""

import pytest
from sqlalchemy import Engine, create_engine

from certwright.database import sole_use as module
from certwright.database.sole_use import sole_use
from certwright.errors import CertwrightError, ErrorCode


def test_second_node_is_refused_and_the_next_is_not(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FORMER_SECONDS", 0.2)
    other = create_engine(database.url)
    with sole_use(database), pytest.raises(CertwrightError) as refused, sole_use(other):
        pytest.fail("two nodes hold one database")
    assert refused.value.code is ErrorCode.DATABASE_IN_USE
    assert "--database" in refused.value.remedy
    with sole_use(other):
        pass
    other.dispose()
