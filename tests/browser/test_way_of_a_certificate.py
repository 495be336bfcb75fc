"""Import, select, restart, prove: and what happens when the certificate is not right."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import VisitStarter
from tests.browser.visit import Visit
from tests.conftest import RunningNode
from tests.materials.openssl_authority import OpensslAuthority

PASSWORD = "pfx password"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> OpensslAuthority:
    """Another company's authority."""
    return OpensslAuthority.make(tmp_path_factory.mktemp("authority") / "corp")


@pytest.fixture(scope="module")
def right_file(authority: OpensslAuthority) -> Path:
    """A PFX that is right for the node."""
    return authority.pfx(authority.issue("localhost"), password=PASSWORD)


@pytest.fixture(scope="module")
def wrong_file(authority: OpensslAuthority) -> Path:
    """A PFX for another server."""
    return authority.pfx(authority.issue("old.corp.example"), password=PASSWORD)


def preview_file(page: Page, file: Path, password: str) -> None:
    """Press Import in Edit certificate location and send the form."""
    page.get_by_role("link", name="Import").click()
    page.get_by_label("Certificate files").set_input_files(file)
    page.get_by_label("Password of the file").fill(password)
    page.get_by_role("button", name="Preview").click()


def import_file(page: Page, file: Path, password: str) -> None:
    """The same, and on through the preview."""
    preview_file(page, file, password)
    page.get_by_role("button", name="Import").click()


def test_imported_certificate_is_selected_restarted_and_proven(
    admin_visit: Visit, right_file: Path, authority: OpensslAuthority, node: RunningNode
) -> None:
    page = admin_visit.page
    location = admin_visit.open_location("Web Server")
    import_file(page, right_file, PASSWORD)
    expect(location.get_by_role("status")).to_contain_text("right for it")
    chosen = location.get_by_role("row").filter(has_text="Corp Issuing CA")
    expect(chosen.get_by_role("radio")).to_be_checked()
    location.get_by_role("button", name="OK").click()

    notice = page.get_by_role("region", name="Saved")
    expect(notice).to_contain_text(
        "Saved. The Web Server still serves the former certificate until it is restarted."
    )
    expect(notice.get_by_role("link", name="Later")).to_be_visible()
    notice.get_by_role("button", name="Restart server").click()

    expect(page.get_by_role("heading", name="The Web Server is proven.")).to_be_visible()
    expect(page.locator(".steps")).to_contain_text("The served certificate is the selected one.")
    expect(page.locator(".seen")).to_contain_text("TLS 1.3, key exchange X25519MLKEM768")
    expect(page.get_by_role("heading", name=re.compile("Configuration Server"))).to_have_count(0)
    status = node.json("status")
    (service,) = status["services"]
    active = {endpoint["name"]: endpoint["active"] for endpoint in service["endpoints"]}
    assert active["web-server"] == authority.fingerprint("localhost")


def test_wrong_certificate_needs_confirmation_and_is_put_back(
    admin_visit: Visit, wrong_file: Path
) -> None:
    page = admin_visit.page
    location = admin_visit.open_location("Web Server")
    import_file(page, wrong_file, PASSWORD)
    expect(location.get_by_role("status")).to_contain_text("not right for it")
    location.get_by_role("button", name="OK").click()
    confirmation = admin_visit.window("Save a certificate that is not right?")
    expect(confirmation).to_contain_text("Its names lack localhost")
    expect(confirmation).to_contain_text("san-lacks-name")
    expect(confirmation.get_by_role("link", name="Choose another")).to_be_focused()
    confirmation.get_by_role("link", name="Choose another").click()
    expect(admin_visit.window("Edit certificate location")).to_be_visible()
    location = page.get_by_role("dialog", name="Edit certificate location")
    location.get_by_role("button", name="OK").click()
    admin_visit.press("Save all the same")
    page.get_by_role("region", name="Saved").get_by_role("button", name="Restart server").click()

    outcome = page.get_by_role(
        "heading",
        name="The Web Server was not proven; the former certificate was put back.",
    )
    expect(outcome).to_be_visible()
    expect(page.locator(".step-failed").first).to_contain_text("Its names lack localhost")
    expect(page.get_by_role("link", name="Choose another certificate")).to_be_visible()
    admin_visit.open()
    state = page.get_by_role("region", name="State of the server")
    expect(state).to_contain_text("the former was put back")
    expect(state.get_by_role("button", name="Restart server")).to_have_count(0)
    expect(page.get_by_role("link", name="Select another certificate")).to_be_visible()
    expect(page.get_by_role("button", name="Restart the Web Server")).to_be_visible()


def test_certificate_without_key_cannot_be_confirmed(admin_visit: Visit) -> None:
    location = admin_visit.open_location("Configuration Server")
    location.get_by_role("link", name="Trusted Root").click()
    location.get_by_role("radio", name="Certwright Root CA 1").check()
    location.get_by_role("button", name="OK").click()
    refusal = admin_visit.window("This certificate cannot be used")
    expect(refusal).to_contain_text("Its private key is not here.")
    expect(refusal.get_by_role("button", name="Save all the same")).to_have_count(0)


def test_wrong_password_of_a_file_is_told_in_the_form(admin_visit: Visit, right_file: Path) -> None:
    admin_visit.open_location("Web Server")
    preview_file(admin_visit.page, right_file, "not it")
    window = admin_visit.window("Import a certificate")
    expect(window.get_by_role("alert")).to_contain_text("password")
    expect(window.get_by_label("Password of the file")).to_have_value("")


def test_right_password_is_enough_after_a_wrong_one(admin_visit: Visit, right_file: Path) -> None:
    location = admin_visit.open_location("Web Server")
    preview_file(admin_visit.page, right_file, "not it")
    window = admin_visit.window("Import a certificate")
    expect(window.get_by_role("alert")).to_be_visible()
    window.get_by_label("Password of the file").fill(PASSWORD)
    window.get_by_role("button", name="Preview").click()
    admin_visit.window("Preview of the import").get_by_role("button", name="Import").click()
    expect(location.get_by_role("status")).to_contain_text("right for it")


def test_file_imported_twice_is_told_to_be_there_already(
    admin_visit: Visit, wrong_file: Path
) -> None:
    location = admin_visit.open_location("Web Server")
    import_file(admin_visit.page, wrong_file, PASSWORD)
    expect(location.get_by_role("status")).to_contain_text("old.corp.example is not right")
    import_file(admin_visit.page, wrong_file, PASSWORD)
    expect(location.get_by_role("status")).to_contain_text("It was in the store already.")


def test_garbage_is_told_in_the_form(admin_visit: Visit, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.pfx"
    garbage.write_bytes(b"\x30\x82garbage" * 20)
    admin_visit.open_location("Web Server")
    preview_file(admin_visit.page, garbage, "")
    expect(admin_visit.window("Import a certificate").get_by_role("alert")).to_be_visible()


def test_file_that_is_too_large_is_told_before_it_is_sent(
    admin_visit: Visit, tmp_path: Path
) -> None:
    large = tmp_path / "large.pfx"
    large.write_bytes(bytes(2_000_000))
    admin_visit.open_location("Web Server")
    preview_file(admin_visit.page, large, "")
    field = admin_visit.window("Import a certificate").get_by_label("Certificate files")
    told = field.evaluate("field => field.validationMessage")
    assert told == "This file is larger than any certificate file."


def test_two_at_the_settings_do_not_overwrite_each_other(
    start_visit: VisitStarter, right_file: Path
) -> None:
    first, second = start_visit(), start_visit()
    for visit in (first, second):
        visit.log_in()
    slow = first.open_settings("Web Server")
    quick = second.open_settings("Web Server")
    quick.get_by_role("radio", name="HTTP - Unrestricted").check()
    quick.get_by_role("button", name="OK").click()
    expect(second.page.get_by_role("region", name="Saved")).to_contain_text("Saved.")
    slow.get_by_role("button", name="OK").click()
    expect(slow.get_by_role("alert")).to_contain_text("changed by somebody else meanwhile")


def test_whole_way_without_javascript(start_visit: VisitStarter, right_file: Path) -> None:
    visit = start_visit(java_script_enabled=False)
    page = visit.page
    visit.log_in()
    visit.open("/settings/configuration-server/certificate")
    import_file(page, right_file, PASSWORD)
    expect(page.get_by_role("status").first).to_contain_text("right for it")
    visit.press("OK")
    notice = page.get_by_role("region", name="Saved")
    expect(notice).to_contain_text("The Configuration Server still serves the former certificate")
    visit.open("/settings/configuration-server/certificate")
    page.get_by_role("row").filter(has_text="Certwright Issuing CA").get_by_role("radio").check()
    visit.press("OK")
    expect(page.get_by_role("region", name="Saved")).to_contain_text("serves it already")
    page.locator("summary", has_text="Server").click()
    page.get_by_role("button", name="Restart server").first.click()
    look_again = page.get_by_role("link", name="Look again")
    for _ in range(50):
        if look_again.count() == 0:
            break
        look_again.click()
    expect(page.locator(".activation h3").first).to_contain_text("The Web Server")
