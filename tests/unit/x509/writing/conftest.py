"""A certificate with its key and its whole chain."""

from datetime import UTC, datetime

import pytest

from ...foreign_authority import ForeignAuthority, Issued

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def issued() -> Issued:
    """Of an authority with an intermediate and a root."""
    return ForeignAuthority(AT, "Company").issue(["todd.corp.example", "alias.corp.example"])
