"""Waiting for a renewal and telling its steps as they come."""

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from certwright.cli.documents import Renewal
from certwright.cli.node_command import Call
from certwright.cli.wording import moment

if TYPE_CHECKING:
    from certwright.cli.client import Client

_LOOK_SECONDS = 0.3


def follow(call: Call, client: "Client", begun: Renewal, seconds: float) -> Renewal:
    """Its story when it ended, waits for something, or `seconds` are over."""
    from certwright.cli.client import path_of
    from certwright.cli.renewal_view import step_view

    deadline = time.monotonic() + seconds
    told: set[tuple[str, str, str | None]] = set()
    while True:
        story: Renewal = client.get(path_of("renewals", str(begun["id"])))
        left = deadline - time.monotonic()
        for step in story["steps"]:
            key = (step["name"], step["sentence"], step["endpoint"])
            if step["ok"] is not None and key not in told and not call.as_json:
                told.add(key)
                call.show(step, step_view)
        if left <= 0 or not _goes_on_within(story, left):
            return story
        time.sleep(_LOOK_SECONDS)


def is_as_wanted(story: Renewal) -> bool:
    """Whether it is done, is worked at, or waits in order: for its authority, people, its window.

    A rehearsal has to have come to its end: nothing else says that the renewal would succeed.
    """
    if story["state"] == "done":
        return True
    goes_on = story["state"] in {"working", "waiting"} and not story["failed"]
    return goes_on and not story.get("rehearsed_at")


def _goes_on_within(story: Renewal, seconds: float) -> bool:
    if story["state"] == "working":
        return True
    at = story["next"]["at"]
    if story["state"] != "waiting" or story["failed"] or at is None:
        return False
    return moment(at) <= datetime.now(UTC) + timedelta(seconds=seconds)
