"""In five seconds: is everything served right, until when, and if not, what to press."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.appearance import on_narrow_screens, scrolls_sideways, violations
from tests.browser.conftest import VisitStarter
from tests.browser.test_log_in import add_user
from tests.browser.visit import Visit
from tests.conftest import RunningNode
from tests.processor import is_within

PAGES = (
    "/",
    "/settings/configuration-server",
    "/settings/web-server",
    "/settings/web-server/certificate",
    "/settings/web-server/certificate?location=LocalMachine&store=Root",
    "/settings/web-server/certificate?location=CurrentUser&store=My",
    "/settings/web-server/certificate/import",
    "/activations?id=1&id=2",
    "/password",
    "/no-such-page",
)


def test_one_sentence_says_how_things_are(admin_visit: Visit) -> None:
    state = admin_visit.page.get_by_role("region", name="State of the server")
    expect(state).to_contain_text("Good")
    expect(state).to_contain_text("All endpoints are proven.")
    for endpoint in ("Configuration Server", "Web Server"):
        row = admin_visit.page.get_by_role("row").filter(
            has=admin_visit.page.get_by_role("link", name=endpoint)
        )
        expect(row).to_contain_text("localhost")
        expect(row).to_contain_text("Certwright Issuing CA 1")
        expect(row).to_contain_text(re.compile("4[67] days"))
        expect(row).to_contain_text("Passed")


def test_expiries_are_drawn_and_told(admin_visit: Visit) -> None:
    drawing = admin_visit.page.get_by_role("img", name="Today is")
    assert "Web Server good until" in (drawing.get_attribute("aria-label") or "")
    expect(drawing.locator("rect.lane")).to_have_count(2)


def test_lately_tells_what_was_proven(admin_visit: Visit) -> None:
    expect(admin_visit.page.locator(".events")).to_contain_text("Web Server proven")


def test_axe_finds_nothing(start_visit: VisitStarter) -> None:
    visit = start_visit()
    visit.open("/log-in")
    found = violations(visit.page)
    visit.log_in()
    for address in PAGES:
        visit.open(address)
        found += [f"{address} {violation}" for violation in violations(visit.page)]
    visit.open()
    visit.open_location("Web Server")
    found += [f"windows: {violation}" for violation in violations(visit.page)]
    assert found == []


@on_narrow_screens
def test_nothing_scrolls_sideways(start_visit: VisitStarter, screen: dict[str, object]) -> None:
    visit = start_visit(**screen)
    visit.open("/log-in")
    sideways = ["/log-in"] if scrolls_sideways(visit.page) else []
    visit.log_in()
    for address in PAGES:
        visit.open(address)
        sideways += [address] if scrolls_sideways(visit.page) else []
    visit.open()
    window = visit.open_location("Web Server")
    if window.evaluate("dialog => dialog.scrollWidth > dialog.clientWidth"):
        sideways.append("window")
    assert sideways == []


def test_frame_of_a_phone_is_two_rows_and_names_the_server(start_visit: VisitStarter) -> None:
    visit = start_visit(viewport={"width": 360, "height": 740})
    visit.log_in()
    frame = visit.page.get_by_role("banner")
    expect(frame.get_by_role("heading", name="localhost")).to_be_in_viewport()
    for entry in (frame.get_by_text(name, exact=True) for name in ("Server", "Renewals", "admin")):
        expect(entry).to_be_in_viewport()
    box = frame.bounding_box()
    assert box is not None
    assert box["height"] <= 100
    visit.choose_from_menu("Server", "Settings")
    expect(visit.window("Server settings")).to_be_in_viewport()


@pytest.mark.alone
def test_first_page_is_light_and_quick(admin_visit: Visit) -> None:
    paints = []
    for _ in range(5):
        admin_visit.page.reload()
        paints.append(
            admin_visit.page.evaluate(
                """() => new Promise(tell => new PerformanceObserver(list => {
                    const paint = list.getEntriesByName('first-contentful-paint')[0];
                    if (paint) tell(paint.startTime);
                }).observe({type: 'paint', buffered: true}))"""
            )
        )
    size = admin_visit.page.evaluate(
        """() => [...performance.getEntriesByType('navigation'),
                  ...performance.getEntriesByType('resource')]
                 .reduce((sum, entry) => sum + entry.decodedBodySize, 0)"""
    )
    assert size < 100_000
    assert is_within(min(paints), 200)


def test_page_that_is_not_there_says_so(admin_visit: Visit) -> None:
    assert admin_visit.open("/no-such-page").status == 404
    expect(admin_visit.page.get_by_text("There is no page at this address.")).to_be_visible()
    admin_visit.page.get_by_role("link", name="Main window").click()
    expect(admin_visit.page.get_by_role("heading", name="Endpoints")).to_be_visible()


def test_right_read_sees_and_is_told_why_it_may_not(
    visit: Visit, node: RunningNode, tmp_path: Path
) -> None:
    add_user(node, tmp_path, "auditor", "read", "a long enough password")
    visit.log_in("auditor", "a long enough password")
    visit.page.locator("summary", has_text="Server").click()
    expect(visit.page.get_by_text("Needs the right Modify; yours is Read.")).to_be_visible()
    visit.open("/settings/web-server")
    expect(visit.page.get_by_role("radio", name="HTTP - Unrestricted")).to_be_disabled()
    expect(visit.page.get_by_role("button", name="OK")).to_have_count(0)
    visit.page.get_by_role("link", name="Show certificates").click()
    expect(visit.page.get_by_role("radio").first).to_be_disabled()
    expect(visit.page.get_by_text("Importing needs the right Create")).to_be_visible()
    assert visit.open("/settings/web-server/certificate/import").status == 403
