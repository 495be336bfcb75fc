"""What stands in the calendar of renewals: what is planned, what is to be expected after it, what
runs out, and what was done. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import ceil

from certwright.designer.calendar_months import Entry, Kind
from certwright.designer.renewal_lines import renewal_line, standing
from certwright.designer.renewal_wording import RENEWALS, places_text, story_address
from certwright.lifecycle.renewal.due import Outlook, Plan
from certwright.lifecycle.renewal.record import Renewal, RenewalState
from certwright.lifecycle.renewal.timing import renewal_moment

_DAY = timedelta(days=1)
_RENEWED_BY_ITSELF = frozenset({Outlook.PLANNED, Outlook.DUE, Outlook.AT_WORK})


def entries_of_plan(plan: Plan, start: datetime, end: datetime, now: datetime) -> Iterator[Entry]:
    """The next renewal of a certificate in use, those to be expected after it, and its expiry.

    Only what lies from `start` until before `end`.
    """
    title = places_text(plan.endpoints)
    if plan.outlook in _RENEWED_BY_ITSELF:
        yield from _planned(plan, title, start, end, now)
        yield from _expected(plan, title, start, end, now)
    expiry = plan.certificate.not_after
    if start <= expiry < end:
        address = f"/certificates/{plan.certificate.fingerprint}"
        yield _entry(expiry, Kind.EXPIRY, f"Runs out: {title}", address)


def entries_of_ended(
    renewals: Sequence[Renewal], plans: Sequence[Plan], now: datetime
) -> Iterator[Entry]:
    """Renewals that are over, on the day they ended."""
    for one in renewals:
        if one.finished_at is not None:
            line = renewal_line(one, plans, now)
            kind = Kind.RENEWED if one.state is RenewalState.DONE else Kind.ENDED
            yield _entry(one.finished_at, kind, f"{line.state}: {line.title}", line.address)


def _planned(
    plan: Plan, title: str, start: datetime, end: datetime, now: datetime
) -> Iterator[Entry]:
    at = max(plan.moment.at, now)
    if start <= at < end:
        renewal = plan.renewal
        address = RENEWALS if renewal is None else story_address(renewal.id)
        if renewal is not None and (renewal.waits_for_agreement or renewal.waits_for_answer):
            _, state = standing(renewal)
            yield Entry(at, Kind.PLANNED, "", f"{state}: {title}", address)
        else:
            yield _entry(at, Kind.PLANNED, f"Renewal: {title}", address)


def _expected(
    plan: Plan, title: str, start: datetime, end: datetime, now: datetime
) -> Iterator[Entry]:
    """As often as the lifetime of this certificate asks for it, and once a day at most: what lasts
    for hours is told of as such."""
    planned = max(plan.moment.at, now)
    between = renewal_moment(plan.certificate).at - plan.certificate.not_before
    step = max(between, _DAY)
    often = "" if between >= _DAY else ", several times"
    text = f"Renewal again{often}: {title}"
    number = max(1, ceil((start - planned) / step))
    while (at := planned + number * step) < end:
        yield Entry(at, Kind.EXPECTED, "", text, RENEWALS)
        number += 1


def _entry(at: datetime, kind: Kind, text: str, address: str) -> Entry:
    return Entry(at, kind, f"{at:%H:%M}", text, address)
