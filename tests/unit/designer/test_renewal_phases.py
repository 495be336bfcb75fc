"""Where a renewal stands on its way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from certwright.designer.renewal_phases import phases_of
from certwright.lifecycle.renewal.record import Renewal, RenewalState
from certwright.services.endpoints import EndpointName, OwnEndpoint

from .renewal_records import NOW, asking, failed, renewal, step, story

WEB, CONFIGURATION = OwnEndpoint.WEB_SERVER, OwnEndpoint.CONFIGURATION_SERVER
Steps = list[tuple[str, bool | None, EndpointName | None]]
ISSUED: Steps = [("key", True, None), ("issue", True, None), ("check", True, None)]
SELECTED: Steps = [*ISSUED, ("select", True, None)]
THERE = renewal(key_fingerprint="cd" * 32, issued="ef" * 32)
PUT_BACK = replace(THERE, state=RenewalState.WAITING, steps=(step("activate", ok=False),))


def told(one: Renewal, steps: Steps) -> str:
    """`Request+ Issue+ Check?`: done +, failed -, asking ?, under way …; no more of what comes."""
    signs = {"good": "+", "broken": "-", "attention": "?", "running": "…"}
    return " ".join(
        phase.title + signs[phase.standing]
        for phase in phases_of(story(one, steps))
        if phase.standing in signs
    )


@pytest.mark.parametrize(
    ("one", "steps", "expected"),
    [
        (renewal(), [], "Request…"),
        (renewal(key_fingerprint="cd" * 32), ISSUED[:1], "Request+ Issue…"),
        (failed(), ISSUED[:1], "Request+ Issue-"),
        (asking(), [*ISSUED, ("compare", False, None)], "Request+ Issue+ Check?"),
        (THERE, ISSUED, "Request+ Issue+ Check+ Store+ Select…"),
        (THERE, SELECTED, "Request+ Issue+ Check+ Store+ Select+ Activate…"),
        (
            THERE,
            [*SELECTED, ("switch", True, WEB), ("prove", None, WEB)],
            "Request+ Issue+ Check+ Store+ Select+ Activate+ Prove…",
        ),
        (
            PUT_BACK,
            [*SELECTED, ("switch", True, WEB), ("prove", False, WEB), ("put-back", True, WEB)],
            "Request+ Issue+ Check+ Store+ Select+ Activate+ Prove-",
        ),
        (
            PUT_BACK,
            [*SELECTED, ("switch", False, WEB), ("put-back", True, WEB)],
            "Request+ Issue+ Check+ Store+ Select+ Activate-",
        ),
    ],
)
def test_phases_stand_where_the_renewal_is(one: Renewal, steps: Steps, expected: str) -> None:
    assert told(one, steps) == expected


def test_all_are_behind_one_that_is_done() -> None:
    phases = phases_of(story(renewal(RenewalState.DONE), SELECTED))
    assert [phase.standing for phase in phases] == ["good"] * 8
    assert phases[-1].title == "Retire"


def test_one_that_waits_for_a_window_is_not_activated_yet() -> None:
    opens_at = NOW + timedelta(days=3)
    waiting = replace(THERE, state=RenewalState.WAITING, again_at=opens_at, steps=(step("window"),))
    done_elsewhere: Steps = [
        *SELECTED,
        ("switch", True, CONFIGURATION),
        ("prove", True, CONFIGURATION),
    ]
    assert told(waiting, done_elsewhere).split()[-2:] == ["Select+", "Activate…"]


def test_first_certificate_is_on_its_way_only_as_far_as_the_store() -> None:
    first = replace(renewal(), wanted=replace(renewal().wanted, certificate=None))
    titles = [phase.title for phase in phases_of(story(first, []))]
    assert titles == ["Request", "Issue", "Check", "Store"]


def test_rehearsal_ends_with_what_was_served_before() -> None:
    one = replace(THERE, wanted=replace(THERE.wanted, rehearsed_at=WEB))
    steps: Steps = [*ISSUED, ("switch", True, WEB), ("prove", True, WEB), ("put-back", None, WEB)]
    assert told(one, steps).endswith("Store+ Activate+ Prove+ Put back…")


def test_what_was_declined_goes_no_further() -> None:
    assert told(renewal(RenewalState.DECLINED, key_fingerprint="cd" * 32), ISSUED[:1]) == "Request+"


def test_a_phase_that_is_behind_says_when() -> None:
    phases = phases_of(story(THERE, ISSUED))
    assert [phase.at is not None for phase in phases[:5]] == [True, True, True, True, False]
