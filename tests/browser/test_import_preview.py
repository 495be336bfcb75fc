"""Import with a look before anything is saved."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.appearance import scrolls_sideways, violations
from tests.browser.conftest import VisitStarter
from tests.browser.visit import Visit
from tests.conftest import RunningNode
from tests.materials.openssl_authority import OpensslAuthority

PASSWORD = "pfx password"
ADDRESS = "/certificates/import"


@pytest.fixture
def authority(tmp_path: Path) -> OpensslAuthority:
    """Another company's authority, one that no test has brought yet."""
    return OpensslAuthority.make(tmp_path / "corp")


@pytest.fixture
def count(node: RunningNode) -> int:
    """How many certificates the node had when the test began."""
    return count_certificates(node)


def count_certificates(node: RunningNode) -> int:
    return len(node.json("certificates", "list"))


def preview(visit: Visit, *files: Path, password: str = "") -> None:
    """Choose files and press Preview."""
    visit.open(ADDRESS)
    visit.page.get_by_label("Certificate files").set_input_files(files)
    visit.page.get_by_label("Password of the file").fill(password)
    visit.press("Preview")


def row(page: Page, name: str) -> Locator:
    """The row of one certificate in the preview."""
    header = page.get_by_role("rowheader", name=re.compile("^" + re.escape(name)))
    return page.locator(".preview tbody tr", has=header)


def test_preview_shows_what_goes_where_and_saves_nothing(
    admin_visit: Visit, node: RunningNode, authority: OpensslAuthority, count: int
) -> None:
    page = admin_visit.page
    file = authority.pfx(authority.issue("localhost"), password=PASSWORD)
    preview(admin_visit, file, password=PASSWORD)
    expect(page.get_by_text("localhost.pfx (PKCS#12). Nothing is saved yet.")).to_be_visible()
    expect(row(page, "localhost")).to_contain_text("New in Local Machine > Personal")
    expect(row(page, "localhost")).to_contain_text("Yes")
    expect(row(page, "Corp Issuing CA")).to_contain_text("New in Local Machine > Intermediate")
    expect(page.locator(".reasons")).to_contain_text("Right for localhost")
    assert count_certificates(node) == count
    page.get_by_label("Friendly name").fill("From the network team")
    admin_visit.press("Import")
    expect(page.get_by_role("status").filter(has_text="Imported into")).to_be_visible()
    expect(page.get_by_label("Friendly name")).to_have_value("From the network team")
    assert count_certificates(node) == count + 3


def test_window_is_read_from_its_top_and_a_password_typed_at_once(
    admin_visit: Visit, authority: OpensslAuthority
) -> None:
    page = admin_visit.page
    file = authority.pfx(authority.issue("reading.corp.example"), password=PASSWORD)
    admin_visit.open("/certificates")
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("Certificate files").set_input_files(file)
    admin_visit.press("Preview")
    password = page.get_by_label("Password of the file")
    expect(password).to_be_focused()
    password.fill(PASSWORD)
    admin_visit.press("Preview")
    heading = page.get_by_role("heading", name="Preview of the import")
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_in_viewport()


def test_certificate_key_and_chain_as_separate_files(
    admin_visit: Visit, authority: OpensslAuthority
) -> None:
    page = admin_visit.page
    name = authority.issue("parts.corp.example")
    files = [authority.folder / one for one in (f"{name}.key", "issuing.pem", f"{name}.pem")]
    preview(admin_visit, *files)
    expect(row(page, name)).to_contain_text("Yes")
    expect(row(page, name)).to_contain_text("New in Local Machine > Personal")
    expect(page.locator(".reasons")).to_contain_text("Its names lack localhost")


def test_password_is_asked_for_and_the_files_are_kept(
    admin_visit: Visit, node: RunningNode, authority: OpensslAuthority, count: int
) -> None:
    page = admin_visit.page
    file = authority.pfx(authority.issue("kept.corp.example"), password=PASSWORD)
    preview(admin_visit, file)
    expect(page.get_by_role("alert")).to_contain_text("password")
    expect(page.locator(".chosen-files")).to_have_text("kept.corp.example.pfx")
    page.get_by_label("Password of the file").fill("not it")
    admin_visit.press("Preview")
    expect(page.get_by_role("alert")).to_contain_text("password")
    page.get_by_label("Password of the file").fill(PASSWORD)
    admin_visit.press("Preview")
    expect(row(page, "kept.corp.example")).to_be_visible()
    assert count_certificates(node) == count


@pytest.mark.parametrize(
    ("answer", "place"), [("No", "Intermediate"), ("Yes, trust it", "Trusted Root")]
)
def test_root_is_trusted_only_when_that_is_said(
    admin_visit: Visit, node: RunningNode, authority: OpensslAuthority, answer: str, place: str
) -> None:
    page = admin_visit.page
    preview(admin_visit, authority.root)
    question = page.get_by_role("group", name="Trust Corp Root CA?")
    expect(question.get_by_role("radio", name="No")).to_be_checked()
    expect(question).to_contain_text("every client check on this server will accept")
    question.get_by_role("radio", name=answer).check()
    admin_visit.press("Import")
    expect(page.locator(".facts")).to_contain_text(f"Local Machine > {place}")


def test_what_is_known_already_is_told_as_such(
    admin_visit: Visit, authority: OpensslAuthority
) -> None:
    page = admin_visit.page
    file = authority.pfx(authority.issue("twice.corp.example"))
    preview(admin_visit, file)
    admin_visit.press("Import")
    preview(admin_visit, file)
    expect(row(page, "twice.corp.example")).to_contain_text("Already in Local Machine > Personal")
    admin_visit.press("Import")
    expect(page.get_by_role("status").filter(has_text="already")).to_be_visible()


def test_broken_file_among_several_is_named(
    admin_visit: Visit, authority: OpensslAuthority, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pfx"
    broken.write_bytes(b"\x30\x82garbage" * 20)
    name = authority.issue("sound.corp.example")
    preview(admin_visit, authority.folder / f"{name}.pem", broken)
    expect(admin_visit.page.get_by_role("alert")).to_contain_text("broken.pfx")


def test_preview_that_is_no_longer_kept_is_told(
    admin_visit: Visit, node: RunningNode, authority: OpensslAuthority, count: int
) -> None:
    page = admin_visit.page
    preview(admin_visit, authority.pfx(authority.issue("late.corp.example")))
    drafts = page.locator("input[name=draft]")
    expect(drafts.first).to_be_attached()
    page.evaluate(
        "() => document.querySelectorAll('input[name=draft]').forEach(e => { e.value = 'gone' })"
    )
    admin_visit.press("Import")
    expect(page.get_by_role("alert")).to_contain_text("not kept any longer")
    assert count_certificates(node) == count


def test_import_works_without_javascript(
    start_visit: VisitStarter, authority: OpensslAuthority
) -> None:
    visit = start_visit(java_script_enabled=False)
    visit.log_in()
    preview(visit, authority.pfx(authority.issue("plain.corp.example")))
    visit.press("Import")
    expect(visit.page.get_by_role("heading", name="plain.corp.example")).to_be_visible()


def test_files_are_dropped_on_a_page(
    admin_visit: Visit, node: RunningNode, authority: OpensslAuthority, count: int
) -> None:
    page = admin_visit.page
    file = authority.pfx(authority.issue("dropped.corp.example"))
    fingerprint = node.json("certificates", "list")[0]["fingerprint"]
    admin_visit.open(f"/certificates/{fingerprint}")
    files = page.evaluate_handle(
        """content => {
            const transfer = new DataTransfer();
            const bytes = Uint8Array.from(atob(content), each => each.charCodeAt(0));
            transfer.items.add(new File([bytes], "dropped.pfx"));
            return transfer;
        }""",
        base64.b64encode(file.read_bytes()).decode(),
    )
    page.dispatch_event("main", "dragover", {"dataTransfer": files})
    expect(page.locator("body.dropping")).to_be_visible()
    page.dispatch_event("main", "drop", {"dataTransfer": files})
    window = admin_visit.window("Preview of the import")
    expect(row(page, "dropped.corp.example")).to_be_visible()
    assert count_certificates(node) == count
    window.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="dropped.corp.example")).to_be_visible()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="desk"),
        pytest.param({"viewport": {"width": 360, "height": 740}}, id="phone"),
    ],
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    start_visit: VisitStarter, authority: OpensslAuthority, options: dict[str, object]
) -> None:
    visit = start_visit(**options)
    visit.log_in()
    visit.open(ADDRESS)
    visit.page.get_by_text("More choices").click()
    found = violations(visit.page)
    sideways = scrolls_sideways(visit.page)
    preview(visit, authority.pfx(authority.issue("axe.corp.example")))
    expect(visit.page.get_by_role("heading", name="Preview of the import")).to_be_visible()
    found += violations(visit.page)
    assert found == []
    assert not sideways
    assert not scrolls_sideways(visit.page)
