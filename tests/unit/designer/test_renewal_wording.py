"""The one sentence for all renewals, and how endpoints are named in it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from certwright.designer.renewal_wording import places_text, renewal_sentence
from certwright.lifecycle.renewal.due import Outlook
from certwright.lifecycle.renewal.record import Renewal, RenewalState
from certwright.services.endpoints import OwnEndpoint, ServiceEndpoint

from .renewal_records import NOW, asking, certificate, endpoint, failed, plan, renewal

SERVED = certificate()


def test_next_one_is_told_with_its_day_and_that_nobody_has_to_do_anything() -> None:
    told = renewal_sentence([plan(SERVED), plan(certificate(), days=40)], [], NOW)
    assert told.sentence == "Next renewal: Web Server, 24 Dec, by itself."
    assert (told.health, told.address) == ("good", "/renewals")


def test_one_that_is_due_begins_in_a_moment() -> None:
    told = renewal_sentence([plan(SERVED, outlook=Outlook.DUE, days=-1)], [], NOW)
    assert told.sentence == "Next renewal: Web Server, in a moment, by itself."


def test_nothing_planned_says_so() -> None:
    assert renewal_sentence([], [], NOW).sentence == "No renewal is planned."
    held = plan(SERVED, outlook=Outlook.HELD)
    assert renewal_sentence([held], [], NOW).sentence == "No renewal is planned."


@pytest.mark.parametrize(
    ("at_work", "words", "health"),
    [
        (asking(), "The renewal for the Web Server waits for your answer.", "attention"),
        (failed(), "failed, and is tried again today, 10:00.", "attention"),
        (renewal(), "The renewal for the Web Server is under way.", "running"),
        (replace(asking(), agreed=True), "goes on in a moment.", "good"),
    ],
)
def test_what_is_at_work_is_told_with_what_it_is_for(
    at_work: Renewal, words: str, health: str
) -> None:
    wanted = replace(at_work.wanted, certificate=SERVED.fingerprint)
    used = replace(at_work, wanted=wanted)
    told = renewal_sentence([plan(SERVED, outlook=Outlook.AT_WORK)], [used], NOW)
    assert words in told.sentence
    assert told.health == health


def test_what_waits_for_an_answer_comes_before_what_failed() -> None:
    told = renewal_sentence([], [failed(), replace(asking(), id=8)], NOW)
    assert told.address == "/renewals/8"
    assert "todd.corp.example waits for your answer" in told.sentence


def test_what_an_endpoint_serves_comes_before_a_request_that_none_uses() -> None:
    request = replace(failed(), wanted=replace(failed().wanted, certificate=None))
    live = replace(failed(), id=8, wanted=replace(failed().wanted, certificate=SERVED.fingerprint))
    served = plan(SERVED, outlook=Outlook.AT_WORK)
    assert renewal_sentence([served], [request, live], NOW).address == "/renewals/8"
    nobodys = plan(certificate(), ServiceEndpoint("nginx/shop"), outlook=Outlook.NOBODY)
    told = renewal_sentence([nobodys], [request], NOW)
    assert told.sentence.startswith("Nobody renews the certificate of shop of nginx.")
    # And of these first what is broken now.
    broken = replace(nobodys.endpoints[0], proof={"verdict": "fail"})
    down = replace(nobodys, endpoints=(broken,))
    assert renewal_sentence([served, down], [request, live], NOW).plan == down


def test_one_that_nobody_renews_is_told_before_what_is_planned() -> None:
    for outlook, why in (
        (Outlook.NOBODY, "No authority is known for it."),
        (Outlook.DECLINED, "ada declined it."),
    ):
        left = replace(plan(SERVED, outlook=outlook), trouble=why)
        told = renewal_sentence([plan(certificate(), days=1), left], [], NOW)
        assert told.sentence == f"Nobody renews the certificate of the Web Server. {why}"
        assert told.health == "attention"


def test_one_that_waits_for_the_signed_answer_is_told() -> None:
    waiting = renewal(RenewalState.WAITING, again_at=None)
    told = renewal_sentence([], [waiting], NOW)
    assert told.sentence == "The renewal for todd.corp.example waits for the signed answer."
    assert (told.health, told.address) == ("attention", "/renewals/7")


def test_first_certificate_that_failed_is_a_request() -> None:
    first = failed()
    first = replace(first, wanted=replace(first.wanted, certificate=None))
    assert renewal_sentence([], [first], NOW).sentence.startswith("The request for todd")


def test_one_that_waits_says_when_it_goes_on() -> None:
    waiting = renewal(RenewalState.WAITING, again_at=NOW + timedelta(days=3))
    assert "goes on 27 Nov" in renewal_sentence([], [waiting], NOW).sentence


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "no endpoint"),
        (1, "a of nginx"),
        (2, "a of nginx and b of nginx"),
        (3, "a of nginx, b of nginx and c of nginx"),
        (5, "a of nginx, b of nginx and 3 more"),
    ],
)
def test_of_many_endpoints_a_few_are_named(number: int, text: str) -> None:
    names = [ServiceEndpoint(f"nginx/{letter}") for letter in "abcde"[:number]]
    assert places_text(endpoint(name, SERVED) for name in names) == text


def test_own_endpoints_go_by_their_titles() -> None:
    both = [endpoint(name, SERVED) for name in OwnEndpoint]
    assert places_text(both) == "Configuration Server and Web Server"
