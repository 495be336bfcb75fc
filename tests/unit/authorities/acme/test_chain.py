"""What came for an order, compared with what was asked for."""

from datetime import UTC, datetime, timedelta

import pytest

from certwright.authorities.acme.chain import choose_chain, leads_to, read_chain
from certwright.authorities.authority import CertificateRequest, IssuanceFailed, request_for
from certwright.x509.building import (
    AuthorityAddresses,
    build_intermediate,
    build_leaf,
    build_root,
)
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, PrivateKey, generate_private_key
from certwright.x509.names import NameKind, ServerName, parse_server_name

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ADDRESSES = AuthorityAddresses("http://ca.corp.example/ca", "http://ca.corp.example/crl")
NAME = parse_server_name("todd.corp.example")
ROOT_KEY, MIDDLE_KEY, KEY = (generate_private_key(KeyType.EC_P256) for _ in range(3))


def root_named(name: str) -> Certificate:
    return build_root(name, "Corp", ROOT_KEY, not_before=NOW, days=900, serial=1)


def middle_below(root: Certificate) -> Certificate:
    return build_intermediate(
        "Corp Issuing CA",
        MIDDLE_KEY.public_key(),
        root,
        ROOT_KEY,
        organization="Corp",
        not_before=NOW,
        days=800,
        serial=2,
        addresses=ADDRESSES,
    )


ROOT = root_named("Corp Root")
MIDDLE = middle_below(ROOT)
OTHER_ROOT = root_named("Other Root")
OTHER_MIDDLE = middle_below(OTHER_ROOT)


def leaf(key: PrivateKey = KEY, name: str = "todd.corp.example") -> Certificate:
    return build_leaf(
        key.public_key(),
        [ServerName(NameKind.DNS, name)],
        name,
        MIDDLE,
        MIDDLE_KEY,
        not_before=NOW,
        not_after=NOW + timedelta(days=47),
        serial=3,
        addresses=ADDRESSES,
    )


def request() -> CertificateRequest:
    return request_for(KEY, (NAME,), timedelta(days=47), "ada")


def pem(*certificates: Certificate) -> bytes:
    return "".join(certificate.pem for certificate in certificates).encode()


def test_leaf_and_chain_are_taken_apart() -> None:
    made = leaf()
    issued = read_chain(pem(made, MIDDLE), request(), NOW)
    assert issued.leaf == made
    assert issued.intermediates == (MIDDLE,)
    assert issued.root is None


def test_a_wildcard_is_taken_with_its_chain() -> None:
    wildcard = ServerName(NameKind.DNS, "*.corp.example")
    wanted = request_for(KEY, (wildcard,), timedelta(days=47), "ada")
    issued = read_chain(pem(leaf(name=wildcard.value), MIDDLE), wanted, NOW)
    assert issued.intermediates == (MIDDLE,)


def test_a_chain_in_disorder_is_put_in_order_without_what_does_not_belong() -> None:
    issued = read_chain(pem(leaf(), ROOT, OTHER_ROOT, MIDDLE), request(), NOW)
    assert issued.intermediates == (MIDDLE,)
    assert issued.root == ROOT


def test_a_certificate_for_another_key_is_not_taken() -> None:
    stranger = generate_private_key(KeyType.EC_P256)
    with pytest.raises(IssuanceFailed, match="another private key") as failed:
        read_chain(pem(leaf(stranger), MIDDLE), request(), NOW)
    assert failed.value.starts_over


def test_a_certificate_for_another_name_is_not_taken() -> None:
    with pytest.raises(IssuanceFailed, match=r"not for todd\.corp\.example"):
        read_chain(pem(leaf(name="mallory.corp.example"), MIDDLE), request(), NOW)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Service unavailable</html>",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n",
        pem(leaf()) + b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        pem(leaf(), *[MIDDLE] * 20),
    ],
)
def test_what_is_no_list_of_certificates_is_refused(content: bytes) -> None:
    with pytest.raises(IssuanceFailed, match="something else than was ordered"):
        read_chain(content, request(), NOW)


def test_the_chain_to_the_preferred_root_is_chosen() -> None:
    default = read_chain(pem(leaf(), MIDDLE), request(), NOW)
    other = read_chain(pem(leaf(), OTHER_MIDDLE), request(), NOW)
    assert leads_to(default, "Corp Root")
    assert leads_to(read_chain(pem(leaf(), MIDDLE, ROOT), request(), NOW), "Corp Root")
    assert choose_chain(default, [other], "Other Root") == other
    assert choose_chain(default, [other], "No Root") == default
