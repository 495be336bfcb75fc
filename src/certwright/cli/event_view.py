"""The record of what happened, as people read it."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from certwright.cli.documents import Event
from certwright.cli.wording import BAD, moment, table


def events_view(events: Sequence[Event]) -> RenderableType:
    """One line an event."""
    if not events:
        return Text("Nothing has happened yet.")
    listing = table("When (UTC)", "Who", "What")
    for event in events:
        at = f"{moment(event['at']):%Y-%m-%d %H:%M:%S}"
        listing.add_row(at, event["actor"], Text(event["message"], "" if event["good"] else BAD))
    return listing
