"""Each fault of an authority, by ACME: told in words that help, and the former served on.

Each test is named after a row of docs/failure-modes.md.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.interop.acme.faulty_proxy import Call, Edit, Reply, at, refusal
from tests.interop.acme.renewal.conftest import ADMIN, SURROUNDINGS, Way
from tests.unit.foreign_authority import ForeignAuthority

from certwright.lifecycle.authorities import pause_of
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.deciding import decline, go_on_now
from certwright.lifecycle.renewal.record import RenewalState
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PublicKey
from certwright.x509.signing_requests import read_signing_request

NAME = "todd.corp.example"
COMPANY = ForeignAuthority(datetime.now(UTC), "Company")
NAMESAKE = ForeignAuthority(datetime.now(UTC), "Company")
Signed = Callable[[PublicKey], list[Certificate]]


def test_the_authority_is_down(way: Way) -> None:
    assert way.fail(authority="absent").sentence == (
        "No certificate from absent. 127.0.0.1 cannot be reached: Nothing listens on "
        "127.0.0.1:1. See that this machine can reach it: address, DNS, firewall. If it can, the "
        "authority has a fault, and it is enough to wait."
    )


def test_the_authority_refuses(way: Way) -> None:
    detail = "The policy forbids issuing for the name"
    way.proxy.faults.append(at("/order-plz", refusal("rejectedIdentifier", 403, detail)))
    assert way.fail().sentence == (
        "No certificate from public. The authority refused: it issues no certificates for the "
        f'name. It says: "{detail}". Use a public name of your own, or an authority of your own '
        "for internal names."
    )


def test_the_authority_is_slow(way: Way) -> None:
    way.proxy.faults.append(at("/order-plz", Reply(200, b"{}", pause=6)))
    failed = way.fail(authority="impatient")
    assert f"{way.proxy.port} did not answer within 2 seconds" in failed.sentence
    assert "it is enough to wait" in failed.sentence


def test_the_authority_answers_garbage(way: Way) -> None:
    page = Reply(200, b"<html>Welcome to nginx!</html>", {"Replay-Nonce": "bm9uY2U"})
    way.proxy.faults.append(at("/order-plz", page))
    assert way.fail().sentence == (
        'No certificate from public. What 127.0.0.1 answers is no ACME: its part "Location" is '
        "missing or wrong. A page of maintenance, or a proxy between, may answer in its place. If "
        f"it stays so, see that {way.proxy.directory} is the directory's address."
    )


def answering(sign: Signed) -> Edit:
    """In the place of each certificate: what `sign` makes of the key that it was ordered for."""
    keys: list[PublicKey] = []

    def edit(call: Call, reply: Reply) -> Reply:
        if "csr" in call.payload:
            encoded = call.payload["csr"]
            request = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
            keys.append(read_signing_request(request).public_key)
        if "/certZ/" not in call.path or reply.status != 200:
            return reply
        pem = "".join(one.pem for one in sign(keys[-1]))
        return Reply(200, pem.encode(), reply.headers)

    return edit


WRONG: dict[str, tuple[Signed, str]] = {
    "the wrong name": (
        lambda key: [COMPANY.sign(key, ["other.example"]), COMPANY.intermediate],
        f"The certificate is for other.example, and not for {NAME}.",
    ),
    "a chain that does not verify": (
        lambda key: [COMPANY.sign(key, [NAME]), NAMESAKE.intermediate],
        "None of the certificates that came with that of todd.corp.example issued it",
    ),
    "a certificate for another key": (
        lambda _: [COMPANY.issue([NAME]).leaf, COMPANY.intermediate],
        f"The certificate of {NAME} is for another private key than was asked for.",
    ),
    "nothing but its own certificate": (
        lambda _: [COMPANY.intermediate, COMPANY.root],
        "There are certificates of authorities only",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_authority_issues_something_else(way: Way, wrong: str) -> None:
    sign, told = WRONG[wrong]
    way.proxy.edits.append(answering(sign))
    failed = way.fail()
    assert "The authority sent something else than was ordered. " in failed.sentence
    assert told in failed.sentence
    assert "It is ordered anew at the next attempt" in failed.sentence
    assert failed.memory == {}


def test_the_name_is_not_in_the_dns(way: Way) -> None:
    sentence = way.fail(name="nobody.corp.example").sentence
    assert "The authority could not confirm nobody.corp.example by http-01: " in sentence
    assert 'It says: "' in sentence
    assert "See that the name" in sentence


def test_the_proof_is_not_taken_by_the_dns(way: Way) -> None:
    sentence = way.fail(authority="by-dns").sentence
    assert "the signature is wrong" in sentence
    assert "secret" in sentence


def test_the_name_leads_to_another_server(way: Way) -> None:
    way.http.wrong = "Welcome to nginx!"
    try:
        sentence = way.fail().sentence
    finally:
        way.http.wrong = None
    assert f"The authority could not confirm {NAME} by http-01: it " in sentence
    assert (
        f"lead to port {way.proxy.pebble.http_port} of this node from where the authority is"
        in sentence
    )


def test_a_caa_record_forbids_the_authority(way: Way) -> None:
    """As Let's Encrypt says it at the end of an order, whose words are there once only."""
    detail = f"Rechecking CAA for {NAME}: CAA record for corp.example prevents issuance"
    way.proxy.edits.append(_known_in_caa_records)
    way.proxy.faults.append(at("/finalize-order/", refusal("caa", 403, detail)))

    def given_up(call: Call, reply: Reply) -> Reply:
        was_refused = any("/finalize-order/" in one.path for one in way.proxy.calls)
        if "/my-order/" not in call.path or reply.status != 200 or not was_refused:
            return reply
        document = {**reply.document, "status": "invalid"}
        return Reply(200, json.dumps(document).encode(), reply.headers)

    way.proxy.edits.append(given_up)
    failed = way.fail()
    assert failed.sentence == (
        "No certificate from public. The authority gave the order up: the name's CAA records in "
        f'the DNS do not allow this authority. It says: "{detail}". Add a CAA record 0 issue '
        '"ca.example" to the name, or to the domain above it where the record stands that forbids '
        "it; or choose an authority that is named there."
    )
    assert failed.memory == {}


def _known_in_caa_records(call: Call, reply: Reply) -> Reply:
    if call.path != "/dir":
        return reply
    meta = {**reply.document["meta"], "caaIdentities": ["ca.example"]}
    return Reply(200, json.dumps({**reply.document, "meta": meta}).encode(), reply.headers)


def test_the_authority_wants_changed_terms_agreed_to(way: Way) -> None:
    document = {
        "type": "urn:ietf:params:acme:error:userActionRequired",
        "detail": "Terms of service have changed",
        "instance": "https://ca.example/agreement?token=4711",
    }
    way.proxy.faults.append(at("/order-plz", Reply(403, json.dumps(document).encode())))
    sentence = way.fail().sentence
    assert "Its page for that: https://ca.example/agreement?token=4711." in sentence
    assert "Open the page that it names and agree there; the next attempt goes on." in sentence


def test_an_authorization_has_expired(way: Way) -> None:
    def expired(call: Call, reply: Reply) -> Reply:
        if "/authZ/" not in call.path or reply.status != 200:
            return reply
        document = {**reply.document, "status": "expired"}
        return Reply(200, json.dumps(document).encode(), reply.headers)

    way.proxy.edits.append(expired)
    failed = way.fail()
    assert f"no longer counts the proof of {NAME} (expired)" in failed.sentence
    assert "It is ordered anew at the next attempt." in failed.sentence
    assert failed.memory == {}


def test_the_authority_rejects_every_nonce(way: Way) -> None:
    storm = refusal("badNonce", 400, "JWS has an invalid anti-replay nonce")
    way.proxy.faults.append(at("/order-plz", storm))
    assert "it accepted none of its own nonces" in way.fail().sentence
    assert len([call for call in way.proxy.calls if call.path == "/order-plz"]) < 60


def test_a_rate_limit_is_obeyed_by_a_node_that_was_started_again(way: Way) -> None:
    detail = "too many certificates already issued for corp.example"
    limit = at("/order-plz", refusal("rateLimited", 429, detail, Retry_After="7200"))
    way.proxy.faults.append(limit)
    failed = way.fail()
    assert detail in failed.sentence
    assert failed.again_at is not None
    assert timedelta(hours=1.9) < failed.again_at - way.clock() < timedelta(hours=2.1)
    way.proxy.calls.clear()
    way.clock.move(timedelta(hours=1.8))
    assert advance(way.again, failed.id, SURROUNDINGS) == failed
    assert way.proxy.calls == []
    way.proxy.faults.remove(limit)
    way.clock.move(timedelta(hours=0.4))
    done = advance(way.again, failed.id, SURROUNDINGS)
    assert done.state is RenewalState.DONE, done.sentence
    assert way.served() == done.issued


def test_a_limit_of_the_account_holds_its_other_renewals_at_every_node(way: Way) -> None:
    detail = "too many new orders (300) from this account in the last 3h0m0s"
    limit = at("/order-plz", refusal("rateLimited", 429, detail, Retry_After="7200"))
    way.proxy.faults.append(limit)
    refused = way.fail()
    assert refused.again_at is not None
    decline(way.server, refused.id, caller=ADMIN)
    way.proxy.calls.clear()
    other = way.begin()
    for _ in ("by itself", "because somebody wants it now"):
        waiting = advance(way.again, other, SURROUNDINGS)
        assert waiting.state is RenewalState.WAITING
        assert waiting.sentence.startswith("public asked us to wait, and is asked nothing before ")
        assert detail in waiting.sentence
        assert waiting.again_at is not None
        assert abs(waiting.again_at - refused.again_at) < timedelta(seconds=1)
        assert waiting.attempts == 0
        go_on_now(way.again, other, caller=ADMIN)
    assert way.proxy.calls == []
    paused = {one.name: pause_of(way.again, one) for one in way.again.authorities.list()}
    pause = paused.pop("public")
    assert pause is not None
    assert pause.until == waiting.again_at
    assert set(paused.values()) == {None}
    way.proxy.faults.remove(limit)
    way.clock.move(timedelta(hours=2.1))
    done = advance(way.again, other, SURROUNDINGS)
    assert done.state is RenewalState.DONE, done.sentence
    (public,) = (one for one in way.again.authorities.list() if one.name == "public")
    assert pause_of(way.again, public) is None
