"""When a certificate is to be renewed, and why then: pure decisions, the clock a parameter.

A fraction of the lifetime and never a number of days, since "30 days before the end" renews a
certificate of six days without end. Which moment of several it is hangs on the fingerprint: many
certificates of one day do not come due together, and asking twice gives the same answer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from certwright.authorities.authority import RenewalWindow
from certwright.lifecycle.renewal.hours import Hours
from certwright.x509.certificate import Certificate
from certwright.x509.text import day

_TWO_THIRDS = "two thirds of its lifetime are"
SHORT_LIFETIME = timedelta(days=10)
"""Below it a certificate is renewed at half of its time, which leaves a weekend to mend things."""
_SPREAD = 0.04
"""The part of the lifetime over which certificates of the same day are spread, around the mark."""
_LATEST = 0.9
"""The part of the lifetime after which a suggestion of the authority no longer counts."""
_FLOOR = 0.25
_LONGEST_FLOOR = timedelta(hours=1)


@dataclass(frozen=True)
class Moment:
    """When something is to happen, and the reason in words."""

    at: datetime
    reason: str


@dataclass(frozen=True)
class QuietHours:
    """When nothing is renewed unless it must be, on the clock of which place."""

    hours: Hours
    zone: tzinfo


def renewal_moment(certificate: Certificate, window: RenewalWindow | None = None) -> Moment:
    """When `certificate` is to be renewed; `window` is what its authority suggests."""
    latest = certificate.not_before + _LATEST * lifetime_of(certificate)
    if window is not None and window.start < latest:
        return _by_suggestion(certificate, window, latest)
    return _by_lifetime(certificate)


def lifetime_of(certificate: Certificate) -> timedelta:
    """From its first to its last moment."""
    return certificate.not_after - certificate.not_before


def floor_between(lifetime: timedelta) -> timedelta:
    """The least time between two issuances for the same endpoint, whatever anything suggests.

    A suggestion that was not refreshed once made a client order five certificates in ten seconds
    (cert-manager issue 8993).
    """
    return min(_FLOOR * lifetime, _LONGEST_FLOOR)


def retry_delay(attempt: int, lifetime: timedelta, fraction: float) -> timedelta:
    """How long to wait after the failed `attempt` (1 for the first) at a renewal.

    Doubles each time, from ten minutes to twelve hours for certificates of months and in
    proportion for shorter ones; `fraction` (0 to 1) spreads it between three and five quarters.
    """
    first = min(max(lifetime / 500, timedelta(seconds=5)), timedelta(minutes=10))
    longest = min(max(lifetime / 30, timedelta(seconds=10)), timedelta(hours=12))
    doubled = first * (1 << min(attempt - 1, 20))
    return min(doubled, longest) * (0.75 + fraction / 2)


def outside(quiet: QuietHours | None, moment: Moment, end: datetime) -> Moment:
    """`moment`, put off to the end of quiet hours where that leaves time before `end`."""
    if quiet is None:
        return moment
    later = quiet.hours.next_outside(moment.at, quiet.zone)
    if later == moment.at:
        return moment
    if later - moment.at > (end - moment.at) / 2:
        return Moment(moment.at, f"{moment.reason} Quiet hours would leave too little time.")
    return Moment(later, f"{moment.reason} Quiet hours ({quiet.hours.text}) are over then.")


def _by_suggestion(certificate: Certificate, window: RenewalWindow, latest: datetime) -> Moment:
    # RFC 9773 4.2: "Select a uniform random time within the suggested window."
    at = window.start + _fraction(certificate) * (window.end - window.start)
    where = f" (it says why at {window.explanation})" if window.explanation else ""
    return Moment(
        min(at, latest),
        f"Its authority asks for it between {day(window.start)} and {day(window.end)}{where}.",
    )


def _by_lifetime(certificate: Certificate) -> Moment:
    lifetime = lifetime_of(certificate)
    is_short = lifetime < SHORT_LIFETIME
    part, words = (1 / 2, "half of its lifetime is") if is_short else (2 / 3, _TWO_THIRDS)
    share = part + (_fraction(certificate) - 0.5) * _SPREAD
    return Moment(certificate.not_before + share * lifetime, f"About {words} over then.")


def _fraction(certificate: Certificate) -> float:
    return int(certificate.fingerprint[:12], 16) / 16**12
