"""A node for the tests of a module, Chromium that trusts it, and visits to its Designer."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright
from tests.browser.chromium import chromium_that_trusts
from tests.browser.visit import ADMIN_PASSWORD, MOST_MILLISECONDS, Visit
from tests.conftest import NodeStarter, RunningNode

VisitStarter = Callable[..., Visit]

expect.set_options(timeout=MOST_MILLISECONDS)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def node(start_module_node: NodeStarter, tmp_path_factory: pytest.TempPathFactory) -> RunningNode:
    """A node whose admin has a known password."""
    password_file = tmp_path_factory.mktemp("password") / "password"
    password_file.write_text(ADMIN_PASSWORD)
    password_file.chmod(0o600)
    return start_module_node("--admin-password-file", str(password_file))


@pytest.fixture(scope="module")
def browser(
    playwright: Playwright, node: RunningNode, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """Chromium that trusts the node's root."""
    home = tmp_path_factory.mktemp("home")
    with chromium_that_trusts(Path(node.root_file), home, playwright.chromium) as started:
        yield started


@pytest.fixture
def start_visit(browser: Browser, node: RunningNode) -> Iterator[VisitStarter]:
    """Starts visits, each with cookies of its own; none may leave a complaint in the console."""
    visits: list[Visit] = []
    contexts: list[BrowserContext] = []

    def start(**options: Any) -> Visit:
        contexts.append(browser.new_context(**options))
        visits.append(Visit(contexts[-1].new_page(), node.ready["designer_url"]))
        return visits[-1]

    yield start
    for context in contexts:
        context.close()
    assert [line for visit in visits for line in visit.console] == []


@pytest.fixture
def visit(start_visit: VisitStarter) -> Visit:
    """A visit of somebody who is not logged in."""
    return start_visit()


@pytest.fixture
def admin_visit(visit: Visit) -> Visit:
    """A visit of the admin, at the main window."""
    visit.log_in()
    return visit
