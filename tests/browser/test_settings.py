"""Server > Settings as windows, by keyboard alone, and without JavaScript."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from tests.browser.conftest import VisitStarter
from tests.browser.visit import Visit


def tab_to(page: Page, text: str) -> None:
    """Press Tab until the focus stands on what is called `text`."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => (document.activeElement.labels?.[0] ?? document.activeElement).innerText"
        )
        if str(focused).split("\n")[0].strip() == text:
            return
    raise AssertionError(f"the focus never came to {text!r}")


def focused_within(page: Page, selector: str) -> bool:
    """Whether the focus is inside what `selector` finds."""
    return bool(page.evaluate("s => document.activeElement.closest(s) !== null", selector))


def test_settings_by_keyboard_alone(admin_visit: Visit) -> None:
    page = admin_visit.page
    tab_to(page, "Server")
    page.keyboard.press("Enter")
    tab_to(page, "Settings")
    page.keyboard.press("Enter")
    settings = admin_visit.window("Server settings")
    tab_to(page, "Web Server")
    page.keyboard.press("Enter")
    tab = settings.get_by_role("link", name="Web Server", exact=True)
    expect(tab).to_have_attribute("aria-current", "page")
    expect(tab).to_be_focused()
    tab_to(page, "Select X.509 certificate")
    page.keyboard.press("Enter")
    location = admin_visit.window("Edit certificate location")
    expect(location.get_by_role("radio").first).to_be_focused()
    for _ in range(5):
        page.keyboard.press("Tab")
        assert focused_within(page, "dialog.location")
    page.keyboard.press("Escape")
    expect(location).to_have_count(0)
    expect(settings.get_by_role("link", name="Select X.509 certificate")).to_be_focused()
    page.keyboard.press("Escape")
    expect(settings).to_have_count(0)
    expect(page.locator("summary", has_text="Server")).to_be_focused()


def test_what_is_pressed_the_moment_it_appears_opens_a_window(admin_visit: Visit) -> None:
    settings = admin_visit.open_settings("Configuration Server")
    admin_visit.page.evaluate(
        """() => new MutationObserver((_, observer) => {
            const link = document.querySelector("dialog [href$='/web-server/certificate']");
            if (link) observer.disconnect();
            link?.click();
        }).observe(document.body, { childList: true, subtree: true })"""
    )
    settings.get_by_role("link", name="Web Server", exact=True).click()
    admin_visit.window("Edit certificate location")


def test_tabs_show_port_protocol_and_certificate(admin_visit: Visit) -> None:
    settings = admin_visit.open_settings("Configuration Server")
    expect(settings.get_by_role("radio")).to_have_count(1)
    expect(settings).to_contain_text("--configuration-port")
    settings.get_by_role("link", name="Web Server").click()
    expect(settings.get_by_role("radio")).to_have_count(5)
    expect(settings.get_by_role("radio", name="HTTPS - Restricted to AD users")).to_be_disabled()
    expect(settings.get_by_text("Not available yet")).to_have_count(3)
    expect(settings).to_contain_text("from Certwright Issuing CA 1")
    expect(settings.get_by_role("button", name="Copy thumbprint")).to_be_visible()


def test_copy_button_copies_the_plain_thumbprint(start_visit: VisitStarter) -> None:
    visit = start_visit(permissions=["clipboard-read", "clipboard-write"])
    visit.log_in()
    settings = visit.open_settings("Web Server")
    visit.page.clock.install()
    visit.page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    settings.get_by_role("button", name="Copy thumbprint").click()
    expect(settings.locator("button.copy")).to_have_text("Copied")
    copied = visit.page.evaluate("() => navigator.clipboard.readText()")
    shown = settings.locator(".thumbprint code").inner_text()
    assert copied == shown.replace(" ", "")
    assert len(copied) == 40
    visit.page.clock.run_for(2_000)
    expect(settings.locator("button.copy")).to_have_text("Copy")


def test_stores_are_told_apart(admin_visit: Visit) -> None:
    location = admin_visit.open_location("Web Server")
    expect(location).to_contain_text("Right: names, chain, key and dates fit")
    expect(location).to_contain_text("Currently saved: localhost")
    location.get_by_role("link", name="Trusted Root").click()
    expect(location).to_contain_text("Certwright Root CA 1")
    expect(location).to_contain_text("Its private key is not here.")
    location.get_by_role("link", name="Personal").last.click()
    expect(location).to_contain_text("There is no certificate in Current User > Personal.")
    expect(location.get_by_role("button", name="OK")).to_be_disabled()


def test_settings_can_be_read_without_javascript(start_visit: VisitStarter) -> None:
    visit = start_visit(java_script_enabled=False)
    visit.log_in()
    visit.choose_from_menu("Server", "Settings")
    expect(visit.page.get_by_role("heading", name="Server settings")).to_be_visible()
    visit.page.get_by_role("link", name="Web Server", exact=True).click()
    visit.page.get_by_role("link", name="Select X.509 certificate").click()
    expect(visit.page.get_by_role("heading", name="Edit certificate location")).to_be_visible()
    visit.page.get_by_role("link", name="Cancel").click()
    visit.page.get_by_role("link", name="Cancel").click()
    expect(visit.page.get_by_role("heading", name="Endpoints")).to_be_visible()


def test_web_server_in_the_clear_is_told_and_can_be_undone(admin_visit: Visit) -> None:
    page = admin_visit.page
    for protocol in ("HTTP - Unrestricted", "HTTPS - Unrestricted"):
        settings = admin_visit.open_settings("Web Server")
        settings.get_by_role("radio", name=protocol).check()
        settings.get_by_role("button", name="OK").click()
        expect(page.get_by_role("region", name="Saved")).to_be_visible()
        page.locator("summary", has_text="Server").click()
        page.locator("details[open]").get_by_role("button", name="Restart server").click()
        expect(page.get_by_role("heading", name="The Web Server is proven.")).to_be_visible()
        admin_visit.open()
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Web Server"))
        in_the_clear = protocol.startswith("HTTP ")
        expect(row).to_contain_text("in the clear" if in_the_clear else "from Cert")
