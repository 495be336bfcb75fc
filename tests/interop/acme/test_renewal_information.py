"""Renewal information and profiles, which Debian's pebble 2.4 lacks: served before it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.interop.acme.accounts import authority_at, issue, wanted
from tests.interop.acme.faulty_proxy import Call, FaultyProxy, Reply, refusal
from tests.interop.acme.pebble import Pebble
from tests.interop.acme.responders import HttpResponder

from certwright.authorities.acme.authority import AcmeAuthority, describe_directory
from certwright.authorities.acme.challenges import ChallengeKind
from certwright.authorities.acme.renewal import certificate_identifier
from certwright.authorities.authority import IssuanceFailed
from certwright.x509.certificate import Certificate

HTTP = ChallengeKind.HTTP_01
START, END = "2027-01-10T00:00:00Z", "2027-01-12T00:00:00Z"
WINDOW = {
    "suggestedWindow": {"start": START, "end": END},
    "explanationURL": "https://ca.example/why",
}


@pytest.fixture
def modern(proxy: FaultyProxy) -> FaultyProxy:
    """A directory with renewal information and two profiles."""

    def edit(call: Call, reply: Reply) -> Reply:
        if call.path != "/dir":
            return reply
        document = reply.document
        document["renewalInfo"] = f"https://127.0.0.1:{proxy.port}/renewal-info"
        document["meta"]["profiles"] = {"classic": "Ninety days", "shortlived": "Six days"}
        return Reply(200, json.dumps(document).encode(), reply.headers)

    proxy.edits.append(edit)
    return proxy


def serve(proxy: FaultyProxy, reply: Reply) -> None:
    proxy.faults.append(lambda call: reply if call.path.startswith("/renewal-info/") else None)


@pytest.fixture
def authority(pebble: Pebble, modern: FaultyProxy, http: HttpResponder) -> AcmeAuthority:
    return authority_at(modern.directory, pebble.ca_pem, HTTP, http)


@pytest.fixture
def certificate(authority: AcmeAuthority) -> Certificate:
    return issue(authority, wanted("todd.corp.example")).leaf


def orders(proxy: FaultyProxy) -> list[dict[str, Any]]:
    return [call.payload for call in proxy.succeeded("/order-plz")]


def test_the_window_is_asked_for_by_the_certificates_identifier(
    authority: AcmeAuthority, modern: FaultyProxy, certificate: Certificate
) -> None:
    serve(modern, Reply(200, json.dumps(WINDOW).encode(), {"Retry-After": "7200"}))
    now = datetime.now(UTC)
    window = authority.renewal_window(certificate, now)
    assert window is not None
    assert window.start == datetime(2027, 1, 10, tzinfo=UTC)
    assert window.end == datetime(2027, 1, 12, tzinfo=UTC)
    assert window.look_again_at == now + timedelta(hours=2)
    assert window.explanation == "https://ca.example/why"
    asked = [call.path for call in modern.calls if call.path.startswith("/renewal-info/")]
    assert asked == [f"/renewal-info/{certificate_identifier(certificate)}"]


def test_nothing_is_suggested_where_there_is_nothing_to_ask(
    authority: AcmeAuthority,
    pebble: Pebble,
    modern: FaultyProxy,
    http: HttpResponder,
    certificate: Certificate,
) -> None:
    plain = authority_at(pebble.directory, pebble.ca_pem, HTTP, http)
    assert plain.renewal_window(certificate, datetime.now(UTC)) is None
    serve(modern, refusal("malformed", 404, "Certificate not found"))
    assert authority.renewal_window(certificate, datetime.now(UTC)) is None
    # RFC 9773 4.3: not after it has expired.
    before = len(modern.calls)
    assert authority.renewal_window(certificate, certificate.not_after) is None
    assert len(modern.calls) == before


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html>"),
        Reply(200, json.dumps({"suggestedWindow": {"start": END, "end": START}}).encode()),
        Reply(200, b"[" * 100_000),
        refusal("serverInternal", 500),
    ],
)
def test_an_answer_that_is_none_is_a_failure_in_words(
    authority: AcmeAuthority, modern: FaultyProxy, certificate: Certificate, reply: Reply
) -> None:
    serve(modern, reply)
    with pytest.raises(IssuanceFailed) as failed:
        authority.renewal_window(certificate, datetime.now(UTC))
    assert failed.value.message.endswith(".")


def test_a_new_order_names_the_certificate_that_it_replaces(
    authority: AcmeAuthority, modern: FaultyProxy, certificate: Certificate
) -> None:
    modern.calls.clear()
    issue(authority, wanted("todd.corp.example", replaces=certificate))
    (order,) = orders(modern)
    assert order["replaces"] == certificate_identifier(certificate)


def test_without_renewal_information_nothing_is_named(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder
) -> None:
    authority = authority_at(proxy.directory, pebble.ca_pem, HTTP, http)
    former = issue(authority, wanted("todd.corp.example")).leaf
    issue(authority, wanted("todd.corp.example", replaces=former))
    assert all("replaces" not in order for order in orders(proxy))


@pytest.mark.parametrize(
    "reply",
    [
        refusal("alreadyReplaced", 409, "certificate already replaced"),
        refusal("conflict", 409),
        refusal("unauthorized", 403, "requester account did not request the certificate"),
        refusal("malformed", 404, "no such certificate"),
        Reply(409, b"<html>"),
    ],
)
def test_an_order_whose_replacement_is_refused_is_made_without(
    authority: AcmeAuthority, modern: FaultyProxy, certificate: Certificate, reply: Reply
) -> None:
    modern.calls.clear()
    modern.faults.append(lambda call: reply if "replaces" in call.payload else None)
    issue(authority, wanted("todd.corp.example", replaces=certificate))
    (order,) = orders(modern)
    assert "replaces" not in order


def test_an_order_that_is_refused_for_something_else_is_not_tried_again(
    authority: AcmeAuthority, modern: FaultyProxy, certificate: Certificate
) -> None:
    modern.calls.clear()
    reply = refusal("rateLimited", 429, Retry_After="3600")
    modern.faults.append(lambda call: reply if "replaces" in call.payload else None)
    with pytest.raises(IssuanceFailed, match="too many requests"):
        issue(authority, wanted("todd.corp.example", replaces=certificate))
    assert not orders(modern)


def test_a_profile_is_ordered_by_its_name(
    pebble: Pebble, modern: FaultyProxy, http: HttpResponder
) -> None:
    described = describe_directory(modern.directory, pebble.ca_pem)
    assert described.profiles == {"classic": "Ninety days", "shortlived": "Six days"}
    authority = authority_at(modern.directory, pebble.ca_pem, HTTP, http, profile="shortlived")
    assert "classic, shortlived" in authority.look(datetime.now(UTC))
    issue(authority, wanted("todd.corp.example"))
    (order,) = orders(modern)
    assert order["profile"] == "shortlived"


@pytest.mark.parametrize("is_modern", [True, False])
def test_a_profile_that_is_not_offered_is_told_before_anything_is_ordered(
    pebble: Pebble,
    proxy: FaultyProxy,
    http: HttpResponder,
    is_modern: bool,
    request: pytest.FixtureRequest,
) -> None:
    if is_modern:
        request.getfixturevalue("modern")
    authority = authority_at(proxy.directory, pebble.ca_pem, HTTP, http, profile="moon")
    with pytest.raises(IssuanceFailed, match='not offer the profile "moon"') as failed:
        issue(authority, wanted("todd.corp.example"))
    assert ("classic" in failed.value.remedy) == is_modern
    with pytest.raises(IssuanceFailed, match="moon"):
        authority.look(datetime.now(UTC))
    assert not orders(proxy)
