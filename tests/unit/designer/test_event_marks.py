"""How what happened is marked."""

from datetime import UTC, datetime

import pytest

from certwright.designer.event_marks import NOTHING_FAILED, mark_of
from certwright.lifecycle.events import Event
from certwright.lifecycle.telling.kinds import KINDS

AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "good", "mark"),
    [
        ("renewed", True, "good"),
        ("request-waits", False, "attention"),
        ("renewal-asks", False, "attention"),
        ("renewal-failed", False, "broken"),
        ("proof-changed", False, "broken"),
    ],
)
def test_what_waits_for_people_is_not_marked_as_failed(kind: str, good: bool, mark: str) -> None:
    assert mark_of(Event(AT, "node", kind, "web-server", "It is so.", good)) == mark


def test_kinds_that_only_want_a_look_are_kinds_that_people_are_told_of() -> None:
    assert set(KINDS) >= NOTHING_FAILED
