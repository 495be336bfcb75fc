"""Logging in and out, as a person meets it."""

import re
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import expect
from tests.browser.conftest import VisitStarter
from tests.browser.visit import ADMIN_PASSWORD, Visit
from tests.conftest import RunningNode


def add_user(node: RunningNode, folder: Path, name: str, right: str, password: str) -> None:
    """By the command line, as the admin would."""
    password_file = folder / name
    password_file.write_text(password)
    password_file.chmod(0o600)
    result = node.command(
        "users", "add", name, "--right", right, "--password-file", str(password_file)
    )
    assert result.returncode == 0, result.stderr


def test_browser_trusts_the_node(visit: Visit) -> None:
    response = visit.open()
    security = response.security_details()
    assert response.status == 200
    assert security is not None
    assert security["issuer"] == "Certwright Issuing CA 1"
    assert security["protocol"] == "TLS 1.3"


def test_wrong_password_is_told_plainly_and_the_name_is_kept(visit: Visit) -> None:
    visit.try_to_log_in("admin", "not the password")
    expect(visit.page.get_by_role("alert")).to_contain_text("user name or the password is wrong")
    expect(visit.page.get_by_label("User name")).to_have_value("admin")
    expect(visit.page.get_by_label("Password")).to_have_value("")
    expect(visit.page.get_by_label("Password")).to_be_focused()


def test_who_logged_in_and_who_could_not_is_on_record(visit: Visit) -> None:
    visit.try_to_log_in("admin", "not the password")
    visit.log_in()
    lately = visit.page.get_by_role("list").filter(has_text="logged in from")
    expect(lately).to_contain_text(re.compile(r"admin logged in from (127\.0\.0\.1|::1)"))
    expect(lately).to_contain_text(re.compile(r"Wrong log-in from (127\.0\.0\.1|::1)"))
    expect(visit.page.locator("body")).not_to_contain_text("not the password")


def test_log_in_leads_to_the_page_that_was_asked_for(visit: Visit) -> None:
    visit.open("/settings/web-server")
    expect(visit.page).to_have_url(re.compile(r"/log-in\?then="))
    visit.page.get_by_label("User name").fill("admin")
    visit.page.get_by_label("Password").fill(ADMIN_PASSWORD)
    visit.press("Log in")
    expect(visit.page.get_by_role("heading", name="Server settings")).to_be_visible()


def test_locked_out_says_until_when(visit: Visit, node: RunningNode, tmp_path: Path) -> None:
    add_user(node, tmp_path, "locked", "read", "a long enough password")
    alert = visit.page.get_by_role("alert")
    for _ in range(6):
        visit.try_to_log_in("locked", "not the password")
        expect(alert).to_be_visible()
    clock = re.search(r"(\d\d):(\d\d):(\d\d) UTC", alert.inner_text())
    assert clock is not None
    now = datetime.now(UTC)
    until = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3]))
    assert (until - now).total_seconds() % 86400 < 60
    expect(alert).to_contain_text("Wait until then.")
    visit.try_to_log_in("locked", "a long enough password")
    expect(alert).to_contain_text("Too many log-ins failed")


def test_log_out_ends_the_session_itself(admin_visit: Visit, start_visit: VisitStarter) -> None:
    cookies = admin_visit.page.context.cookies()
    admin_visit.choose_from_menu("admin", "Log out")
    expect(admin_visit.page.get_by_role("heading", name="Log in")).to_be_visible()
    assert admin_visit.page.context.cookies() == []
    thief = start_visit()
    thief.page.context.add_cookies([{**cookie} for cookie in cookies])  # type: ignore[typeddict-item]
    thief.open()
    expect(thief.page.get_by_role("heading", name="Log in")).to_be_visible()


def test_cookie_is_kept_from_scripts_other_sites_and_clear_text(admin_visit: Visit) -> None:
    (cookie,) = admin_visit.page.context.cookies()
    assert cookie["name"].startswith("__Host-")
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")
    assert cookie["path"] == "/"


def test_changed_password_is_the_one_that_counts(
    visit: Visit, node: RunningNode, tmp_path: Path
) -> None:
    add_user(node, tmp_path, "changer", "read", "the first password")
    visit.log_in("changer", "the first password")
    visit.choose_from_menu("changer", "Change password")
    window = visit.window("Change password")
    window.get_by_label("Current password").fill("a wrong password")
    window.get_by_label("New password", exact=True).fill("the second password")
    window.get_by_label("New password, again").fill("the second password")
    window.get_by_role("button", name="Change password").click()
    expect(window.get_by_role("alert")).to_contain_text("The current password is wrong.")
    window.get_by_label("Current password").fill("the first password")
    window.get_by_label("New password", exact=True).fill("the second password")
    window.get_by_label("New password, again").fill("the second password")
    window.get_by_role("button", name="Change password").click()
    expect(visit.page.get_by_role("status").first).to_contain_text("Your password was changed.")
    visit.choose_from_menu("changer", "Log out")
    visit.try_to_log_in("changer", "the first password")
    expect(visit.page.get_by_role("alert")).to_be_visible()
    visit.log_in("changer", "the second password")


def test_session_that_ended_leads_back_to_the_log_in(admin_visit: Visit) -> None:
    admin_visit.page.context.clear_cookies()
    admin_visit.choose_from_menu("Server", "Settings")
    expect(admin_visit.page.get_by_role("heading", name="Log in")).to_be_visible()
