"""Users and tokens, as people read them."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import RenderableType

from certwright.cli.documents import NameWithRight
from certwright.cli.wording import moment, table
from certwright.designer.dates import ago_text


def rights_view(documents: Sequence[NameWithRight], kind: str, now: datetime) -> RenderableType:
    """One line a user or token (`kind`)."""
    if not documents:
        return f"There is no {kind}."
    listing = table("Name", "Right", "Added")
    for document in documents:
        added = ago_text(moment(document["created_at"]), now)
        listing.add_row(document["name"], document["right"], added)
    return listing
