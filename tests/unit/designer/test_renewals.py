"""The pages of renewals, and what is pressed on them."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from html import unescape

import pytest
from sqlalchemy import delete

from certwright.access.rights import Caller, Right
from certwright.database.tables import store_entries
from certwright.lifecycle.activation import activate
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.renewal.advancing import Surroundings, advance
from certwright.lifecycle.renewal.asking import what_would_happen
from certwright.lifecycle.renewal.deciding import decline
from certwright.lifecycle.renewal.record import (
    Renewal,
    RenewalState,
    keep_renewal,
    unfinished_renewals,
    with_step,
)
from certwright.lifecycle.renewal.requesting import Ordered, request_certificate
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    OwnEndpoint,
    RenewalSettings,
    save_renewal_settings,
)

from ..composed_server import Clock
from ..lifecycle.renewal.conftest import begin, recorded
from ..web_client import TestClient

LogIn = Callable[[Right], TestClient]
HOSTILE = '<script>alert("x")</script> & <b>no</b>'


@pytest.fixture
def selected(server: Server) -> Server:
    """A server with a certificate for both endpoints, whose renewal is planned."""
    provide_certificate(server, None)
    return server


def arrange(server: Server, state: RenewalState, sentence: str = "", days: float = 1) -> Renewal:
    """The renewal of what is saved, in that state, to go on in so many days."""
    begun = recorded(server, begin(server))
    is_waiting = state is RenewalState.WAITING
    stands = replace(
        begun,
        state=state,
        sentence=sentence,
        attempts=1 if is_waiting else 0,
        again_at=server.now() + timedelta(days) if is_waiting else None,
    )
    if sentence:
        stands = with_step(stands, "attempt", sentence, server.now(), ok=False)
    with server.database.begin() as connection:
        return keep_renewal(connection, stands)


def text_of(page: str) -> str:
    """What a reader sees of it."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def press(client: TestClient, path: str, **fields: str) -> str:
    """Send a form of the page Renewals; returns the address that it leads to."""
    token = re.search(r'name="form_token" value="([^"]+)"', client.get("/renewals").text)
    assert token is not None
    sent = {"form_token": token[1], **fields}
    answer = client.post(path, data=sent, follow_redirects=False)
    assert answer.status_code == 303, text_of(answer.text)
    return str(answer.headers["location"])


def refusal(client: TestClient, path: str, **fields: str) -> tuple[int, str]:
    """Send a form that is refused; returns the status and what is told."""
    token = re.search(r'name="form_token" value="([^"]+)"', client.get("/renewals").text)
    assert token is not None
    answer = client.post(path, data={"form_token": token[1], **fields}, follow_redirects=False)
    return answer.status_code, text_of(answer.text)


def test_nothing_to_renew_says_what_will_be_here(server: Server, log_in: LogIn) -> None:
    client = log_in(Right.READ)
    page = text_of(client.get("/renewals").text)
    assert "No renewal is planned." in page
    assert "As soon as an endpoint serves a certificate" in page
    assert "Nothing was renewed yet." in page
    assert "No endpoint uses a certificate yet" in text_of(client.get("/renewals/calendar").text)


def test_words_of_whoever_refused_are_only_text(selected: Server, log_in: LogIn) -> None:
    one = arrange(selected, RenewalState.WAITING, HOSTILE)
    client = log_in(Right.ADMIN)
    own = f"/renewals/{one.id}"
    certificate = f"/certificates/{one.wanted.certificate}/story"
    for address in ("/", "/renewals", own, "/renewals/calendar", certificate):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "<b>no" not in page
    assert "Failed, and tried again todd.corp.example, localhost" in text_of(
        client.get("/renewals").text
    )
    assert "&lt;script&gt;" in client.get(f"/renewals/{one.id}").text


def test_the_story_of_what_was_deleted_since_is_told_all_the_same(
    selected: Server, log_in: LogIn
) -> None:
    over = arrange(selected, RenewalState.OBSOLETE)
    with selected.database.begin() as connection:
        connection.execute(
            delete(store_entries).where(store_entries.c.fingerprint == over.wanted.certificate)
        )
    answer = log_in(Right.READ).get(f"/renewals/{over.id}")
    assert answer.status_code == 200
    assert "It is not in the store any more" in text_of(answer.text)


def test_now_begins_what_was_only_planned(selected: Server, log_in: LogIn) -> None:
    (plan,) = what_would_happen(selected)
    client = log_in(Right.CREATE)
    address = press(client, f"/renewals/of/{plan.certificate.fingerprint}/now")
    assert address == "/renewals/1"
    assert recorded(selected, 1).wanted.actor == "create"
    assert "Under way" in text_of(client.get(address).text)


def test_not_yet_waits_until_then_and_not_too_long(selected: Server, log_in: LogIn) -> None:
    (plan,) = what_would_happen(selected)
    fingerprint = plan.certificate.fingerprint
    client, address = log_in(Right.MODIFY), f"/renewals/of/{fingerprint}/postpone"
    question = client.get(address).text
    assert "a tenth of the lifetime is kept for trouble" in question
    assert f'min="{plan.moment.at:%Y-%m-%dT%H:%M}"' in question
    too_late = (plan.certificate.not_after - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    status, told = refusal(client, address, until=too_late)
    assert (status, "Name a moment before" in told) == (400, True)
    for wrong in ("", "soon", "2026-13-01T00:00", "0001-01-01T00:00+23:59"):
        assert refusal(client, address, until=wrong)[0] == 400
    later = plan.moment.at + timedelta(days=2)
    story = press(client, address, until=f"{later:%Y-%m-%dT%H:%M}")
    with selected.database.connect() as connection:
        (begun,) = unfinished_renewals(connection)
    assert story == f"/renewals/{begun.id}"
    assert begun.again_at == later.replace(second=0, microsecond=0)
    assert "modify postponed it." in text_of(client.get(story).text)


DECISIONS = ("now", "agree", "decline", "postpone")


def test_right_read_decides_nothing(selected: Server, log_in: LogIn) -> None:
    one = arrange(selected, RenewalState.ASKING)
    client = log_in(Right.READ)
    page = client.get(f"/renewals/{one.id}").text
    assert "needs the right Modify; yours is Read" in page
    assert "<button>Agree" not in page
    for decision in DECISIONS:
        path = f"/renewals/{one.id}/{decision}"
        status, told = refusal(client, path, until="2026-11-25T09:00")
        assert (status, "that needs the right modify" in told) == (403, True)
    for question in ("decline", "postpone"):
        assert client.get(f"/renewals/{one.id}/{question}").status_code == 403
    assert recorded(selected, one.id) == one


def test_right_modify_begins_nothing(selected: Server, log_in: LogIn) -> None:
    (plan,) = what_would_happen(selected)
    client = log_in(Right.MODIFY)
    path = f"/renewals/of/{plan.certificate.fingerprint}/now"
    assert path not in client.get("/renewals").text
    assert refusal(client, path)[0] == 403


def test_form_without_token_or_from_elsewhere_decides_nothing(
    selected: Server, log_in: LogIn
) -> None:
    one = arrange(selected, RenewalState.ASKING)
    client, own = log_in(Right.ADMIN), f"/renewals/{one.id}"
    planned = f"/renewals/of/{one.wanted.certificate}"
    token = re.search(r'name="form_token" value="([^"]+)"', client.get(own).text)
    assert token is not None
    for path in (*(f"{own}/{name}" for name in DECISIONS), f"{planned}/now", f"{planned}/postpone"):
        assert client.post(path, data={"until": "2026-11-25T09:00"}).status_code == 403
        elsewhere = {"Origin": "https://evil.example"}
        forged = client.post(path, data={"form_token": token[1]}, headers=elsewhere)
        assert forged.status_code == 403
    assert recorded(selected, one.id) == one


def test_addresses_that_lead_nowhere_say_so(selected: Server, log_in: LogIn) -> None:
    client = log_in(Right.MODIFY)
    for path, status in (
        ("/renewals/4711", 404),
        (f"/renewals/{2**63}", 400),
        ("/renewals/-1", 400),
        ("/renewals/x", 400),
        ("/renewals/4711/postpone", 404),
        ("/renewals/4711/decline", 404),
        (f"/renewals/of/{'0' * 64}/postpone", 404),
        ("/renewals/calendar?from=2026-13", 400),
        ("/renewals/calendar?from=9999-12", 400),
        ("/renewals/calendar?from=", 200),
        ("/renewals/calendar?from=1000-01", 200),
        ("/renewals/calendar?from=2999-12", 200),
    ):
        answer = client.get(path)
        assert answer.status_code == status, path
        assert "The form" not in answer.text  # none was sent


def test_what_is_planned_is_told_wherever_somebody_looks(selected: Server, log_in: LogIn) -> None:
    with selected.database.begin() as connection:
        window = RenewalSettings(window="Sun 02:00-04:00")
        save_renewal_settings(connection, OwnEndpoint.WEB_SERVER, window)
    (plan,) = what_would_happen(selected)
    client = log_in(Right.CREATE)
    page = text_of(client.get("/renewals").text)
    assert re.search("Next renewal: Configuration Server and Web Server, 2[3-6] Dec, by", page)
    assert "About two thirds of its lifetime are over then." in page
    assert "in its maintenance window (Sun 02:00-04:00)" in page
    main_window = client.get("/").text
    assert "Next renewal: Configuration Server and Web Server" in main_window
    assert main_window.count('class="renewal-mark"') == 3  # a lane each, and the key
    calendar = client.get("/renewals/calendar").text
    assert calendar.count('aria-current="date"') == 1
    assert 'href="/renewals/calendar?from=2027-02"' in calendar
    assert "Renewal: Configuration Server and Web Server" in calendar
    assert "Runs out: Configuration Server and Web Server" in calendar
    story = client.get(f"/certificates/{plan.certificate.fingerprint}/story").text
    assert "It is renewed by itself on" in story
    root = client.get(f"/certificates/{selected.authority.root.fingerprint}/story").text
    assert "no endpoint uses it" in root


def test_one_that_failed_goes_on_now_and_its_story_shows_it(
    selected: Server, log_in: LogIn, clock: Clock
) -> None:
    one = arrange(selected, RenewalState.WAITING, "The policy forbids todd.")
    client, story = log_in(Right.MODIFY), f"/renewals/{one.id}"
    assert "Try again now" in client.get("/renewals").text
    refreshed = re.search(r'hx-get="([^"]+)"', client.get(story).text)
    assert refreshed is not None
    assert client.get(refreshed[1]).status_code == 204
    assert press(client, f"{story}/now") == story
    assert recorded(selected, one.id).again_at == clock()
    assert client.get(refreshed[1]).status_code == 200


def test_one_at_work_waits_as_long_as_there_is_time(
    selected: Server, log_in: LogIn, clock: Clock
) -> None:
    one = arrange(selected, RenewalState.WAITING, "The policy forbids todd.")
    (plan,) = what_would_happen(selected)
    client, address = log_in(Right.MODIFY), f"/renewals/{one.id}/postpone"
    assert "a week" in text_of(client.get(address).text)
    later = selected.now() + timedelta(days=3)
    assert press(client, address, until=later.isoformat()) == f"/renewals/{one.id}"
    assert recorded(selected, one.id).again_at == later
    clock.at = plan.certificate.not_after - timedelta(days=1)
    late = log_in(Right.ADMIN)
    assert "It cannot wait any longer" in text_of(late.get(address).text)


def test_what_waits_for_an_answer_is_told_first_and_answered(
    selected: Server, log_in: LogIn
) -> None:
    one = arrange(selected, RenewalState.ASKING)
    client = log_in(Right.MODIFY)
    main_window = client.get("/").text
    assert "waits for your answer" in main_window
    assert f'href="/renewals/{one.id}"' in main_window
    page = client.get("/renewals").text
    assert page.index("Waits for you") < page.index("What comes next")
    assert f'action="/renewals/{one.id}/agree"' in page
    assert f'href="/renewals/{one.id}/decline"' in page
    assert "Decline this renewal?" in client.get(f"/renewals/{one.id}/decline").text
    assert press(client, f"/renewals/{one.id}/agree") == f"/renewals/{one.id}"
    assert recorded(selected, one.id).agreed
    assert press(client, f"/renewals/{one.id}/decline") == f"/renewals/{one.id}"
    assert recorded(selected, one.id).state is RenewalState.DECLINED
    told = text_of(client.get("/renewals").text)
    assert "modify declined it. It is not renewed by itself any more." in told


def test_an_endpoint_whose_renewal_waits_for_an_answer_leads_to_it(
    selected: Server, log_in: LogIn, admin: Caller
) -> None:
    for endpoint in OwnEndpoint:
        activate(selected, endpoint, admin)
    one = arrange(selected, RenewalState.ASKING)
    page = log_in(Right.MODIFY).get("/").text
    assert page.count(f'href="/renewals/{one.id}">Answer</a>') == 3  # on top, and at each endpoint
    assert "Prove it again" not in page


def test_what_no_endpoint_uses_and_runs_out_is_told_with_the_command(
    selected: Server, log_in: LogIn, admin: Caller, clock: Clock
) -> None:
    ordered = Ordered(("reports.corp.example",), lifetime=timedelta(days=30))
    begun = request_certificate(selected, ordered, caller=admin)
    advance(selected, begun.id, Surroundings(lambda: 0.5, UTC))
    clock.move(timedelta(days=25))
    page = text_of(log_in(Right.READ).get("/renewals").text)
    assert "Used by no endpoint, and running out reports.corp.example Good until" in page
    assert "If it is needed still: certwright renew" in page


def test_what_is_over_is_told_as_such_and_decided_no_more(
    selected: Server, log_in: LogIn, admin: Caller
) -> None:
    one = arrange(selected, RenewalState.ASKING)
    decline(selected, one.id, caller=admin)
    client, own = log_in(Right.MODIFY), f"/renewals/{one.id}"
    status, told = refusal(client, f"{own}/agree")
    assert status == 409
    assert "does not ask for anybody's agreement. Below stands how it is now." in told
    status, told = refusal(client, f"{own}/postpone", until="2026-11-25T09:00")
    assert (status, "look how it stands now" in told) == (409, True)
    page = client.get(own).text
    assert "hx-get" not in page
    assert 'action="/renewals' not in page
    assert "Declined: Configuration Server" in text_of(client.get("/renewals/calendar").text)
