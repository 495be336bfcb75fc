"""The export window: what it offers to whom, and the file that the browser gets."""

import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Download, Locator, expect
from tests.browser.appearance import on_narrow_screens, scrolls_sideways, violations
from tests.browser.conftest import VisitStarter
from tests.browser.test_certificate_window import bring, fingerprint_of
from tests.browser.test_log_in import add_user
from tests.browser.visit import Visit
from tests.conftest import RunningNode
from tests.materials.openssl_authority import OpensslAuthority

from certwright.x509.reading import read_bundle

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def served(node: RunningNode) -> str:
    """The fingerprint of what the node made for itself and serves."""
    return fingerprint_of(node, "localhost", "Certwright Issuing CA 1")


@pytest.fixture(scope="module")
def reader(node: RunningNode, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A user with the right Read."""
    folder = tmp_path_factory.mktemp("reader")
    add_user(node, folder, "reader", "read", "a long enough password")
    return "reader"


def address_of(fingerprint: str) -> str:
    return f"/certificates/{fingerprint}/export"


def choose(visit: Visit, label: str) -> None:
    visit.page.get_by_role("radio", name=re.compile(f"^{re.escape(label)}")).check()


def export(visit: Visit) -> Download:
    with visit.page.expect_download() as download:
        visit.press("Export")
    return download.value


def content_of(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def password_fields(visit: Visit) -> Locator:
    return visit.page.locator(".passwords")


def test_certificate_and_chain_by_way_of_its_window(admin_visit: Visit, served: str) -> None:
    page = admin_visit.page
    admin_visit.open(f"/certificates/{served}")
    page.get_by_role("link", name="Export").click()
    expect(page.get_by_role("heading", name="Export localhost")).to_be_visible()
    expect(page.get_by_text("With its chain: Certwright Issuing CA 1")).to_be_visible()
    expect(password_fields(admin_visit)).to_be_hidden()
    download = export(admin_visit)
    assert download.suggested_filename == "localhost.pem"
    bundle = read_bundle(content_of(download), None)
    assert bundle.leaf.fingerprint == served
    assert len(bundle.certificates) == 2
    assert bundle.private_keys == ()


def test_private_key_goes_with_a_password_and_is_on_record(
    admin_visit: Visit, node: RunningNode, served: str
) -> None:
    page = admin_visit.page
    admin_visit.open(address_of(served))
    choose(admin_visit, "PFX")
    page.get_by_label("With the private key").check()
    page.get_by_label("Password for the new file").fill(PASSWORD)
    page.get_by_label("Password, again").fill(PASSWORD)
    download = export(admin_visit)
    assert download.suggested_filename == "localhost.pfx"
    bundle = read_bundle(content_of(download), PASSWORD)
    assert bundle.private_key is not None
    event = next(one for one in node.json("events") if one["kind"] == "private-key-exported")
    assert event["actor"] == "admin"
    assert event["message"].startswith("localhost (thumbprint ")
    assert event["message"].endswith(") exported with its private key, as PFX")
    assert PASSWORD not in page.content()


def test_passwords_that_differ_are_told_while_typed(admin_visit: Visit, served: str) -> None:
    page = admin_visit.page
    admin_visit.open(address_of(served))
    choose(admin_visit, "JKS")
    page.get_by_label("With the private key").check()
    page.get_by_label("Password for the new file").fill(PASSWORD)
    repeated = page.get_by_label("Password, again")
    repeated.fill("correct hose")
    assert repeated.evaluate("field => field.validationMessage") == "The two passwords differ."
    repeated.fill(PASSWORD)
    assert content_of(export(admin_visit)).startswith(b"\xfe\xed\xfe\xed")


def test_only_what_the_choice_has_is_asked(admin_visit: Visit, served: str) -> None:
    page = admin_visit.page
    admin_visit.open(address_of(served))
    key, older = page.get_by_label("With the private key"), page.get_by_label("Older encryption")
    key.check()
    expect(password_fields(admin_visit)).to_be_visible()
    expect(older).to_be_hidden()
    choose(admin_visit, "PFX")
    expect(older).to_be_visible()
    choose(admin_visit, "DER")
    expect(key).to_be_hidden()
    expect(password_fields(admin_visit)).to_be_hidden()
    choose(admin_visit, "nginx")
    expect(key).to_be_hidden()
    expect(password_fields(admin_visit)).to_be_hidden()
    choose(admin_visit, "Java key store")
    expect(key).to_be_hidden()
    expect(password_fields(admin_visit)).to_be_visible()
    # What was typed for another choice does not get into this one's way.
    page.get_by_label("Password for the new file").fill(PASSWORD)
    choose(admin_visit, "nginx")
    with ZipFile(export(admin_visit).path()) as archive:
        assert "localhost/README.txt" in archive.namelist()


def test_error_stands_in_the_page_with_what_was_chosen(admin_visit: Visit, served: str) -> None:
    page = admin_visit.page
    admin_visit.open(address_of(served))
    choose(admin_visit, "SAP PSE")
    admin_visit.press("Export")
    expect(page.get_by_role("alert").filter(has_text="needs a password")).to_be_visible()
    expect(page.get_by_role("radio", name="SAP PSE")).to_be_checked()
    page.get_by_label("Password for the new file").fill(PASSWORD)
    page.get_by_label("Password, again").fill(PASSWORD)
    assert export(admin_visit).suggested_filename == "localhost-sap-pse.zip"


def test_right_read_gets_no_key_and_is_told_why(
    visit: Visit, node: RunningNode, served: str, reader: str
) -> None:
    page = visit.page
    visit.log_in(reader, "a long enough password")
    visit.open(address_of(served))
    expect(page.get_by_text("needs the right Admin; yours is Read")).to_be_visible()
    expect(page.get_by_label("With the private key")).to_be_disabled()
    expect(page.get_by_role("radio", name="nginx")).to_be_disabled()
    choose(visit, "P7B")
    assert export(visit).suggested_filename == "localhost.p7b"
    # Nor by a form that was made by hand.
    page.locator("form.export").evaluate(
        """form => {
            const input = document.createElement("input");
            Object.assign(input, { type: "hidden", name: "with_key", value: "true" });
            form.append(input);
        }"""
    )
    choose(visit, "PEM")
    visit.press("Export")
    expect(page.get_by_role("alert").filter(has_text="may not export")).to_be_visible()
    events = node.json("events", "--limit", "20")
    assert ("reader", "private-key-exported") not in [(one["actor"], one["kind"]) for one in events]


def test_key_that_must_stay_is_not_offered(
    admin_visit: Visit, node: RunningNode, tmp_path: Path
) -> None:
    authority = OpensslAuthority.make(tmp_path / "corp")
    name = authority.issue("stays.corp.example")
    file = authority.pfx(name, chain=False)
    assert node.command("certificates", "import", str(file), "--not-exportable").returncode == 0
    admin_visit.open(address_of(authority.fingerprint(name)))
    page = admin_visit.page
    expect(page.get_by_text("it never leaves this node")).to_be_visible()
    expect(page.get_by_text("The chain lacks Corp Issuing CA")).to_be_visible()
    expect(page.get_by_label("With the private key")).to_be_disabled()


def test_window_over_a_window(admin_visit: Visit, served: str) -> None:
    page = admin_visit.page
    page.evaluate(
        """address => htmx.ajax("GET", address,
                {target: "body", swap: "beforeend", select: "dialog"})""",
        f"/certificates/{served}",
    )
    admin_visit.window("localhost").get_by_role("link", name="Export").click()
    window = admin_visit.page.locator("dialog.window")
    expect(window.get_by_role("heading", name="Export localhost")).to_be_visible()
    expect(window.get_by_role("radio", name="PEM Certificate")).to_be_focused()
    assert export(admin_visit).suggested_filename == "localhost.pem"
    expect(window).to_be_visible()
    window.get_by_role("link", name="Back").click()
    expect(window.get_by_role("link", name="General")).to_be_visible()


def test_export_works_without_javascript(start_visit: VisitStarter, served: str) -> None:
    visit = start_visit(java_script_enabled=False)
    visit.log_in()
    visit.open(address_of(served))
    choose(visit, "HAProxy")
    with ZipFile(export(visit).path()) as archive:
        assert "localhost/localhost.pem" in archive.namelist()
    choose(visit, "PFX")
    visit.page.get_by_label("With the private key").check()
    visit.page.get_by_label("Password for the new file").fill(PASSWORD)
    visit.page.get_by_label("Password, again").fill("correct hose")
    visit.press("Export")
    expect(visit.page.get_by_role("alert").filter(has_text="repetition differ")).to_be_visible()
    expect(visit.page.get_by_role("radio", name="PFX (PKCS#12)")).to_be_checked()


def show_everything(visit: Visit, served: str) -> None:
    visit.open(address_of(served))
    choose(visit, "PFX")
    visit.page.get_by_label("With the private key").check()
    expect(visit.page.get_by_label("Older encryption")).to_be_visible()


def test_axe_finds_nothing(start_visit: VisitStarter, served: str, reader: str) -> None:
    visit = start_visit()
    visit.log_in()
    show_everything(visit, served)
    assert violations(visit.page) == []
    visit = start_visit()
    visit.log_in(reader, "a long enough password")
    visit.open(address_of(served))
    assert violations(visit.page) == []


@on_narrow_screens
def test_nothing_scrolls_sideways(
    start_visit: VisitStarter, served: str, screen: dict[str, object]
) -> None:
    visit = start_visit(**screen)
    visit.log_in()
    show_everything(visit, served)
    assert not scrolls_sideways(visit.page)


def test_name_that_is_code_is_only_text(
    admin_visit: Visit, node: RunningNode, tmp_path: Path
) -> None:
    authority = OpensslAuthority.make(tmp_path / "corp")
    name = authority.issue("<img src=x onerror=alert(1)>", alternative_names="DNS:a.corp.example")
    bring(node, authority.pfx(name))
    admin_visit.open(address_of(authority.fingerprint(name)))
    assert admin_visit.page.locator(".window img").count() == 0
    expect(admin_visit.page.locator(".window-body")).to_contain_text("<img src=x")
    assert export(admin_visit).suggested_filename == "img_src_x_onerror_alert_1.pem"
