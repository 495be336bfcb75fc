"""What is told of a renewal and of a plan, and what can be pressed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from certwright.designer.renewal_lines import next_one, plan_line, renewal_line, standing
from certwright.lifecycle.renewal.asking import Activation
from certwright.lifecycle.renewal.due import Outlook
from certwright.lifecycle.renewal.record import Renewal, RenewalState
from certwright.services.endpoints import OwnEndpoint, RenewalSettings, ServiceEndpoint

from ..foreign_authority import ForeignAuthority
from .renewal_records import NOW, asking, certificate, endpoint, failed, plan, renewal, step

SERVED = certificate()
LATER = NOW + timedelta(days=3)
BY_HAND = replace(renewal(RenewalState.WAITING), memory={"request": "1f0c9a72e4d3"})
POSTPONED = renewal(RenewalState.WAITING, again_at=LATER, steps=(step("postpone"),))
IN_WINDOW = renewal(RenewalState.WAITING, again_at=LATER, steps=(step("window"),))


@pytest.mark.parametrize(
    ("one", "state", "follows", "pressed"),
    [
        (renewal(), "Under way", "within seconds", set()),
        (asking(), "Waits for your answer", "until you answer", {"answer"}),
        (failed(), "Failed, and tried again", "Tried 2 times", {"now", "wait"}),
        (BY_HAND, "Waits for the signed answer", "as soon as", set()),
        (POSTPONED, "Waits", "goes on 27 Nov, 09:00, by itself", {"now", "wait"}),
        (
            IN_WINDOW,
            "Waits for its maintenance window",
            "activated 27 Nov, 09:00, when the maintenance window",
            {"now", "wait"},
        ),
        (renewal(RenewalState.DONE), "Done", "It is done.", set()),
        (renewal(RenewalState.DECLINED), "Declined", "nothing more happens", set()),
        (renewal(RenewalState.OBSOLETE), "No longer needed", "It is over.", set()),
    ],
)
def test_each_state_has_its_words_and_its_buttons(
    one: Renewal, state: str, follows: str, pressed: set[str]
) -> None:
    line = renewal_line(one, [], NOW)
    offered = {
        "answer": line.can_be_decided,
        "now": line.can_go_on_now,
        "wait": line.can_wait,
    }
    assert line.state == state
    assert follows in line.follows
    assert {name for name, is_offered in offered.items() if is_offered} == pressed
    assert line.can_be_declined is not one.state.is_over


def test_what_somebody_has_to_run_stands_apart() -> None:
    line = renewal_line(BY_HAND, [], NOW)
    assert line.command.splitlines() == [
        "certwright authorities requests 1f0c9a72e4d3 --out FILE",
        "certwright authorities answer letsencrypt FILE",
    ]
    assert "certwright" not in line.follows


def test_losses_take_the_place_of_the_words() -> None:
    line = renewal_line(
        replace(asking(), sentence="It is no longer for b."), [], NOW, ("No longer for b.",)
    )
    assert (line.losses, line.words) == (("No longer for b.",), "")


def test_nothing_is_said_to_be_served_where_the_handshake_shows_nothing() -> None:
    served = plan(SERVED)
    down = replace(served, endpoints=(replace(served.endpoints[0], proof={"verdict": "fail"}),))
    for one, words in ((failed(), "; the former one is served"), (asking(), "is served until you")):
        used = replace(one, wanted=replace(one.wanted, certificate=SERVED.fingerprint))
        assert words in renewal_line(used, [served], NOW).follows
        line = renewal_line(used, [down], NOW)
        assert (line.served_until, "served" in line.follows) == (None, False)


def test_endpoints_are_its_title_and_names_where_there_are_none() -> None:
    one = renewal()
    assert renewal_line(one, [], NOW).title == "todd.corp.example"
    used = replace(one, wanted=replace(one.wanted, certificate=SERVED.fingerprint))
    line = renewal_line(used, [plan(SERVED)], NOW)
    assert (line.title, line.heading) == ("Web Server", "Renewal: Web Server")
    assert line.served_until == SERVED.not_after


@pytest.mark.parametrize(
    ("state", "words"),
    [(RenewalState.DONE, "It would succeed"), (RenewalState.FAILED, "It would fail")],
)
def test_rehearsal_says_how_it_would_go(state: RenewalState, words: str) -> None:
    one = renewal(state)
    rehearsed = replace(one, wanted=replace(one.wanted, rehearsed_at=OwnEndpoint.WEB_SERVER))
    assert standing(rehearsed)[1] == words
    assert renewal_line(rehearsed, [], NOW).heading == "Rehearsal at the Web Server"


def test_plan_says_when_and_why_and_where_it_waits_for_its_window() -> None:
    later = endpoint(OwnEndpoint.WEB_SERVER, SERVED)
    later = replace(later, renewal=RenewalSettings(window="Sun 02:00-04:00"))
    line = plan_line(plan(SERVED), [Activation(later, NOW + timedelta(days=33))], NOW)
    assert (line.when, line.why) == ("24 Dec", "About two thirds of its lifetime are over then.")
    assert line.activations == (
        "Web Server: activated 27 Dec, in its maintenance window (Sun 02:00-04:00)",
    )
    assert (line.trouble, line.can_begin, line.can_wait) == ("", True, True)


def test_one_that_nobody_renews_says_what_to_do() -> None:
    name = ServiceEndpoint("nginx/shop")
    line = plan_line(plan(SERVED, name, outlook=Outlook.NOBODY), [], NOW)
    assert "Nobody renews it" in line.trouble
    assert line.command == "certwright settings set nginx/shop.authority internal"
    assert (line.can_begin, line.can_wait) == (False, False)


def test_one_that_was_issued_a_moment_ago_needs_nobody() -> None:
    line = plan_line(plan(SERVED, outlook=Outlook.HELD), [], NOW)
    assert (line.trouble, line.can_begin, line.can_wait) == ("", True, False)


def test_one_without_a_name_is_not_said_to_lack_an_authority() -> None:
    trouble = "It has no name that an authority could be asked for."
    left = plan(ForeignAuthority(NOW, "Company").root, outlook=Outlook.NOBODY)
    nameless = replace(left, authority="internal", trouble=trouble)
    line = plan_line(nameless, [], NOW)
    assert line.trouble == (
        "Nobody renews it. It has no name that an authority could be asked for. "
        "Get another one: certwright request NAME, then use it: certwright select web-server ID, "
        "and certwright activate web-server"
    )
    assert line.command == ""


def test_declined_one_can_be_begun_anew() -> None:
    declined = replace(plan(SERVED, outlook=Outlook.DECLINED), trouble="ada declined it.")
    line = plan_line(declined, [], NOW)
    assert line.trouble == "ada declined it. It is not renewed by itself any more."
    assert (line.can_begin, line.can_wait, line.command) == (True, False, "")


def test_next_one_is_that_of_what_was_brought() -> None:
    done = renewal(RenewalState.DONE, issued=SERVED.fingerprint)
    assert next_one([plan(SERVED)], done, NOW) == "The next renewal: 24 Dec, by itself."
    assert next_one([plan(certificate())], done, NOW) == ""
