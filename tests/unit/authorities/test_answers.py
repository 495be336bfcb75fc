"""What is accepted as the answer to a request, and what is refused in which words."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from certwright.authorities.answers import AnswerRefused, accept_answer
from certwright.authorities.authority import CertificateRequest, request_for
from certwright.x509.building import build_leaf
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, PrivateKey, generate_private_key
from certwright.x509.names import parse_server_name
from certwright.x509.profile import Profile

from ..composed_server import Clock
from ..foreign_authority import ADDRESSES, ForeignAuthority, self_signed

NAMES = ("todd.corp.example", "todd")


@pytest.fixture
def key() -> PrivateKey:
    return generate_private_key(KeyType.EC_P256)


@pytest.fixture
def request_(key: PrivateKey) -> CertificateRequest:
    return request_for(key, tuple(map(parse_server_name, NAMES)), timedelta(days=90), "ada")


def refusal(
    certificates: Sequence[Certificate], request: CertificateRequest, clock: Clock
) -> AnswerRefused:
    with pytest.raises(AnswerRefused) as refused:
        accept_answer(certificates, request, clock())
    assert refused.value.message.isprintable()
    assert refused.value.remedy
    return refused.value


def test_chain_is_put_in_order_and_what_does_not_belong_is_left_out(
    request_: CertificateRequest, company: ForeignAuthority, clock: Clock
) -> None:
    leaf = company.sign(request_.public_key, NAMES)
    stranger = ForeignAuthority(clock(), "Stranger")
    brought = [company.root, stranger.root, company.intermediate, leaf]
    issued = accept_answer(brought, request_, clock())
    assert issued.leaf == leaf
    assert issued.intermediates == (company.intermediate,)
    assert issued.root == company.root


def test_without_its_root_or_without_any_chain_it_is_accepted(
    request_: CertificateRequest, company: ForeignAuthority, clock: Clock
) -> None:
    leaf = company.sign(request_.public_key, NAMES)
    issued = accept_answer([leaf, company.intermediate], request_, clock())
    assert (issued.intermediates, issued.root) == ((company.intermediate,), None)
    issued = accept_answer([leaf], request_, clock())
    assert (issued.intermediates, issued.root) == ((), None)


def test_one_signed_with_its_own_key_is_its_own_root(
    request_: CertificateRequest, key: PrivateKey, clock: Clock
) -> None:
    leaf = self_signed(NAMES, clock(), key=key).leaf
    issued = accept_answer([leaf], request_, clock())
    assert (issued.intermediates, issued.root) == ((), leaf)


def test_of_two_with_the_key_the_one_that_lasts_longer_is_meant(
    request_: CertificateRequest, company: ForeignAuthority, clock: Clock
) -> None:
    old = company.sign(request_.public_key, NAMES, not_after=clock() + timedelta(days=3))
    new = company.sign(request_.public_key, NAMES)
    assert accept_answer([old, new], request_, clock()).leaf == new


def test_more_names_than_asked_for_are_no_fault(
    request_: CertificateRequest, company: ForeignAuthority, clock: Clock
) -> None:
    leaf = company.sign(request_.public_key, ["www.corp.example", *NAMES])
    assert accept_answer([leaf], request_, clock()).leaf == leaf


def test_one_for_another_key_is_refused_whatever_its_name(
    request_: CertificateRequest, company: ForeignAuthority, clock: Clock
) -> None:
    refused = refusal([company.issue(NAMES).leaf, company.intermediate], request_, clock)
    assert refused.message == (
        "The certificate of todd.corp.example is for another private key than was asked for."
    )


def test_one_for_another_name_is_refused_with_the_name_that_lacks(
    request_: CertificateRequest, company: ForeignAuthority, clock: Clock
) -> None:
    leaf = company.sign(request_.public_key, NAMES[:1])
    refused = refusal([leaf], request_, clock)
    assert refused.message == "The certificate is for todd.corp.example, and not for todd."


def test_one_that_has_expired_is_refused_with_the_day(
    request_: CertificateRequest, company: ForeignAuthority, clock: Clock
) -> None:
    leaf = company.sign(request_.public_key, NAMES, not_after=clock())
    assert "ran out on 24 November 2026" in refusal([leaf], request_, clock).message


def test_an_intermediate_alone_is_refused_by_its_name(
    request_: CertificateRequest, company: ForeignAuthority, clock: Clock
) -> None:
    refused = refusal([company.intermediate], request_, clock)
    assert "authorities only (Company Issuing)" in refused.message


def test_a_chain_of_another_authority_is_refused_with_the_issuer(
    request_: CertificateRequest, company: ForeignAuthority, clock: Clock
) -> None:
    stranger = ForeignAuthority(clock(), "Stranger")
    leaf = company.sign(request_.public_key, NAMES)
    refused = refusal([leaf, stranger.intermediate, stranger.root], request_, clock)
    assert "issued it: that was Company Issuing" in refused.message


def test_a_chain_with_a_namesake_that_did_not_sign_is_refused(
    request_: CertificateRequest, company: ForeignAuthority, clock: Clock
) -> None:
    namesake = ForeignAuthority(clock(), "Company")
    leaf = company.sign(request_.public_key, NAMES)
    refused = refusal([leaf, namesake.intermediate, namesake.root], request_, clock)
    assert "issued it" in refused.message


def test_a_chain_that_no_client_goes_along_with_is_refused_with_its_reason(
    request_: CertificateRequest, company: ForeignAuthority, clock: Clock
) -> None:
    server = company.issue(["mail.corp.example"])  # may not issue, yet it did
    leaf = build_leaf(
        request_.public_key,
        request_.names,
        NAMES[0],
        server.leaf,
        server.key,
        not_before=clock() - timedelta(days=1),
        not_after=clock() + timedelta(days=30),
        serial=7,
        addresses=ADDRESSES,
    )
    refused = refusal([leaf, server.leaf, *server.chain], request_, clock)
    assert "chain of the certificate does not hold: mail.corp.example" in refused.message


def test_for_a_client_a_clients_certificate_is_taken_and_a_servers_is_not(
    key: PrivateKey, company: ForeignAuthority, clock: Clock
) -> None:
    names = tuple(map(parse_server_name, NAMES))
    request = request_for(key, names, timedelta(days=90), "ada", profile=Profile.CLIENT)
    above = [company.intermediate, company.root]
    servers = company.sign(request.public_key, NAMES)
    assert "not for clients" in refusal([servers, *above], request, clock).message
    clients = company.sign(request.public_key, NAMES, profile=Profile.CLIENT)
    assert accept_answer([clients, *above], request, clock()).leaf == clients


def test_for_a_server_a_clients_certificate_is_refused(
    request_: CertificateRequest, company: ForeignAuthority, clock: Clock
) -> None:
    clients = company.sign(request_.public_key, NAMES, profile=Profile.CLIENT)
    refused = refusal([clients, company.intermediate, company.root], request_, clock)
    assert "chain of the certificate does not hold" in refused.message
