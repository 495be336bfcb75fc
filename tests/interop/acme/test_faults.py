"""An authority that refuses, fails, is slow or answers nonsense, at each step of an order."""

import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from tests.interop.acme.accounts import Kept, authority_at, issue, wanted
from tests.interop.acme.faulty_proxy import Call, FaultyProxy, Reply, at, refusal
from tests.interop.acme.pebble import Pebble
from tests.interop.acme.responders import HttpResponder

from certwright.authorities.acme.challenges import ChallengeKind
from certwright.authorities.authority import IssuanceFailed, Pending, Progress

HTTP = ChallengeKind.HTTP_01
STEPS = ("/sign-me-up", "/order-plz", "/authZ/", "/chalZ/", "/finalize-order/", "/certZ/")


def attempt(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder, kept: Kept, **settings: Any
) -> IssuanceFailed:
    authority = authority_at(proxy.directory, pebble.ca_pem, HTTP, http, kept=kept, **settings)
    with pytest.raises(IssuanceFailed) as failed:
        issue(authority, wanted("todd.corp.example"), kept.progress)
    assert not http.answers
    assert not kept.issued
    return failed.value


@pytest.mark.parametrize("step", STEPS)
def test_a_rate_limit_says_when_to_ask_again(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder, step: str
) -> None:
    detail = "too many certificates already issued for corp.example"
    proxy.faults.append(at(step, refusal("rateLimited", 429, detail, Retry_After="3600")))
    now, kept = datetime.now(UTC), Kept()
    failed = attempt(pebble, proxy, http, kept)
    assert detail in failed.message
    assert failed.again_at is not None
    assert timedelta(minutes=59) < failed.again_at - now < timedelta(minutes=61)
    assert not failed.starts_over
    assert kept.pauses == []  # the limit is of the name's domain


@pytest.mark.parametrize(
    "reply",
    [
        refusal("serverInternal", 503, "down for maintenance"),
        Reply(503, b"<html><h1>Service Unavailable</h1></html>"),
    ],
    ids=["problem", "page"],
)
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_maintenance_says_when_to_ask_again(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder, reply: Reply, form: str
) -> None:
    now, kept = datetime.now(UTC), Kept()
    later = format_datetime(now + timedelta(minutes=20), usegmt=True)
    headers = {**reply.headers, "Retry-After": "1200" if form == "seconds" else later}
    proxy.faults.append(at("/order-plz", Reply(503, reply.body, headers)))
    failed = attempt(pebble, proxy, http, kept)
    assert "it has a fault of its own" in failed.message
    assert failed.again_at is not None
    assert timedelta(minutes=19) < failed.again_at - now < timedelta(minutes=21)
    (pause,) = kept.pauses
    assert abs(pause.until - failed.again_at) < timedelta(seconds=1)


NONSENSE = {
    "page": Reply(200, b"<html>Welcome to nginx!</html>", {"Replay-Nonce": "bm9uY2U"}),
    "empty": Reply(200, b"", {"Replay-Nonce": "bm9uY2U"}),
    "list": Reply(200, b"[]", {"Replay-Nonce": "bm9uY2U"}),
    "nested": Reply(200, b"[" * 100_000, {"Replay-Nonce": "bm9uY2U"}),
    "null": Reply(200, b"null", {"Replay-Nonce": "bm9uY2U"}),
    "other": Reply(200, b'{"status": 5}', {"Replay-Nonce": "bm9uY2U", "Location": "x"}),
    "without a nonce": Reply(200, b"{}"),
    "huge": Reply(200, b"a" * 2_000_000),
    "teapot": Reply(418, b"\xff\xfe short and stout"),
    "redirect": Reply(302, b"", {"Location": "https://elsewhere.example/"}),
}


@pytest.mark.parametrize("nonsense", NONSENSE)
@pytest.mark.parametrize("step", ["/order-plz", "/authZ/", "/certZ/"])
def test_nonsense_is_told_and_nothing_is_taken_for_a_certificate(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder, step: str, nonsense: str
) -> None:
    proxy.faults.append(at(step, NONSENSE[nonsense]))
    failed = attempt(pebble, proxy, http, Kept())
    assert failed.message.isprintable()
    assert failed.message.endswith(".")


@pytest.mark.parametrize("nonsense", ["page", "empty", "list", "huge", "teapot", "redirect"])
def test_a_directory_that_is_none_is_told(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder, nonsense: str
) -> None:
    proxy.faults.append(lambda call: NONSENSE[nonsense] if call.path == "/dir" else None)
    assert attempt(pebble, proxy, http, Kept()).message.endswith(".")


def test_a_slow_answer_is_given_up_and_the_order_gone_on_with(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder
) -> None:
    kept = Kept()
    proxy.faults.append(at("/authZ/", Reply(200, b"{}", pause=60)))
    began = time.monotonic()
    failed = attempt(pebble, proxy, http, kept, exchange_seconds=5)
    assert time.monotonic() - began < 50
    assert "did not answer within 5 seconds" in failed.message
    assert not failed.starts_over
    assert kept.memories[-1]["order"]


def test_an_account_that_is_forgotten_again_at_once_is_not_made_for_ever(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder
) -> None:
    proxy.faults.append(at("/order-plz", refusal("accountDoesNotExist", 400)))
    failed = attempt(pebble, proxy, http, Kept())
    assert "no longer knows the account" in failed.message
    assert "made anew at once" in failed.remedy
    assert failed.starts_over
    assert len(proxy.succeeded("/sign-me-up")) == 2


def test_a_server_that_rejects_every_nonce_is_given_up(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder
) -> None:
    proxy.faults.append(at("/sign-me-up", refusal("badNonce", 400, "Invalid anti-replay nonce")))
    failed = attempt(pebble, proxy, http, Kept())
    assert "accepted none of its own nonces" in failed.message
    tries = [call for call in proxy.calls if call.path == "/sign-me-up"]
    assert 5 < len(tries) < 60


def test_an_order_for_another_name_than_ours_makes_us_put_nothing_up(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder
) -> None:
    def other(call: Any, reply: Reply) -> Reply:
        if "/authZ/" not in call.path or reply.status != 200:
            return reply
        victim = {"type": "dns", "value": "victim.corp.example"}
        body = json.dumps({**reply.document, "identifier": victim}).encode()
        return Reply(reply.status, body, reply.headers)

    proxy.edits.append(other)
    attempt(pebble, proxy, http, Kept())
    assert not http.put_up


def test_a_directory_that_nobody_serves_is_named(pebble: Pebble, http: HttpResponder) -> None:
    authority = authority_at("https://127.0.0.1:1/dir", pebble.ca_pem, HTTP, http)
    with pytest.raises(IssuanceFailed, match="cannot be reached: Nothing listens on 127"):
        issue(authority, wanted("todd.corp.example"))


ALWAYS: dict[str, dict[str, Any]] = {
    "ready": {"status": "ready"},
    "pending": {"status": "pending"},
    "valid without an address": {"status": "valid", "certificate": None},
}


@pytest.mark.parametrize("always", ALWAYS)
def test_an_order_that_never_goes_on_is_not_asked_about_without_end(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder, always: str
) -> None:
    def stuck(call: Call, reply: Reply) -> Reply:
        is_order = "/my-order/" in call.path or "/finalize-order/" in call.path
        if not is_order or reply.status >= 300 or reply.document["status"] == "pending":
            return reply
        document = {**reply.document, **ALWAYS[always]}
        kept = {name: value for name, value in document.items() if value is not None}
        return Reply(200, json.dumps(kept).encode(), reply.headers)

    proxy.edits.append(stuck)
    authority = authority_at(
        proxy.directory, pebble.ca_pem, HTTP, http, patience=timedelta(seconds=1)
    )
    outcome = authority.issue(wanted("todd.corp.example"), Progress(), datetime.now(UTC))
    assert isinstance(outcome, Pending)
    assert outcome.again_at is not None
    assert len(proxy.calls) < 300


def test_an_authority_that_is_slow_at_each_step_is_gone_on_with_later(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder
) -> None:
    proxy.edits.append(lambda _, reply: Reply(reply.status, reply.body, reply.headers, pause=0.3))
    kept = Kept()
    patience = timedelta(seconds=0.8)
    authority = authority_at(
        proxy.directory, pebble.ca_pem, HTTP, http, kept=kept, patience=patience
    )
    request = wanted("todd.corp.example", "sales.corp.example")
    began = time.monotonic()
    outcome = authority.issue(request, kept.progress, datetime.now(UTC))
    assert time.monotonic() - began < 10
    assert isinstance(outcome, Pending)
    proxy.edits.clear()
    for _ in range(20):
        outcome = authority.issue(request, kept.progress, datetime.now(UTC))
        if not isinstance(outcome, Pending):
            break
    assert kept.issued == [outcome]
