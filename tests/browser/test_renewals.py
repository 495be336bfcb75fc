"""Renewals, their stories and their calendar, for whoever looks at them and however."""

import os
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, insert, select
from tests.browser.appearance import on_narrow_screens, scrolls_sideways, violations
from tests.browser.conftest import VisitStarter
from tests.browser.test_settings import tab_to
from tests.browser.visit import ADMIN_PASSWORD, Visit
from tests.conftest import NodeStarter, RunningNode

from certwright.database.node_views import endpoints
from certwright.database.tables import renewals
from certwright.lifecycle.activation_record import Step

OWN = "Configuration Server and Web Server"
REFUSAL = (
    "urn:ietf:params:acme:error:rateLimited: <b>too many certificates</b> already issued for "
    f"this exact set of identifiers, see https://ca.example/{'a' * 60} Wait until then."
)


@pytest.fixture(scope="module")
def node(
    start_module_node: NodeStarter,
    module_database: Engine,
    tmp_path_factory: pytest.TempPathFactory,
) -> RunningNode:
    """A node with a renewal in each state that lasts."""
    password_file = tmp_path_factory.mktemp("password") / "password"
    password_file.touch(0o600)
    password_file.write_text(ADMIN_PASSWORD)
    url = module_database.url.render_as_string(hide_password=False)
    started = start_module_node(
        "--admin-password-file", str(password_file), "--database", url, "--name", "localhost"
    )
    arrange(module_database)
    log = f"/dev/no-such-log-{os.getpid()}"
    assert started.command("settings", "set", "syslog.address", log).returncode == 0
    return started


def arrange(database: Engine) -> None:
    """Renewal 1 failed, 2 waits until in three days, 3 is over; what is served is only planned."""
    now = datetime.now(UTC)
    usual = {
        "names": ["shop.corp.example"],
        "authority": "letsencrypt",
        "renewal_key": "new",
        "key_type": "ec-p256",
        "lifetime_seconds": 47 * 86_400,
        "actor": "node",
        "reason": "It was asked for.",
        "state": "waiting",
        "memory": {},
        "agreed": False,
        "attempts": 0,
        "sentence": "",
        "started_at": now,
    }
    steps = [
        step("key", "A new private key was made (ec-p256).", now, ok=True),
        step("attempt", REFUSAL, now, ok=False),
    ]
    rows: list[dict[str, Any]] = [
        {"attempts": 3, "sentence": REFUSAL, "steps": steps, "again_at": now + timedelta(days=1)}
        | {"key_fingerprint": "ab" * 32},
        {"sentence": "ada postponed it.", "steps": [], "again_at": now + timedelta(days=3)},
        {"state": "declined", "sentence": "ada declined it.", "steps": [], "finished_at": now},
    ]
    with database.begin() as connection:
        for row in rows:
            connection.execute(insert(renewals).values(usual | row))


def step(name: str, sentence: str, at: datetime, *, ok: bool) -> dict[str, Any]:
    return asdict(Step(name, ok, sentence, at.isoformat()))


@pytest.fixture(scope="module")
def pages(node: RunningNode, module_database: Engine) -> tuple[str, ...]:
    """The addresses of all pages of renewals."""
    with module_database.connect() as connection:
        served = connection.scalars(select(endpoints.c.active_certificate)).first()
    return (
        "/",
        "/renewals",
        "/renewals/1",
        "/renewals/1/decline",
        f"/renewals/of/{served}/postpone",
        "/renewals/calendar",
        f"/certificates/{served}/story",
        "/telling",
    )


def test_axe_finds_nothing(start_visit: VisitStarter, pages: tuple[str, ...]) -> None:
    visit = start_visit()
    visit.log_in()
    found = []
    for address in pages:
        visit.open(address)
        found += [f"{address} {violation}" for violation in violations(visit.page)]
    assert found == []


@on_narrow_screens
def test_nothing_scrolls_sideways(
    start_visit: VisitStarter, pages: tuple[str, ...], screen: dict[str, object]
) -> None:
    visit = start_visit(**screen)
    visit.log_in()
    sideways = []
    for address in pages:
        visit.open(address)
        sideways += [address] if scrolls_sideways(visit.page) else []
    assert sideways == []


def test_calendar_is_a_list_of_the_days_that_have_something_on_a_phone(
    start_visit: VisitStarter,
) -> None:
    visit = start_visit(viewport={"width": 360, "height": 740})
    visit.log_in()
    visit.open("/renewals/calendar")
    days = visit.page.locator(".month td:visible")
    expect(days.filter(has_text="Today")).to_have_count(1)
    expect(days.filter(has_text=f"Renewal: {OWN}")).to_have_count(1)
    with_something = days.filter(has=visit.page.get_by_role("link"))
    assert days.count() - with_something.count() <= 1  # today, if nothing else is on it


def test_story_and_calendar_can_be_read_without_javascript(start_visit: VisitStarter) -> None:
    visit = start_visit(java_script_enabled=False)
    visit.log_in()
    page = visit.page
    page.get_by_role("link", name="Renewals", exact=True).click()
    page.get_by_role("heading", name="shop.corp.example").first.get_by_role("link").click()
    way = page.get_by_role("list", name="The way of this renewal")
    expect(way.get_by_text("Issue: failed")).to_be_visible()
    expect(page.get_by_role("region", name="What happened")).to_contain_text("<b>too many")
    page.get_by_role("link", name="Not yet").click()
    expect(page.get_by_label("Until (UTC)")).to_be_visible()
    visit.open("/renewals/calendar")
    expect(page.get_by_role("link", name=f"Renewal: {OWN}")).to_be_visible()
    page.get_by_role("link", name="Later").click()
    expect(page.locator('[aria-current="date"]')).to_have_count(0)


def test_test_message_is_sent_in_its_window(admin_visit: Visit) -> None:
    admin_visit.choose_from_menu("Server", "Telling people")
    window = admin_visit.window("Telling people")
    window.get_by_role("button", name="Send a test").click()
    result = window.get_by_role("status").filter(has_text="The test failed.")
    expect(result).to_be_focused()


def test_renewal_is_put_off_and_hurried_by_keyboard_and_watched_to_its_end(
    admin_visit: Visit,
) -> None:
    page = admin_visit.page
    tab_to(page, "Renewals")
    page.keyboard.press("Enter")
    not_yet = page.get_by_role("row").filter(has_text=OWN).get_by_role("link", name="Not yet")
    admin_visit.arrive(not_yet)
    not_yet.focus()
    page.keyboard.press("Enter")
    window = admin_visit.window("Not yet")
    expect(window.get_by_label("Until (UTC)")).to_be_focused()
    tab_to(page, "a day")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Renewal: {OWN}")).to_be_visible()
    expect(page.get_by_role("region", name="What happens next")).to_contain_text(
        "admin postponed it."
    )
    page.get_by_role("button", name="Now").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Done")).to_be_visible()
    way = page.get_by_role("list", name="The way of this renewal")
    expect(way.get_by_text(": done")).to_have_count(8)
    expect(page.get_by_role("region", name="What happens next")).to_contain_text(
        "The next renewal:"
    )
