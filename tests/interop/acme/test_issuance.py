"""Certificates from pebble, which is strict and rejects every second nonce."""

from datetime import UTC, datetime

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
from tests.interop.acme.pebble import BLOCKED, Pebble
from tests.interop.acme.responders import HttpResponder, TlsResponder

from certwright.authorities.acme.authority import describe_directory
from certwright.authorities.acme.challenges import ChallengeKind
from certwright.authorities.acme.settings import AcmeSecrets
from certwright.authorities.authority import IssuanceFailed
from certwright.x509.chains import verify_chain
from certwright.x509.keys import KeyType, generate_private_key, key_fingerprint
from certwright.x509.names import parse_server_name

HTTP, TLS, DNS = ChallengeKind.HTTP_01, ChallengeKind.TLS_ALPN_01, ChallengeKind.DNS_01


@pytest.mark.parametrize("key_type", [KeyType.EC_P256, KeyType.EC_P384, KeyType.RSA_2048])
def test_http_01_gets_a_certificate_for_several_names_and_an_address(
    pebble: Pebble, http: HttpResponder, key_type: KeyType
) -> None:
    key = generate_private_key(key_type)
    request = wanted("todd.corp.example", "sales.corp.example", "127.0.0.1", key=key)
    account_key = generate_private_key(key_type)
    issued = issue(
        authority_at(pebble.directory, pebble.ca_pem, HTTP, http, key=account_key), request
    )
    assert issued.leaf.key_fingerprint == key_fingerprint(key.public_key())
    assert set(issued.leaf.names) == {"todd.corp.example", "sales.corp.example", "127.0.0.1"}
    assert len(issued.intermediates) == 2
    assert issued.root is None
    name = parse_server_name("todd.corp.example")
    verdict = verify_chain(
        issued.leaf, issued.intermediates, [pebble.root()], name, datetime.now(UTC)
    )
    assert verdict.ok, verdict.reason
    assert len(http.put_up) == 3
    assert not http.answers


def test_tls_alpn_01_gets_a_certificate_for_a_name_and_an_address(
    pebble: Pebble, tls: TlsResponder
) -> None:
    request = wanted("todd.corp.example", "127.0.0.1")
    issued = issue(authority_at(pebble.directory, pebble.ca_pem, TLS, tls), request)
    assert set(issued.leaf.names) == {"todd.corp.example", "127.0.0.1"}
    assert not tls.answers


def test_dns_01_proves_a_name_and_its_wildcard_at_the_same_time(
    pebble: Pebble, dns_server: DnsServer
) -> None:
    authority = authority_at(
        pebble.directory, pebble.ca_pem, DNS, dns_responder_at(dns_server), dns=rfc2136(dns_server)
    )
    issued = issue(authority, wanted("corp.example", "*.corp.example"))
    assert set(issued.leaf.names) == {"corp.example", "*.corp.example"}
    assert not dns_server.texts("_acme-challenge.corp.example")


def test_the_chain_leads_to_the_root_that_is_preferred(pebble: Pebble, http: HttpResponder) -> None:
    request = wanted("todd.corp.example")
    for number in (0, 1, 2):
        root = pebble.root(number)
        authority = authority_at(
            pebble.directory, pebble.ca_pem, HTTP, http, preferred_chain=root.common_name
        )
        issued = issue(authority, request)
        assert issued.intermediates[-1].issuer_name == root.common_name
        verdict = verify_chain(
            issued.leaf, issued.intermediates, [root], request.names[0], datetime.now(UTC)
        )
        assert verdict.ok, verdict.reason


def test_a_preferred_root_that_no_chain_leads_to_leaves_the_default_chain(
    pebble: Pebble, http: HttpResponder
) -> None:
    authority = authority_at(
        pebble.directory, pebble.ca_pem, HTTP, http, preferred_chain="Some Other Root"
    )
    issued = issue(authority, wanted("todd.corp.example"))
    assert issued.intermediates[-1].issuer_name == pebble.root().common_name


def test_other_chains_that_cannot_be_read_leave_the_default_chain(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder
) -> None:
    def spoilt(call: Call, reply: Reply) -> Reply:
        if "/certZ/" not in call.path or "Link" not in reply.headers:
            return reply
        links = f'</relative>;rel="alternate", {reply.headers["Link"]}'
        return Reply(reply.status, reply.body, {**reply.headers, "Link": links})

    proxy.edits.append(spoilt)
    proxy.faults.append(at("/alternate/", Reply(200, b"not a certificate", {})))
    authority = authority_at(
        proxy.directory, pebble.ca_pem, HTTP, http, preferred_chain=pebble.root(1).common_name
    )
    issued = issue(authority, wanted("todd.corp.example"))
    assert issued.intermediates[-1].issuer_name == pebble.root().common_name
    looked_at = [call for call in proxy.calls if "/alternate/" in call.path]
    assert len(looked_at) > 1


def test_one_account_is_made_for_a_key_and_found_again_when_it_was_not_kept(
    pebble: Pebble, http: HttpResponder
) -> None:
    key = generate_private_key(KeyType.EC_P256)
    kept = Kept()
    authority = authority_at(pebble.directory, pebble.ca_pem, HTTP, http, key=key, kept=kept)
    issue(authority, wanted("todd.corp.example"))
    first = dict(kept.urls)
    assert list(first) == [key_fingerprint(key.public_key())]
    kept.urls.clear()
    issue(authority, wanted("todd.corp.example"))
    assert kept.urls == first


def test_an_account_that_the_authority_does_not_know_any_more_is_made_anew(
    pebble: Pebble, http: HttpResponder
) -> None:
    key = generate_private_key(KeyType.EC_P256)
    gone = pebble.directory.replace("/dir", "/my-account/4711")
    kept = Kept({key_fingerprint(key.public_key()): gone})
    authority = authority_at(pebble.directory, pebble.ca_pem, HTTP, http, key=key, kept=kept)
    kept.memories.append({"order": gone, "directory": pebble.directory})  # its orders went with it
    issue(authority, wanted("todd.corp.example"), kept.progress)
    assert kept.urls[key_fingerprint(key.public_key())] not in {"", gone}


def test_a_changed_contact_reaches_the_account_with_the_next_order(
    pebble: Pebble, proxy: FaultyProxy, http: HttpResponder
) -> None:
    key, kept = generate_private_key(KeyType.EC_P256), Kept()
    proxy.faults.append(at("/my-account/", refusal("invalidContact", 400), times=1))
    for contact in ("ada@corp.test", "todd@corp.test", "todd@corp.test", "todd@corp.test"):
        authority = authority_at(
            *(proxy.directory, pebble.ca_pem, HTTP, http),
            key=key,
            kept=kept,
            contact=(contact,),
        )
        issue(authority, wanted("todd.corp.example"))  # also while the contact is refused
    (_, refused), (update, taken) = proxy.answered("/my-account/")
    assert (refused, taken) == (400, 200)
    assert update.payload == {"contact": ["mailto:todd@corp.test"]}


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        (HTTP, "its port 80 lead to port 8080 of this node"),
        (TLS, "its port 443 lead to port 8443 of this node"),
        (DNS, "TXT record below _acme-challenge"),
    ],
)
def test_a_proof_that_fails_is_told_with_name_challenge_and_what_was_seen(
    pebble: Pebble,
    dns_server: DnsServer,
    http: HttpResponder,
    tls: TlsResponder,
    kind: ChallengeKind,
    where: str,
) -> None:
    class Nothing:
        def prepare(self) -> None:
            """Be ready."""

        def respond(self, challenge: object) -> None:
            """Put nothing up."""

        def withdraw(self, challenge: object) -> None:
            """Take nothing away."""

    kept = Kept()
    authority = authority_at(
        *(pebble.directory, pebble.ca_pem, kind, Nothing()),
        dns=rfc2136(dns_server),
        http_port=8080,
        tls_port=8443,
    )
    with pytest.raises(IssuanceFailed) as failed:
        issue(authority, wanted("shop.corp.example"), kept.progress)
    told = f"could not confirm shop.corp.example by {kind.value}: it did not find the proof. "
    assert told in failed.value.message
    assert where in failed.value.remedy
    assert 'It says: "' in failed.value.message
    assert failed.value.starts_over
    # The order is over, so the next attempt with the same memory says the same again.
    with pytest.raises(IssuanceFailed, match="could not confirm") as again:
        issue(authority, wanted("shop.corp.example"), kept.progress)
    assert again.value.starts_over


def test_a_wrong_answer_is_told_as_the_authority_saw_it(
    pebble: Pebble, http: HttpResponder
) -> None:
    http.wrong = "a page of another server"
    authority = authority_at(pebble.directory, pebble.ca_pem, HTTP, http)
    with pytest.raises(IssuanceFailed, match="a page of another server"):
        issue(authority, wanted("todd.corp.example"))
    assert not http.answers


def test_a_name_that_the_authority_does_not_issue_for_is_told(
    pebble: Pebble, http: HttpResponder
) -> None:
    authority = authority_at(pebble.directory, pebble.ca_pem, HTTP, http)
    with pytest.raises(IssuanceFailed, match="issues no certificates for the name"):
        issue(authority, wanted(f"shop.{BLOCKED}"))


@pytest.mark.parametrize(
    ("kind", "name", "only"),
    [(HTTP, "*.corp.example", "dns-01 only"), (DNS, "127.0.0.1", "dns-01 cannot prove")],
)
def test_a_name_that_the_challenge_cannot_prove_is_refused_before_anything_is_ordered(
    pebble: Pebble,
    dns_server: DnsServer,
    http: HttpResponder,
    kind: ChallengeKind,
    name: str,
    only: str,
) -> None:
    kept = Kept()
    authority = authority_at(
        pebble.directory, pebble.ca_pem, kind, http, kept=kept, dns=rfc2136(dns_server)
    )
    with pytest.raises(IssuanceFailed, match=only):
        issue(authority, wanted(name), kept.progress)
    assert not kept.urls
    assert not kept.memories


def test_a_directory_is_described_for_whoever_is_about_to_use_it(pebble: Pebble) -> None:
    described = describe_directory(pebble.directory, pebble.ca_pem)
    assert described.terms_of_service.startswith("data:")
    assert not described.external_account_required
    assert described.renewal_info is None
    assert not described.profiles


def test_a_directory_with_an_untrusted_certificate_is_told_with_what_to_give(
    pebble: Pebble,
) -> None:
    with pytest.raises(IssuanceFailed, match="is not trusted") as failed:
        describe_directory(pebble.directory)
    assert "PEM of its root" in failed.value.remedy
    assert "--ca-file" in failed.value.remedy


def test_secrets_are_in_no_representation() -> None:
    secrets = AcmeSecrets(eab_hmac_key="c2VjcmV0", tsig_secret="c2VjcmV0", acme_dns_password="pass")
    assert "c2VjcmV0" not in repr(secrets)
    assert "pass" not in repr(secrets).removeprefix("AcmeSecrets")
