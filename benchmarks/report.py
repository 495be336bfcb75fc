"""Results as JSON, one file a benchmark, and the page in docs/ that is made from them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parent.parent
RESULTS = _ROOT / "benchmarks" / "results"
PAGE = _ROOT / "docs" / "benchmarks.md"

_TITLES = {
    "requests_per_second": "HTTPS requests/s (1 KiB, 16 kept-alive connections)",
    "handshakes_per_second": "full TLS 1.3 handshakes/s",
    "handshake_processor_ms": "processor milliseconds for a handshake (less is better)",
    "download_mb_per_second": "MB/s of a streamed 1 GiB download",
    "download_processor_seconds_per_gib": "processor seconds for that GiB (less is better)",
}


def write_result(name: str, measured_on: dict[str, object], result: dict[str, object]) -> None:
    """Keep what one benchmark found, with what it was measured on (`environment()` before it)."""
    RESULTS.mkdir(exist_ok=True)
    content = {
        "benchmark": name,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "environment": measured_on,
        "result": result,
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")


def write_report() -> Path:
    """Make the page anew from all results there are."""
    parts = {
        "start": _start,
        "swap": _swap,
        "throughput": _throughput,
        "rules": _rules,
        "vectors": _vectors,
        "manager": _manager,
    }
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench` from `benchmarks/results/*.json`; not written by hand. Everything",
        "runs on one machine, over loopback, so only the ratios within one table mean anything",
        "elsewhere.",
    ]
    for name, part in parts.items():
        file = RESULTS / f"{name}.json"
        if file.exists():
            content: dict[str, Any] = json.loads(file.read_text())
            lines += ["", *part(content["result"]), "", *_measured_on(content)]
    PAGE.write_text("\n".join(lines) + "\n")
    return PAGE


def _start(result: dict[str, Any]) -> Iterator[str]:
    yield "## From nothing to a proven HTTPS server"
    yield ""
    yield "| what | median | goal |"
    yield "| --- | ---: | ---: |"
    goals = result["goals"]
    for title, key in (
        ("first `certwright up` on an empty folder, to ready and proven", "first_start_median"),
        ("second `certwright up`, to ready and proven", "second_start_median"),
    ):
        yield f"| {title} | {result[key]:.2f} s | {_judged(goals[key], ' s', result[key])} |"
    yield (
        "| `caddy run` with its internal CA, to the first verified handshake "
        f"| {result['caddy_median']:.2f} s | |"
    )
    yield ""
    yield (
        f"A first start takes {result['first_start_over_caddy']:g} times as long as Caddy's: it "
        "makes a PostgreSQL database, and proves both endpoints from outside."
    )


def _swap(result: dict[str, Any]) -> Iterator[str]:
    yield f"## {result['swaps']} certificate swaps under load"
    yield ""
    yield (
        f"8 kept-alive connections and new ones all the time: {result['requests']} requests, "
        f"{result['new_connections']} new connections."
    )
    yield ""
    yield "| what | measured | goal |"
    yield "| --- | ---: | ---: |"
    goals = result["goals"]
    for title, key, unit in (
        ("failed requests", "failed_requests", ""),
        ("dropped connections", "dropped_connections", ""),
        ("new certificate served, median", "visible_p50_ms", " ms"),
        ("new certificate served, 95th percentile", "visible_p95_ms", " ms"),
        ("new certificate served, longest", "visible_max_ms", " ms"),
    ):
        goal = _judged(goals[key], unit, result[key]) if key in goals else ""
        yield f"| {title} | {result[key]}{unit} | {goal} |"


def _throughput(result: dict[str, Any]) -> Iterator[str]:
    servers = list(result["medians"])
    yield "## The front beside nginx and Caddy"
    yield ""
    yield (
        "Same ECDSA P-256 key, TLS 1.3, "
        f"{result['cipher']}, {result['group']}, same upstream (nginx), one core and one worker "
        f"each, medians of {len(result['rounds'][servers[0]]['requests_per_second'])} rounds in "
        "turns; in brackets the ratio to nginx."
    )
    yield ""
    yield f"| what | {' | '.join(servers)} |"
    yield f"| --- |{' ---: |' * len(servers)}"
    for key, title in _TITLES.items():
        cells = [
            f"{result['medians'][server][key]:,.{0 if key.endswith('_per_second') else 2}f} "
            f"({result['ratios_to_nginx'][server][key]:.2f})"
            for server in servers
        ]
        yield f"| {title} | {' | '.join(cells)} |"
    yield ""
    yield "The client, on one core, is what bounds handshakes and downloads where they are alike;"
    yield "the processor time shows what is left."
    yield ""
    ratio = result["ratios_to_nginx"]["certwright"]["download_mb_per_second"]
    goal = result["goals"]["download_ratio_to_nginx"]
    yield f"Goal: a download at {goal} of nginx's speed or more; {_reached(ratio >= goal)}."


def _rules(result: dict[str, Any]) -> Iterator[str]:
    yield "## The rules"
    yield ""
    yield (
        f"{result['certificates']} server certificates with a key each (40 % RSA 2048, the others "
        "ECDSA), read from DER, their chains completed and verified against "
        f"{result['roots']} roots, and judged by {result['rules']} rules, on one core; medians of "
        f"{len(result['rounds']['test'])} rounds."
    )
    yield ""
    yield "| environment | certificates a second | goal |"
    yield "| --- | ---: | ---: |"
    for environment, rate in result["medians"].items():
        goal = f"{result['goal']:,} or more, {_reached(rate >= result['goal'])}"
        yield f"| {environment} | {rate:,.0f} | {goal} |"


def _vectors(result: dict[str, Any]) -> Iterator[str]:
    yield "## The published vectors of `cryptography`"
    yield ""
    yield "Every file of the package `cryptography_vectors` that is a certificate, a key or a"
    yield "container of them, or lies beside those, is imported, or refused with a sentence that"
    yield "says why; `tests/vectors/published.txt` has them one by one."
    yield ""
    yield "| kind of file | imported | refused |"
    yield "| --- | ---: | ---: |"
    for kind, imported in result["imported"].items():
        yield f"| {kind} | {imported:,} | {result['refused'][kind]:,} |"
    yield ""
    yield "| refused because | files |"
    yield "| --- | ---: |"
    for reason, files in result["reasons"].items():
        yield f"| {reason} | {files:,} |"


def _manager(result: dict[str, Any]) -> Iterator[str]:
    pages, browser, goal = result["pages"], result["browser"], result["goals"]["p95_ms"]
    yield "## The Certificate Manager"
    yield ""
    yield (
        f"Pages of 100 certificates out of {pages['rows']:,}, from the request to the last byte, "
        "over HTTPS on a kept-alive connection. In Chromium, with "
        f"{browser['rows']:,}: from the click until the rows are painted; a search while typing "
        "waits for 150 ms more."
    )
    yield ""
    yield "| what | median | 95th percentile | longest | goal |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    reached = _judged(goal, " ms", pages["p95_ms"])
    yield _manager_row(f"**all pages** ({pages['measured']})", pages, reached)
    yield _manager_row(f"**all in Chromium** ({browser['measured']})", browser, "")
    for kind, part in pages["kinds"].items():
        yield _manager_row(kind, part, "")
    for kind, part in browser["kinds"].items():
        yield _manager_row(f"in Chromium: {kind}", part, "")


def _manager_row(title: str, part: dict[str, Any], goal: str) -> str:
    times = " | ".join(f"{part[key]:.0f} ms" for key in ("p50_ms", "p95_ms", "max_ms"))
    return f"| {title} | {times} | {goal} |"


def _judged(goal: float, unit: str, measured: float) -> str:
    bound = f"{goal:g}{unit} or less" if goal else "0"
    return f"{bound}, {_reached(measured <= goal)}"


def _reached(is_reached: bool) -> str:
    return "reached" if is_reached else "**missed**"


def _measured_on(content: dict[str, Any]) -> Iterator[str]:
    of = content["environment"]
    versions = ", ".join(f"{name} {version}" for name, version in of["versions"].items())
    yield (
        f"*{content['measured_at'][:10]}; {of['cores']} cores ({of['processor']}), "
        f"{of['memory_gib']} GiB, "
        f"Linux {of['kernel']}, load {of['load_before']} before; {versions}.*"
    )
