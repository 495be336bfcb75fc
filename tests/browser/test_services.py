"""A service beside the node: shown, given another certificate, activated, added, removed."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from tests.browser.appearance import on_narrow_screens, scrolls_sideways, violations
from tests.browser.conftest import VisitStarter
from tests.browser.test_settings import focused_within, tab_to
from tests.browser.visit import ADMIN_PASSWORD, Visit
from tests.conftest import NodeStarter, RunningNode
from tests.contract.services.adapter import NAME, ServiceAdapter
from tests.contract.services.nginx import running
from tests.unit.foreign_authority import ForeignAuthority

PAGES = (
    "/",
    "/services/nginx",
    "/add-service",
    "/add-authority",
    f"/settings/outside/{NAME}/certificate",
    f"/settings/outside/{NAME}/certificate/new",
)


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceAdapter]:
    """A real one, with a certificate of an authority that nobody here trusts."""
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    with running(folder, ForeignAuthority(datetime.now(UTC), "Company").issue([NAME])) as adapter:
        yield adapter


@pytest.fixture(scope="module")
def node(
    start_module_node: NodeStarter, tmp_path_factory: pytest.TempPathFactory, nginx: ServiceAdapter
) -> RunningNode:
    """A node that cares for it: its program has options, so its owner has taken it on."""
    password_file = tmp_path_factory.mktemp("password") / "password"
    password_file.write_text(ADMIN_PASSWORD)
    password_file.chmod(0o600)
    assert nginx.reference is not None
    node = start_module_node("--admin-password-file", str(password_file))
    options = [f"--option={one.name}={one.value}" for one in nginx.reference.options]
    configuration = ("--config", nginx.reference.configuration)
    for name, environment in (("nginx", "test"), ("outside", "cloud")):
        place = ("--environment", environment, *configuration, *options)
        added = node.command("services", "add", "nginx", name, "--yes", *place)
        assert added.returncode == 0, added.stderr
    return node


def row_of(page: Page, endpoint: str) -> str:
    """What the main window says of it."""
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=endpoint))
    return row.first.inner_text()


def test_axe_finds_nothing(start_visit: VisitStarter) -> None:
    visit = start_visit()
    visit.log_in()
    found = [
        violation for path in PAGES if visit.open(path) for violation in violations(visit.page)
    ]
    visit.open()
    visit.page.get_by_role("link", name="Add a service").click()
    visit.window("Add a service")
    assert found + violations(visit.page) == []


@on_narrow_screens
def test_nothing_scrolls_sideways(start_visit: VisitStarter, screen: dict[str, object]) -> None:
    visit = start_visit(**screen)
    visit.log_in()
    wide = [path for path in PAGES if visit.open(path) and scrolls_sideways(visit.page)]
    assert wide == []


def test_a_window_begins_at_its_title_on_a_phone(start_visit: VisitStarter) -> None:
    visit = start_visit(viewport={"width": 360, "height": 640})
    visit.log_in()
    visit.page.get_by_role("link", name="nginx", exact=True).click()
    expect(visit.window("nginx").get_by_role("heading", name="nginx", exact=True)).to_be_focused()
    expect(visit.page.locator("#service-title")).to_be_in_viewport()


def test_a_certificate_is_got_selected_and_activated_for_it_by_keyboard_alone(
    admin_visit: Visit, nginx: ServiceAdapter
) -> None:
    page = admin_visit.page
    former = nginx.served()
    tab_to(page, NAME)
    page.keyboard.press("Enter")
    admin_visit.window("nginx")
    tab_to(page, "Select X.509 certificate")
    page.keyboard.press("Enter")
    admin_visit.window("Edit certificate location")
    tab_to(page, "Get a new one")
    page.keyboard.press("Enter")
    admin_visit.window("Get a certificate")
    tab_to(page, "Get it")
    assert focused_within(page, "dialog")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="It is there.")).to_be_visible()
    tab_to(page, "Select it")
    page.keyboard.press("Enter")
    chosen = page.locator("dialog tr.chosen")
    expect(chosen).to_contain_text("Right: names, chain, key and dates fit")
    tab_to(page, "OK")
    page.keyboard.press("Enter")
    saved = page.get_by_role("region", name="Saved")
    expect(saved).to_contain_text(f"{NAME} of nginx still serves the former certificate")
    expect(saved.get_by_role("button", name="Activate it")).to_be_focused()
    page.keyboard.press("Enter")
    proven = page.get_by_role("heading", name=f"{NAME} of nginx is proven.")
    expect(proven).to_be_visible()
    assert nginx.served() != former
    admin_visit.open()
    assert "Certwright Issuing CA 1" in row_of(page, NAME)


def test_a_service_is_added_and_removed_without_javascript(
    start_visit: VisitStarter,
) -> None:
    visit = start_visit(java_script_enabled=False)
    visit.log_in()
    page = visit.page
    page.get_by_role("link", name="Add a service").click()
    page.get_by_role("radio", name="PostgreSQL").check()
    page.get_by_role("textbox", name="Name").fill("<b>sales</b>")
    visit.press("Look at it")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("<b>sales</b>")
    page.get_by_text("Other services, and other places").click()
    expect(page.get_by_text("only the above can be added")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="nginx", exact=True).click()
    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_text("It serves on with what it has")).to_be_visible()
    visit.press("Remove")
    expect(page.get_by_role("link", name="outside", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="nginx", exact=True)).to_have_count(0)
