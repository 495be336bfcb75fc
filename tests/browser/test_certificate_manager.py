"""The Certificate Manager: found, sorted, filtered, paged, opened; by mouse and by keyboard."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from benchmarks.many_certificates import fill
from benchmarks.node import database_of
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine
from tests.browser.appearance import on_narrow_screens, scrolls_sideways, violations
from tests.browser.conftest import VisitStarter
from tests.browser.manager_page import go, named, names, position, rows
from tests.browser.test_log_in import add_user
from tests.browser.test_settings import focused_within, tab_to
from tests.browser.visit import Visit
from tests.conftest import RunningNode
from tests.materials.openssl_authority import OpensslAuthority

from certwright.stores.database import add_certificate, delete_entry
from certwright.stores.listing import page as page_of
from certwright.stores.listing_query import ListingQuery
from certwright.stores.place import INTERMEDIATE, PERSONAL

FILLED = 450
MARKUP = "<img src=x onerror=alert(1)>"
REVERSED = "gnp.moc\u202eelpmaxe"
LONG = "long-" + "x" * 295
TODAY = datetime.now(UTC).date()
LISTS = (
    "/certificates",
    "/certificates?store=all&status=expired&key=here",
    "/certificates?store=CA",
    "/certificates?search=no-such-certificate",
    "/certificates?location=CurrentUser&store=My",
    "/certificates?sort=colour",
    "/certificates?store=all&archived=too"
    f"&expires_from={TODAY}&expires_before={TODAY + timedelta(days=31)}",
)


@pytest.fixture(scope="module")
def database(node: RunningNode) -> Iterator[Engine]:
    """The node's database: Personal is filled, names of bad intent lie in Intermediate."""
    engine = database_of(node.data)
    fill(engine, FILLED, datetime.now(UTC))
    with engine.begin() as connection:
        for name in (MARKUP, REVERSED, LONG):
            add_certificate(connection, named(name), INTERMEDIATE, datetime.now(UTC), name)
    yield engine
    engine.dispose()


@pytest.fixture
def manager(admin_visit: Visit, database: Engine) -> Page:
    """The manager, opened from the frame's menu."""
    admin_visit.page.get_by_role("link", name="Certificates", exact=True).click()
    admin_visit.arrive(position(admin_visit.page).filter(has_text="1-100 of "))
    return admin_visit.page


def test_stores_are_a_tree_with_counts(manager: Page, database: Engine) -> None:
    tree = manager.get_by_role("navigation", name="Certificate stores")
    expect(tree.get_by_role("link", name="Intermediate")).to_contain_text("4")
    go(manager, "branch-LocalMachine-CA")
    expect(tree.get_by_role("link", name="Intermediate")).to_have_attribute("aria-current", "true")
    expect(position(manager)).to_contain_text("1-4 of 4")
    expect(manager).to_have_url(re.compile(r"\?location=LocalMachine&store=CA$"))
    go(manager, "branch-all")
    expect(position(manager)).to_contain_text("1-100 of ")
    expect(rows(manager).first).to_contain_text("Local Machine >")


def test_pages_are_turned_both_ways_and_back(manager: Page) -> None:
    first = names(manager)
    assert len(first) == 100
    go(manager, "page-after")
    expect(position(manager)).to_contain_text("101-200 of ")
    expect(manager.locator("#page-after")).to_be_focused()
    second = names(manager)
    assert first[-1] <= second[0]
    assert set(first).isdisjoint(second)
    go(manager, "page-after")
    go(manager, "page-before")
    assert names(manager) == second
    manager.go_back()
    expect(position(manager)).to_contain_text("201-300 of ")
    manager.wait_for_load_state()
    manager.go_back()
    expect(position(manager)).to_contain_text("101-200 of ")
    manager.reload()
    assert names(manager) == second
    go(manager, "page-before")
    assert names(manager) == first
    expect(manager.locator("#page-before")).to_have_attribute("aria-disabled", "true")


def test_last_page_ends_the_list(manager: Page) -> None:
    for _ in range(4):
        go(manager, "page-after")
    expect(position(manager)).to_contain_text(re.compile(r"401-(\d+) of \1"))
    expect(manager.locator("#page-after")).to_have_attribute("aria-disabled", "true")
    expect(manager.locator("#page-after")).to_be_focused()


def test_heads_sort_both_ways(manager: Page) -> None:
    for key in ("name", "issuer", "not-before", "not-after", "added"):
        if key != "name":
            go(manager, f"sort-{key}")
        head = manager.locator(f"th.column-{key}[scope=col]")
        expect(head).to_have_attribute("aria-sort", "ascending")
        ascending = names(manager)
        go(manager, f"sort-{key}")
        expect(head).to_have_attribute("aria-sort", "descending")
        expect(manager.locator(f"#sort-{key}")).to_be_focused()
        assert names(manager) != ascending
    go(manager, "sort-name")
    assert names(manager) == sorted(names(manager))


def test_status_key_and_archive_are_filters(manager: Page) -> None:
    go(manager, "status-expired")
    expect(manager.locator(".rows .state-broken")).to_have_count(100)
    go(manager, "with-key")
    assert set(manager.locator("td.column-key").all_inner_texts()) == {"Here\nDelete"}
    go(manager, "with-key")
    go(manager, "status-not-yet-valid")
    expect(manager.get_by_text("No certificate in Local Machine > Personal fits")).to_be_visible()
    go(manager, "status-any")
    go(manager, "archived")
    expect(manager.get_by_text("fits the filters above")).to_be_visible()
    manager.get_by_role("link", name="Show all certificates in Local Machine > Personal").click()
    expect(position(manager)).to_contain_text("1-100 of ")


def test_search_follows_the_typing_with_one_request_in_flight(manager: Page) -> None:
    asked: list[str] = []
    manager.on("request", lambda request: asked.append(urlsplit(request.url).path))
    wanted = names(manager)[7]
    manager.clock.install()
    manager.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    manager.get_by_role("searchbox").press_sequentially(wanted)
    assert asked == []
    manager.clock.resume()
    expect(rows(manager)).to_have_count(1)
    expect(manager.get_by_role("link", name=wanted, exact=True)).to_be_visible()
    expect(manager.get_by_role("searchbox")).to_be_focused()
    expect(manager.get_by_role("searchbox")).to_have_value(wanted)
    assert asked.count("/certificates") == 1
    expect(manager).to_have_url(re.compile(f"search={re.escape(wanted)}"))
    manager.reload()
    expect(rows(manager)).to_have_count(1)
    manager.get_by_role("searchbox").fill("")
    expect(position(manager)).to_contain_text("1-100 of ")


def test_answer_to_an_older_search_never_replaces_a_newer_one(manager: Page) -> None:
    held: list[Route] = []
    manager.route(re.compile("search=auth"), lambda route: held.append(route))
    with manager.expect_request(re.compile("search=auth")):
        manager.get_by_role("searchbox").fill("auth")
    manager.get_by_role("searchbox").fill("mail")
    expect(manager.locator(".rows .open").first).to_contain_text("mail-")
    for route in held:
        route.abort()
    expect(manager.locator(".rows .open").first).to_contain_text("mail-")
    expect(manager.locator("#connection-lost")).to_be_hidden()


def test_search_finds_thumbprint_and_serial_number(manager: Page, database: Engine) -> None:
    with database.connect() as connection:
        entry = page_of(connection, ListingQuery(), datetime.now(UTC)).entries[20]
    windows = " ".join(re.findall("..", entry.thumbprint))
    for text in (entry.thumbprint, windows.upper(), entry.fingerprint[:20]):
        manager.get_by_role("searchbox").fill(text)
        expect(rows(manager)).to_have_count(1)
        expect(rows(manager)).to_contain_text(entry.name)


def test_search_keeps_store_order_and_filters(manager: Page) -> None:
    go(manager, "sort-not-after")
    go(manager, "status-expired")
    manager.get_by_role("searchbox").fill("auth")
    expect(manager.locator(".rows .open").first).to_contain_text("auth-")
    expect(manager.locator("#status-expired")).to_have_attribute("aria-current", "true")
    expect(manager.locator("th[aria-sort]")).to_contain_text("Good until")
    go(manager, "branch-LocalMachine-Root")
    expect(manager.get_by_role("searchbox")).to_have_value("auth")
    expect(manager.get_by_text("fits auth and the filters above")).to_be_visible()


def test_double_click_opens_the_window_and_closing_gives_the_focus_back(manager: Page) -> None:
    row = rows(manager).nth(3)
    name = names(manager)[3]
    row.locator("td").first.dblclick()
    expect(manager.get_by_role("dialog", name=name)).to_be_visible()
    expect(manager.get_by_role("dialog").get_by_text("Common Name (CN)")).to_be_visible()
    assert focused_within(manager, "dialog.certificate")
    manager.keyboard.press("Escape")
    expect(manager.get_by_role("dialog")).to_have_count(0)
    expect(manager.get_by_role("link", name=name, exact=True)).to_be_focused()


def test_everything_by_keyboard_alone(manager: Page) -> None:
    manager.locator("#search").focus()
    manager.keyboard.press("ArrowDown")
    listed = names(manager)
    expect(manager.locator(".rows .open").first).to_be_focused()
    manager.keyboard.press("ArrowDown")
    manager.keyboard.press("End")
    expect(manager.locator(".rows .open").last).to_be_focused()
    manager.keyboard.press("ArrowUp")
    expect(manager.locator(".rows .open").nth(98)).to_be_focused()
    manager.keyboard.press("Home")
    manager.keyboard.press("ArrowDown")
    manager.keyboard.press("Enter")
    expect(manager.get_by_role("dialog", name=listed[1])).to_be_visible()
    manager.keyboard.press("Escape")
    expect(manager.get_by_role("link", name=listed[1], exact=True)).to_be_focused()
    manager.keyboard.press("Delete")
    question = manager.get_by_role("dialog", name="Delete this certificate?")
    expect(question.get_by_role("link", name="Keep it")).to_be_focused()
    manager.keyboard.press("Escape")
    expect(question).to_have_count(0)
    manager.locator("#search").focus()
    tab_to(manager, "Next")
    manager.keyboard.press("Enter")
    expect(position(manager)).to_contain_text("101-200 of ")
    expect(manager.locator("#announcement")).to_contain_text("101-200 of ")


def test_what_is_deleted_is_gone_from_the_same_list(manager: Page) -> None:
    go(manager, "status-valid")
    go(manager, "page-after")
    address, gone = manager.url, names(manager)[5]
    rows(manager).nth(5).hover()
    manager.get_by_role("link", name=f"Delete {gone}").click()
    manager.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(manager.get_by_role("link", name=gone, exact=True)).to_have_count(0)
    expect(manager.get_by_role("dialog")).to_have_count(0)
    assert manager.url == address


def test_what_another_session_deletes_between_two_pages_does_no_harm(
    manager: Page, database: Engine
) -> None:
    listed = names(manager)
    with database.begin() as connection:
        entries = page_of(connection, ListingQuery(size=200), datetime.now(UTC)).entries
        for entry in (entries[99], entries[100]):
            delete_entry(connection, entry.fingerprint, PERSONAL)
    go(manager, "page-after")
    assert names(manager)[0] == entries[101].name
    go(manager, "page-before")
    assert names(manager) == listed[:99]


def test_window_of_what_was_deleted_says_so(manager: Page, database: Engine) -> None:
    gone = names(manager)[10]
    with database.begin() as connection:
        entries = page_of(connection, ListingQuery(size=100), datetime.now(UTC)).entries
        delete_entry(connection, entries[10].fingerprint, PERSONAL)
    manager.get_by_role("link", name=gone, exact=True).click()
    expect(manager.get_by_role("dialog", name="Not found")).to_contain_text("no certificate")
    manager.keyboard.press("Escape")
    assert names(manager)[10] == gone


def test_what_the_node_cannot_do_is_told_and_the_list_stays(manager: Page) -> None:
    listed = names(manager)
    manager.route(
        re.compile("search=auth"),
        lambda route: route.fulfill(
            status=503,
            content_type="text/html",
            body='<dialog class="window" aria-labelledby="t"><div class="window-body">'
            '<h1 id="t">Not possible at this moment</h1></div></dialog>',
        ),
    )
    manager.get_by_role("searchbox").fill("auth")
    expect(manager.get_by_role("dialog", name="Not possible at this moment")).to_be_visible()
    manager.keyboard.press("Escape")
    assert names(manager) == listed


def test_files_dropped_on_the_page_are_shown_before_they_are_saved(
    manager: Page, tmp_path: Path
) -> None:
    authority = OpensslAuthority.make(tmp_path / "corp")
    pem = authority.pem(authority.issue("dropped.corp.example")).read_text()
    files = manager.evaluate_handle(
        """content => { const files = new DataTransfer();
           files.items.add(new File([content], "dropped.pem")); return files; }""",
        pem,
    )
    for event in ("dragover", "drop"):
        manager.dispatch_event("main", event, {"dataTransfer": files})
    window = manager.get_by_role("dialog", name="Import")
    expect(window).to_contain_text("dropped.corp.example")
    expect(window).to_contain_text("New in Local Machine > Personal")
    manager.keyboard.press("Escape")
    manager.get_by_role("searchbox").fill("dropped")
    expect(manager.get_by_text("No certificate in Local Machine > Personal fits")).to_be_visible()


def test_import_button_opens_the_window(manager: Page) -> None:
    manager.get_by_role("link", name="Import", exact=True).click()
    expect(manager.get_by_role("dialog", name="Import a certificate")).to_be_visible()


def test_names_of_bad_intent_are_only_text(manager: Page) -> None:
    go(manager, "branch-LocalMachine-CA")
    assert manager.locator(".manager img").count() == 0
    shown = names(manager)
    assert MARKUP in shown
    assert "gnp.moc\N{REPLACEMENT CHARACTER}elpmaxe" in shown
    long = manager.locator(".rows .open[title]")
    expect(long).to_have_text(f"O={LONG[:118]}…")
    expect(long).to_have_attribute("title", f"O={LONG}")
    assert not scrolls_sideways(manager)


def test_axe_finds_nothing(start_visit: VisitStarter, database: Engine) -> None:
    visit = start_visit()
    visit.log_in()
    found = []
    for address in ("/", *LISTS):
        visit.open(address)
        found += [f"{address} {violation}" for violation in violations(visit.page)]
    assert found == []


@on_narrow_screens
def test_nothing_scrolls_sideways(
    start_visit: VisitStarter, database: Engine, screen: dict[str, object]
) -> None:
    visit = start_visit(**screen)
    visit.log_in()
    sideways = []
    for address in ("/", *LISTS, "/settings/web-server/certificate"):
        visit.open(address)
        sideways += [address] if scrolls_sideways(visit.page) else []
    assert sideways == []


def test_list_is_read_without_javascript(start_visit: VisitStarter, database: Engine) -> None:
    visit = start_visit(java_script_enabled=False)
    visit.log_in()
    page = visit.page
    page.get_by_role("link", name="Certificates", exact=True).click()
    page.locator("#page-after").click()
    expect(position(page)).to_contain_text("101-200 of ")
    page.locator("#sort-not-after").click()
    page.locator("#status-expired").click()
    page.get_by_role("searchbox").fill("auth")
    page.keyboard.press("Enter")
    expect(page.locator(".rows .open").first).to_contain_text("auth-")
    expect(page.locator("#status-expired")).to_have_attribute("aria-current", "true")
    expect(page.locator("th[aria-sort]")).to_contain_text("Good until")
    name = names(page)[0]
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("link", name="Close").click()
    expect(position(page)).to_contain_text("1-100 of ")


def test_bars_on_the_first_page_lead_to_what_they_count(
    admin_visit: Visit, database: Engine
) -> None:
    page = admin_visit.page
    page.reload()
    picture = page.get_by_role("group", name="Certificates that expire, by month")
    bar = picture.get_by_role("link").nth(1)
    title = bar.locator("title").text_content() or ""
    number = re.search(r": (\d+) certificate", title)
    assert number is not None
    bar.focus()
    page.keyboard.press("Enter")
    expect(position(page)).to_contain_text(f"of {number[1]} ")
    expect(page.locator("#period")).to_contain_text("Expires 1 ")
    page.locator("#period").click()
    expect(page.locator("#period")).to_have_count(0)


def test_selection_window_of_a_large_store_shows_the_best_and_finds_the_rest(
    admin_visit: Visit, database: Engine
) -> None:
    location = admin_visit.open_location("Web Server")
    expect(location.get_by_role("radio")).to_have_count(50)
    expect(location).to_contain_text(re.compile(r"The 50 best of \d+ are shown"))
    expect(location.get_by_role("radio").first).to_be_checked()
    location.get_by_role("searchbox").fill("mail-00000")
    location.get_by_role("button", name="Find").click()
    expect(location.get_by_role("row").nth(2)).to_contain_text("mail-00000")


def test_right_read_sees_all_and_is_offered_no_change(
    visit: Visit, node: RunningNode, database: Engine, tmp_path: Path
) -> None:
    add_user(node, tmp_path, "reader", "read", "a long enough password")
    visit.log_in("reader", "a long enough password")
    visit.open("/certificates")
    expect(rows(visit.page)).to_have_count(100)
    expect(visit.page.get_by_role("link", name=re.compile("Delete|Import"))).to_have_count(0)
