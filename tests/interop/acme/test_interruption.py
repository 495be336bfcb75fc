"""Killed at any step and asked again: one order, one certificate, and nothing left behind."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from tests.interop.acme.accounts import (
    Kept,
    authority_at,
    dns_responder_at,
    issue,
    rfc2136,
    wanted,
)
from tests.interop.acme.dns_server import DnsServer
from tests.interop.acme.faulty_proxy import Call, FaultyProxy, Reply, at, refusal
from tests.interop.acme.pebble import Pebble
from tests.interop.acme.responders import HttpResponder

from certwright.authorities.acme.challenges import Challenge, ChallengeKind
from certwright.authorities.acme.dns.responder import DnsResponder
from certwright.authorities.authority import (
    IssuanceFailed,
    IssuedCertificate,
    Memory,
    Pending,
    Progress,
)

HTTP, DNS = ChallengeKind.HTTP_01, ChallengeKind.DNS_01
NEW_ORDER, FINALIZE = "/order-plz", "/finalize-order/"


class Killed(BaseException):
    """The process ends here."""


class Forgetful:
    """A responder of a process that is killed: it never comes to take anything away."""

    def __init__(self, responder: DnsResponder) -> None:
        self.responder = responder
        self.is_dead = False

    def prepare(self) -> None:
        self.responder.prepare()

    def respond(self, challenge: Challenge) -> None:
        self.responder.respond(challenge)

    def withdraw(self, challenge: Challenge) -> None:
        if not self.is_dead:
            self.responder.withdraw(challenge)


@pytest.mark.parametrize("is_kept", [False, True], ids=["before", "after"])
def test_an_order_interrupted_at_any_step_it_remembers_is_gone_on_with(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder, is_kept: bool
) -> None:
    steps = 0
    while True:
        # An account of its own: of one that it knows, pebble may take an earlier proof, and the
        # order would have other steps.
        authority = authority_at(proxy.directory, pebble.ca_pem, HTTP, http)
        request = wanted("todd.corp.example", "sales.corp.example")
        memories: list[Memory] = [{}]
        countdown = count(steps, -1)
        proxy.calls.clear()

        def remember(
            memory: Memory, memories: list[Memory] = memories, countdown: Iterator[int] = countdown
        ) -> None:
            is_last = next(countdown) == 0
            if not is_last or is_kept:
                memories.append(json.loads(json.dumps(memory)))
            if is_last:
                raise Killed

        try:
            authority.issue(request, Progress({}, remember), datetime.now(UTC))
        except Killed:
            issued = issue(authority, request, Progress(memories[-1], memories.append))
        else:
            break
        again = issue(authority, request, Progress(memories[-1], memories.append))
        assert again == issued
        # The address of an order is all there is of it: killed before that was kept, it is lost.
        lost = steps == 0 and not is_kept
        assert len(proxy.succeeded(NEW_ORDER)) == (2 if lost else 1)
        assert len(proxy.succeeded(FINALIZE)) == 1
        assert not http.answers
        steps += 1
    assert steps >= 4


def test_records_that_a_killed_process_left_are_removed_at_the_next_go(
    pebble: Pebble, dns_server: DnsServer
) -> None:
    responder = Forgetful(dns_responder_at(dns_server))
    kept = Kept()

    def killed_while_waiting(_: object) -> None:
        responder.is_dead = True
        raise Killed

    settings = rfc2136(dns_server)
    authority = authority_at(
        pebble.directory, pebble.ca_pem, DNS, responder, kept=kept, dns=settings
    )
    request = wanted("shop.corp.example")
    killed = type(authority)(**{**vars(authority), "settle": killed_while_waiting})
    # What is remembered while dying was not: only what came before the records were put up.
    with pytest.raises(Killed):
        killed.issue(request, kept.progress, datetime.now(UTC))
    left = [memory for memory in kept.memories if memory["proofs"]]
    assert dns_server.texts("_acme-challenge.shop.corp.example")
    responder.is_dead = False
    issued = issue(authority, request, Progress(left[-1], kept.memories.append))
    assert issued.leaf.names == ("shop.corp.example",)
    assert not dns_server.texts("_acme-challenge.shop.corp.example")
    assert not kept.memories[-1]["proofs"]


class Stuck(Forgetful):
    """A responder that can take nothing away for a while."""

    def withdraw(self, challenge: Challenge) -> None:
        if self.is_dead:
            raise IssuanceFailed("The DNS server does not answer.", "Try again.")
        super().withdraw(challenge)


@pytest.mark.parametrize("ending", ["issued", "begun anew", "declined"])
def test_records_that_could_not_be_removed_are_with_the_next_order(
    pebble: Pebble, proxy: FaultyProxy, dns_server: DnsServer, ending: str
) -> None:
    name = f"{ending.replace(' ', '-')}.corp.example"
    responder, kept = Stuck(dns_responder_at(dns_server)), Kept()
    responder.is_dead = True
    authority = authority_at(
        *(proxy.directory, pebble.ca_pem, DNS, responder), kept=kept, dns=rfc2136(dns_server)
    )
    if ending == "issued":
        issue(authority, wanted(name), kept.progress)
    else:
        status = 404 if ending == "begun anew" else 500
        proxy.faults.append(at("/chalZ/", refusal("malformed", status, "Expired")))
        with pytest.raises(IssuanceFailed):
            issue(authority, wanted(name), kept.progress)
        proxy.faults.clear()
    if ending == "declined":
        assert kept.left == ()
        authority.abandon(kept.memories[-1])
    assert dns_server.texts(f"_acme-challenge.{name}")
    assert len(kept.left) == 1
    responder.is_dead = False
    issue(authority, wanted("shop.corp.example"))
    assert not dns_server.texts(f"_acme-challenge.{name}")
    assert not kept.left


def test_an_order_that_is_made_for_long_is_asked_for_again_when_the_authority_says(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder
) -> None:
    def processing(call: Call, reply: Reply) -> Reply:
        if "/my-order/" in call.path and reply.document.get("status") == "valid":
            document = {**reply.document, "status": "processing"}
            document.pop("certificate", None)
            headers = {**reply.headers, "Retry-After": "600"}
            return Reply(reply.status, json.dumps(document).encode(), headers)
        return reply

    proxy.edits.append(processing)
    kept = Kept()
    authority = authority_at(proxy.directory, pebble.ca_pem, HTTP, http, kept=kept)
    request = wanted("todd.corp.example")
    now = datetime.now(UTC)
    outcome = authority.issue(request, kept.progress, now)
    assert isinstance(outcome, Pending)
    assert outcome.again_at is not None
    assert timedelta(minutes=10) <= outcome.again_at - now < timedelta(minutes=11)
    assert "making the certificate" in outcome.sentence
    assert not http.answers
    assert not kept.issued
    with pytest.raises(IssuanceFailed, match=r"under way since .* making the cert") as given_up:
        authority.issue(request, kept.progress, now + timedelta(days=8))
    assert given_up.value.starts_over
    still = authority.issue(request, kept.progress, now + timedelta(days=6))
    assert isinstance(still, Pending)
    proxy.edits.clear()
    issued = authority.issue(request, kept.progress, outcome.again_at)
    assert isinstance(issued, IssuedCertificate)
    assert kept.issued == [issued]
    assert len(proxy.succeeded(NEW_ORDER)) == 1


def test_proofs_stay_up_while_the_authority_has_still_to_look_at_them(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder
) -> None:
    def undecided(call: Call, reply: Reply) -> Reply:
        if "/authZ/" in call.path and reply.document.get("status") == "valid":
            document = {**reply.document, "status": "pending"}
            document["challenges"] = [
                {**one, "status": "processing"} for one in document["challenges"]
            ]
            headers = {**reply.headers, "Retry-After": "120"}
            return Reply(reply.status, json.dumps(document).encode(), headers)
        return reply

    proxy.edits.append(undecided)
    kept = Kept()
    authority = authority_at(proxy.directory, pebble.ca_pem, HTTP, http, kept=kept)
    request = wanted("todd.corp.example")
    outcome = authority.issue(request, kept.progress, datetime.now(UTC))
    assert isinstance(outcome, Pending)
    assert "still to look at the proof for todd.corp.example" in outcome.sentence
    assert len(http.answers) == 1
    proxy.edits.clear()
    issue(authority, request, kept.progress)
    assert not http.answers
    assert len(proxy.succeeded(NEW_ORDER)) == 1


@pytest.mark.parametrize(
    "reply",
    [
        refusal("orderNotReady", 403, "The order is not ready", Retry_After="1"),
        refusal("orderNotReady", 403, "Order's status was processing"),
    ],
)
def test_an_order_that_is_not_ready_for_its_request_is_waited_for(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder, reply: Reply
) -> None:
    proxy.faults.append(at(FINALIZE, reply, times=2))
    authority = authority_at(proxy.directory, pebble.ca_pem, HTTP, http)
    assert issue(authority, wanted("todd.corp.example")).leaf.names == ("todd.corp.example",)
    assert len(proxy.succeeded(FINALIZE)) == 1


def test_a_request_that_was_sent_before_the_kill_is_not_sent_again(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder
) -> None:
    """The answer to finalize is lost: the next go finds the order at work, or done."""

    def lost(call: Call, reply: Reply) -> Reply:
        return Reply(200, b"", {}) if FINALIZE in call.path and reply.status == 200 else reply

    proxy.edits.append(lost)
    kept = Kept()
    authority = authority_at(proxy.directory, pebble.ca_pem, HTTP, http, kept=kept)
    request = wanted("todd.corp.example")
    with pytest.raises(IssuanceFailed, match="is no ACME"):
        issue(authority, request, kept.progress)
    proxy.edits.clear()
    issue(authority, request, kept.progress)
    assert len(proxy.succeeded(FINALIZE)) == 1
    assert len(proxy.succeeded(NEW_ORDER)) == 1


def test_an_order_that_the_authority_has_forgotten_is_begun_anew(
    pebble: Pebble, http: HttpResponder
) -> None:
    authority = authority_at(pebble.directory, pebble.ca_pem, HTTP, http)
    request = wanted("todd.corp.example")
    issue(authority, request)
    gone = {"order": pebble.directory.replace("/dir", "/my-order/4711"), "proofs": []}
    with pytest.raises(IssuanceFailed, match="no longer knows the order") as failed:
        issue(authority, request, Progress(gone))
    assert failed.value.starts_over


def test_an_order_of_a_directory_that_was_given_up_is_left_where_it_is(
    pebble: Pebble, http: HttpResponder
) -> None:
    authority = authority_at(pebble.directory, pebble.ca_pem, HTTP, http)
    dead = "https://127.0.0.1:1"
    memory = {"order": f"{dead}/order/4711", "directory": f"{dead}/dir", "proofs": []}
    issue(authority, wanted("todd.corp.example"), Progress(memory))


@pytest.mark.parametrize("part", ["/authZ/", "/chalZ/"])
def test_an_order_whose_authorization_ran_out_is_begun_anew(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder, part: str
) -> None:
    proxy.faults.append(at(part, refusal("malformed", 404, "Expired authorization")))
    authority = authority_at(proxy.directory, pebble.ca_pem, HTTP, http)
    with pytest.raises(IssuanceFailed, match="Expired authorization") as failed:
        issue(authority, wanted("todd.corp.example"))
    assert failed.value.starts_over
    assert not http.answers


def test_an_order_that_was_given_up_is_begun_anew_though_nobody_knows_why(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder
) -> None:
    def given_up(call: Call, reply: Reply) -> Reply:
        if "/order-plz" not in call.path or reply.status != 201:
            return reply
        document = {**reply.document, "status": "invalid"}
        return Reply(201, json.dumps(document).encode(), reply.headers)

    proxy.edits.append(given_up)
    proxy.faults.append(at("/authZ/", refusal("malformed", 404, "Expired authorization")))
    authority = authority_at(proxy.directory, pebble.ca_pem, HTTP, http)
    with pytest.raises(IssuanceFailed, match="gave the order up without a reason") as failed:
        issue(authority, wanted("todd.corp.example"))
    assert failed.value.starts_over


def test_a_gateway_that_answers_in_its_place_does_not_make_an_order_forgotten(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder
) -> None:
    kept = Kept()
    authority = authority_at(proxy.directory, pebble.ca_pem, HTTP, http, kept=kept)
    request = wanted("todd.corp.example")
    issue(authority, request, kept.progress)
    busy = Reply(429, b'{"message": "Too Many Requests"}', {"Content-Type": "application/json"})
    proxy.faults.append(at("/my-order/", busy))
    with pytest.raises(IssuanceFailed, match="too many requests") as failed:
        issue(authority, request, kept.progress)
    assert not failed.value.starts_over


def test_an_order_for_other_names_is_begun_anew(pebble: Pebble, http: HttpResponder) -> None:
    kept = Kept()
    authority = authority_at(pebble.directory, pebble.ca_pem, HTTP, http, kept=kept)
    issue(authority, wanted("todd.corp.example"), kept.progress)
    with pytest.raises(IssuanceFailed, match="for other names") as failed:
        issue(authority, wanted("sales.corp.example"), kept.progress)
    assert failed.value.starts_over


def test_a_certificate_for_another_key_is_not_handed_out(
    pebble: Pebble, http: HttpResponder
) -> None:
    kept = Kept()
    authority = authority_at(pebble.directory, pebble.ca_pem, HTTP, http, kept=kept)
    issue(authority, wanted("todd.corp.example"), kept.progress)
    with pytest.raises(IssuanceFailed, match="another private key") as failed:
        issue(authority, wanted("todd.corp.example"), kept.progress)
    assert failed.value.starts_over
    assert len(kept.issued) == 1
