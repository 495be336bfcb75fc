"""Which of all renewals and plans somebody has to see to first. Pure."""

from collections.abc import Iterator, Sequence

from certwright.lifecycle.renewal.due import Plan
from certwright.lifecycle.renewal.record import Renewal
from certwright.lifecycle.renewal.story import has_failed


def most_urgent(plans: Sequence[Plan], at_work: Sequence[Renewal]) -> Renewal | Plan | None:
    """What needs people, None where nothing does.

    What an endpoint serves comes before what none uses, and one that is not proven before others;
    then who waits for agreement, what failed, what nobody renews, what waits for a signature.
    """
    troubles = sorted(_troubles(plans, at_work), key=lambda one: _rank(one, plan_of(one, plans)))
    return troubles[0] if troubles else None


def plan_of(one: Renewal | Plan, plans: Sequence[Plan]) -> Plan | None:
    """The plan for the certificate that `one` replaces or brought; None where none is in use."""
    if isinstance(one, Plan):
        return one
    concerned = (one.wanted.certificate, one.issued)
    return next((plan for plan in plans if plan.certificate.fingerprint in concerned), None)


def _troubles(plans: Sequence[Plan], at_work: Sequence[Renewal]) -> Iterator[Renewal | Plan]:
    yield from (one for one in at_work if one.waits_for_agreement)
    yield from (one for one in at_work if has_failed(one))
    yield from (plan for plan in plans if plan.is_left_alone)
    yield from (one for one in at_work if one.waits_for_answer)


def _rank(one: Renewal | Plan, plan: Plan | None) -> int:
    if plan is None or (isinstance(one, Renewal) and one.wanted.rehearsed_at is not None):
        return 2
    return 1 if all(endpoint.is_proven for endpoint in plan.endpoints) else 0
