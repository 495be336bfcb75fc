"""The templates, and what all of them may call."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from certwright.designer.assets import asset_address
from certwright.designer.dates import ago_text, clock_text, date_text, distance_text, until_text
from certwright.designer.event_marks import mark_of
from certwright.designer.thumbprints import grouped, shortened


def _told_from_now(tell: Callable[[datetime, datetime], str]) -> Callable[..., str]:
    @pass_context
    def filter_by_context(context: Context, moment: datetime) -> str:
        return tell(moment, context["now"])

    return filter_by_context


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("certwright.designer"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset_address
    environment.filters |= {
        "ago": _told_from_now(ago_text),
        "clock": _told_from_now(clock_text),
        "date": date_text,
        "distance": _told_from_now(distance_text),
        "grouped": grouped,
        "mark": mark_of,
        "shortened": shortened,
        "moment": datetime.fromisoformat,
        "until": _told_from_now(until_text),
    }
    return environment


_TEMPLATES = _environment()


def render(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The page that `template` makes of `values`; a value it lacks is a mistake, not a blank."""
    return HTMLResponse(_TEMPLATES.get_template(template).render(values), status_code=status)
