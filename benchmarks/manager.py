"""The Certificate Manager with very many certificates: its pages, and how Chromium shows them."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import Connection, select
from tests.browser.chromium import chromium_that_trusts

from benchmarks.many_certificates import fill
from benchmarks.node import PASSWORD, BenchmarkNode, database_of, running_node
from certwright.database.tables import certificates
from certwright.designer.manager_address import list_address, read_query
from certwright.stores.listing_cursor import Cursor, Key, write_cursor
from certwright.stores.listing_query import ListingQuery, Sort, Status

ROWS = 1_000_000
ROWS_IN_BROWSER = 100_000
_ROUNDS = 40
_CLICKS = 20
_SAMPLES = 200
_LARGEST_NUMBER = 10**9
_NAMES = ("mail", "data", "node", "edge", "auth", "file", "info", "test", "vote", "chat")
_SITES = ("berlin", "madrid", "vienna", "lisbon", "athens", "prague", "dublin", "warsaw")

# From the click until the next list has been painted.
_SHOWN = """act => new Promise(done => {
    const begin = performance.now();
    document.addEventListener("htmx:afterSettle", () =>
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin))),
        {once: true});
    %s
})"""
_CLICK = _SHOWN % "document.getElementById(act).click();"
_SEARCH = _SHOWN % (
    "document.getElementById('search').value = act;"
    "document.getElementById('search-form').requestSubmit();"
)

Times = dict[str, list[float]]


def measure() -> dict[str, object]:
    """Pages as the Designer's address answers them, and lists as Chromium shows them."""
    with running_node() as node:
        samples = _filled(node, ROWS)
        pages = _pages(node, samples)
    with running_node() as node:
        _filled(node, ROWS_IN_BROWSER)
        shown = _shown_in_chromium(node)
    return {
        "pages": {"rows": ROWS, **_summary(pages)},
        "browser": {"rows": ROWS_IN_BROWSER, **_summary(shown)},
        "goals": {"p95_ms": 50},
    }


def _filled(node: BenchmarkNode, number: int) -> list[tuple[str, str, str]]:
    """Fill the node's store; returns name, thumbprint and serial number of some of it."""
    engine = database_of(node.data)
    fill(engine, number, datetime.now(UTC))
    with engine.connect() as connection:
        samples = _samples(connection)
    engine.dispose()
    return samples


def _samples(connection: Connection) -> list[tuple[str, str, str]]:
    columns = (certificates.c.common_name, certificates.c.thumbprint, certificates.c.serial)
    # Thumbprints are as good as chance.
    rows = connection.execute(select(*columns).order_by(certificates.c.thumbprint).limit(_SAMPLES))
    return [(row.common_name, row.thumbprint, row.serial) for row in rows]


def _pages(node: BenchmarkNode, samples: Sequence[tuple[str, str, str]]) -> Times:
    times: Times = {}
    chance = random.Random(11)  # noqa: S311 - the same questions each time
    with closing(node.log_in()) as client:
        for _ in range(_ROUNDS):
            for kind, query in _mix(chance, samples):
                address = list_address(query)
                begin = time.perf_counter()
                answer = client.get(address, headers={"HX-Request": "true"})
                elapsed = (time.perf_counter() - begin) * 1000
                assert answer.status_code == 200, address
                times.setdefault(kind, []).append(elapsed)
    return times


def _mix(
    chance: random.Random, samples: Sequence[tuple[str, str, str]]
) -> Iterator[tuple[str, ListingQuery]]:
    """What she asks for, a little different each time."""
    usual = read_query({})
    name, thumbprint, serial = chance.choice(samples)
    yield "first page", replace(usual, descending=chance.random() < 0.5)
    yield "first page, all stores", replace(usual, place=None)
    for sort in Sort:
        order = replace(usual, sort=sort, descending=chance.random() < 0.5)
        yield f"by {sort}, first page", order
        deep = write_cursor(Cursor(_key(sort, chance), _LARGEST_NUMBER, 500_000))
        yield f"by {sort}, deep in", replace(order, after=deep)
        yield f"by {sort}, back from there", replace(order, before=deep)
    for status in Status:
        yield f"filter: {status}", replace(usual, status=status)
        yield f"filter: {status}, by expiry", replace(usual, status=status, sort=Sort.NOT_AFTER)
    yield "filter: with private key", replace(usual, has_private_key=True)
    yield "filter: archived", replace(usual, archived=True)
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start += timedelta(days=chance.randrange(700))
    month = replace(usual, expires_from=start, expires_before=start + timedelta(days=30))
    yield (
        "filter: what expires in a month, all stores",
        replace(month, place=None, archived=None, sort=Sort.NOT_AFTER),
    )
    role, site = chance.choice(_NAMES), chance.choice(_SITES)
    searches = {
        "a whole name": name,
        "the beginning of a name": name[: chance.randint(6, 10)],
        "a frequent word": role,
        "a frequent word in the middle": site,
        "two frequent words": f"{role} {site}",
        "an issuer": f"issuing ca {chance.randrange(10, 30)}",
        "what nothing has": f"x{chance.randrange(10**6)}",
        "a thumbprint": thumbprint,
        "the beginning of a thumbprint": thumbprint[:8],
        "a serial number": serial,
    }
    for title, text in searches.items():
        yield f"search: {title}", replace(usual, search=text)
    yield "search and filter", replace(usual, search=role, status=Status.EXPIRED)
    yield "search, by expiry", replace(usual, search=site, sort=Sort.NOT_AFTER)


def _key(sort: Sort, chance: random.Random) -> Key:
    if sort is Sort.NAME:
        return f"{chance.choice(_NAMES)}-{chance.randrange(ROWS):07}"
    if sort is Sort.ISSUER:
        return f"corp issuing ca {chance.randrange(10, 30)}"
    return datetime.now(UTC) + timedelta(days=chance.randrange(-300, 0))


def _shown_in_chromium(node: BenchmarkNode) -> Times:
    times: Times = {}
    with (
        tempfile.TemporaryDirectory(prefix="certwright-benchmark-") as home,
        sync_playwright() as playwright,
        chromium_that_trusts(
            Path(node.ready["root_file"]), Path(home), playwright.chromium
        ) as browser,
    ):
        page = browser.new_page()
        page.goto(f"{node.address}/log-in?then=/certificates")
        page.get_by_label("User name").fill("admin")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.locator(".rows").wait_for()
        page.wait_for_load_state()
        chance = random.Random(13)  # noqa: S311 - the same clicks each time
        for _ in range(_CLICKS):
            for kind, act in _acts(chance):
                times.setdefault(kind, []).append(act(page))
    return times


def _acts(chance: random.Random) -> Iterator[tuple[str, Callable[[Page], float]]]:
    role = chance.choice(_NAMES)
    yield "next page", _clicked("page-after")
    yield "another page on", _clicked("page-after")
    yield "previous page", _clicked("page-before")
    yield "by expiry", _clicked("sort-not-after")
    yield "by name", _clicked("sort-name")
    yield "expired", _clicked("status-expired")
    yield "any status", _clicked("status-any")
    yield "all stores", _clicked("branch-all")
    yield "Personal", _clicked("branch-LocalMachine-My")
    yield "search: a frequent word", _searched(role)
    yield "search: few", _searched(f"{role}-00{chance.randrange(1000):03}")
    yield "search taken back", _searched("")


def _clicked(key: str) -> Callable[[Page], float]:
    return lambda page: float(page.evaluate(_CLICK, key))


def _searched(text: str) -> Callable[[Page], float]:
    return lambda page: float(page.evaluate(_SEARCH, text))


def _summary(times: Times) -> dict[str, object]:
    together = [elapsed for kind in times.values() for elapsed in kind]
    return {
        "measured": len(together),
        **_percentiles(together),
        "kinds": {kind: _percentiles(elapsed) for kind, elapsed in times.items()},
    }


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    twentieths = quantiles(times, n=20, method="inclusive")
    return {
        "p50_ms": round(twentieths[9], 1),
        "p95_ms": round(twentieths[18], 1),
        "max_ms": round(max(times), 1),
    }
