"""The certificate window: what it tells on its tabs, and what can be done from there."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.appearance import on_narrow_screens, scrolls_sideways, violations
from tests.browser.conftest import VisitStarter
from tests.browser.test_log_in import add_user
from tests.browser.test_settings import focused_within
from tests.browser.visit import Visit
from tests.conftest import RunningNode
from tests.materials.openssl_authority import OpensslAuthority

TABS = ("", "/details", "/path", "/right-for")
WINDOWS = (*TABS, "/delete")
CLIPBOARD = "async text => (await navigator.clipboard.readText())"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> OpensslAuthority:
    """Another company's authority."""
    return OpensslAuthority.make(tmp_path_factory.mktemp("authority") / "corp")


@pytest.fixture(scope="module")
def served(node: RunningNode) -> str:
    """The fingerprint of what the node made for itself and serves."""
    return fingerprint_of(node, "localhost", "Certwright Issuing CA 1")


def fingerprint_of(node: RunningNode, common_name: str, issuer: str) -> str:
    return next(
        str(one["fingerprint"])
        for one in node.json("certificates", "list")
        if one["common_name"] == common_name and issuer in one["issuer"]
    )


def bring(node: RunningNode, file: Path) -> None:
    """Import a file by the command line."""
    result = node.command("certificates", "import", str(file))
    assert result.returncode == 0, result.stderr


def fact(page: Page, title: str) -> Locator:
    """What stands beside `title` on the tab General."""
    return page.locator(".facts dt", has_text=title).locator("xpath=following-sibling::dd[1]")


def test_general_tells_what_it_is_for(admin_visit: Visit, served: str) -> None:
    page = admin_visit.page
    admin_visit.open(f"/certificates/{served}")
    expect(page.get_by_text("Common Name (CN): localhost")).to_be_visible()
    expect(page.locator(".verdict")).to_contain_text("Right for localhost until")
    expect(fact(page, "For")).to_contain_text("TLS server")
    expect(fact(page, "From")).to_have_text("Certwright Issuing CA 1")
    expect(fact(page, "Private key")).to_contain_text("Here")
    expect(fact(page, "Used by")).to_contain_text("Web Server: saved and served")
    expect(fact(page, "Lies in")).to_have_text("Local Machine > Personal")


def test_details_tell_every_field_and_can_be_searched(admin_visit: Visit, served: str) -> None:
    page = admin_visit.page
    admin_visit.open(f"/certificates/{served}/details")
    names = page.get_by_role("region", name="Subject Alternative Name")
    expect(names).to_contain_text("DNS name: localhost")
    expect(page.get_by_role("region", name="Key usage critical")).to_contain_text("Digital")
    page.get_by_label("Find in the details").fill("dns name")
    expect(names).to_be_visible()
    expect(page.get_by_role("region", name="Fingerprints")).to_be_hidden()
    page.get_by_label("Find in the details").fill("no such thing")
    expect(page.get_by_text("Nothing in this certificate contains that.")).to_be_visible()
    page.get_by_label("Find in the details").fill("")
    page.get_by_text("Show the ASN.1 tree").click()
    expect(page.get_by_role("group", name="ASN.1 elements")).to_contain_text(
        "2.5.29.17 (subjectAltName)"
    )


def test_a_field_is_copied_whole(start_visit: VisitStarter, served: str) -> None:
    visit = start_visit(permissions=["clipboard-read", "clipboard-write"])
    visit.log_in()
    visit.open(f"/certificates/{served}/details")
    visit.page.get_by_role("button", name="Copy Fingerprints, Fingerprint (SHA-256)").click()
    visit.page.wait_for_function(f"{CLIPBOARD} === text", arg=served)
    visit.page.get_by_role("button", name="Copy the certificate in PEM").click()
    begin = "-----BEGIN CERTIFICATE-----\n"
    visit.page.wait_for_function(f"{CLIPBOARD}.startsWith(text)", arg=begin)


def test_chain_is_drawn_from_the_root_and_its_links_open(admin_visit: Visit, served: str) -> None:
    page = admin_visit.page
    admin_visit.open(f"/certificates/{served}/path")
    links = page.locator(".path-link")
    expect(links).to_have_count(3)
    expect(links.first).to_contain_text("Certwright Root CA 1")
    expect(links.last).to_contain_text("this certificate")
    expect(page.locator(".verdict")).to_contain_text("every link holds")
    page.get_by_role("link", name="Certwright Root CA 1").click()
    expect(page.get_by_role("heading", name="Certwright Root CA 1")).to_be_visible()
    expect(links).to_have_count(1)
    page.get_by_role("link", name="General").click()
    expect(fact(page, "For")).to_contain_text("A root authority")
    expect(fact(page, "Used by")).to_contain_text("the root of the authority")


def test_missing_issuer_is_named_and_can_be_brought(
    admin_visit: Visit, node: RunningNode, authority: OpensslAuthority
) -> None:
    page = admin_visit.page
    name = authority.issue("alone.corp.example")
    bring(node, authority.pfx(name, chain=False))
    address = f"/certificates/{authority.fingerprint(name)}"
    admin_visit.open(f"{address}/path")
    missing = page.locator(".path-link").first
    expect(missing).to_contain_text("Corp Issuing CA")
    expect(missing).to_contain_text("Missing issuer")
    admin_visit.open(f"{address}/right-for")
    server = page.get_by_role("region", name="Web Server: not right")
    expect(server).to_contain_text("For the same reasons as above.")
    expect(server.get_by_role("link", name="Select another certificate")).to_be_visible()
    server.get_by_role("link", name="Import the chain").click()
    expect(page.get_by_role("heading", name="Import a certificate")).to_be_visible()


def test_right_certificate_is_selected_from_its_window(
    admin_visit: Visit, node: RunningNode, authority: OpensslAuthority
) -> None:
    page = admin_visit.page
    name = authority.issue("localhost")
    bring(node, authority.pfx(name))
    address = f"/certificates/{authority.fingerprint(name)}/right-for"
    admin_visit.open(address)
    admin_visit.press("Select it for the Web Server")
    expect(page.get_by_role("region", name="Saved")).to_contain_text("Saved.")
    admin_visit.open(address)
    server = page.get_by_role("region", name="Web Server: right")
    expect(server).to_contain_text("Saved, and served after the next restart.")
    server.get_by_role("button", name="Restart the Web Server").click()
    expect(page.get_by_role("heading", name="The Web Server is proven.")).to_be_visible()


def test_friendly_name_and_archive(admin_visit: Visit, node: RunningNode, served: str) -> None:
    page = admin_visit.page
    admin_visit.open(f"/certificates/{served}")
    page.get_by_label("Friendly name").fill("  The first one  ")
    admin_visit.press("Save name")
    expect(page.get_by_role("status").filter(has_text="saved")).to_be_visible()
    expect(page.get_by_label("Friendly name")).to_have_value("The first one")
    admin_visit.press("Archive")
    expect(page.get_by_text("Archived: it is kept")).to_be_visible()
    expect(fact(page, "Lies in")).to_contain_text("archived")
    admin_visit.press("Take out of archive")
    expect(page.get_by_text("it is offered again")).to_be_visible()
    events = json.dumps(node.json("events"))
    assert "is called The first one now" in events


def test_what_is_served_cannot_be_deleted(admin_visit: Visit, served: str) -> None:
    page = admin_visit.page
    admin_visit.open(f"/certificates/{served}")
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("heading", name="This certificate cannot be deleted")).to_be_visible()
    expect(page.get_by_text("It is what the Configuration Server serves.")).to_be_visible()
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    expect(page.get_by_role("link", name="Look at the endpoints")).to_be_visible()


def test_what_nobody_uses_is_deleted_with_its_key(
    admin_visit: Visit, node: RunningNode, authority: OpensslAuthority
) -> None:
    page = admin_visit.page
    name = authority.issue("gone.corp.example")
    bring(node, authority.pfx(name))
    address = f"/certificates/{authority.fingerprint(name)}"
    admin_visit.open(f"{address}/delete")
    expect(page.get_by_text("Its private key is deleted too, for good")).to_be_visible()
    expect(page.get_by_role("link", name="Keep it")).to_be_focused()
    admin_visit.press("Delete")
    page.wait_for_url(re.compile(r"/certificates\?"))
    assert admin_visit.open(address).status == 404


def test_window_over_a_page_keeps_the_focus(admin_visit: Visit, served: str) -> None:
    page = admin_visit.page
    page.evaluate(
        """address => htmx.ajax("GET", address,
                {target: "body", swap: "beforeend", select: "dialog"})""",
        f"/certificates/{served}",
    )
    window = admin_visit.window("localhost")
    expect(window.get_by_role("link", name="General")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(window.get_by_role("region", name="Subject Alternative Name")).to_be_visible()
    expect(window.get_by_role("link", name="Details")).to_be_focused()
    for _ in range(5):
        page.keyboard.press("Tab")
        assert focused_within(page, "dialog.certificate")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def test_axe_finds_nothing(start_visit: VisitStarter, served: str) -> None:
    visit = start_visit()
    visit.log_in()
    found = []
    for tab in WINDOWS:
        visit.open(f"/certificates/{served}{tab}")
        for summary in visit.page.locator(".window summary").all():
            summary.click()
        found += [f"{tab} {violation}" for violation in violations(visit.page)]
    assert found == []


@on_narrow_screens
def test_nothing_scrolls_sideways(
    start_visit: VisitStarter, served: str, screen: dict[str, object]
) -> None:
    visit = start_visit(**screen)
    visit.log_in()
    sideways = []
    for tab in WINDOWS:
        visit.open(f"/certificates/{served}{tab}")
        for summary in visit.page.locator(".window summary").all():
            summary.click()
        sideways += [tab] if scrolls_sideways(visit.page) else []
    assert sideways == []


def test_window_works_without_javascript(start_visit: VisitStarter, served: str) -> None:
    visit = start_visit(java_script_enabled=False)
    visit.log_in()
    visit.open(f"/certificates/{served}")
    for tab in ("Details", "Certification Path", "Right for", "General"):
        visit.page.get_by_role("link", name=tab, exact=True).click()
        expect(visit.page.get_by_role("link", name=tab, exact=True)).to_have_attribute(
            "aria-current", "page"
        )
    visit.page.get_by_label("Friendly name").fill("By hand")
    visit.press("Save name")
    expect(visit.page.get_by_label("Friendly name")).to_have_value("By hand")
    visit.page.get_by_role("link", name="Close").click()
    expect(visit.page).to_have_url(re.compile(r"/certificates\?"))


def test_right_read_sees_all_and_changes_nothing(
    visit: Visit, node: RunningNode, served: str, tmp_path: Path
) -> None:
    add_user(node, tmp_path, "reader", "read", "a long enough password")
    visit.log_in("reader", "a long enough password")
    visit.open(f"/certificates/{served}")
    for button in ("Save name", "Archive"):
        expect(visit.page.get_by_role("button", name=button)).to_have_count(0)
    expect(visit.page.get_by_role("link", name="Delete")).to_have_count(0)
    assert visit.open(f"/certificates/{served}/delete").status == 403


def test_names_that_are_code_are_only_text(
    admin_visit: Visit, node: RunningNode, authority: OpensslAuthority
) -> None:
    name = authority.issue("<img src=x onerror=alert(1)>", alternative_names="DNS:a.corp.example")
    bring(node, authority.pfx(name))
    address = f"/certificates/{authority.fingerprint(name)}"
    for tab in WINDOWS:
        admin_visit.open(f"{address}{tab}")
        assert admin_visit.page.locator(".window img").count() == 0
        expect(admin_visit.page.locator(".window-body")).to_contain_text("<img src=x")


def test_certificate_that_is_not_there_says_so(admin_visit: Visit) -> None:
    assert admin_visit.open(f"/certificates/{'0' * 64}").status == 404
    assert admin_visit.open("/certificates/not-a-fingerprint").status == 400
