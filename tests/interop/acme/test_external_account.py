"""A directory for known customers, which takes an earlier proof for a later order."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.interop.acme.accounts import Kept, authority_at, issue, wanted
from tests.interop.acme.dns_server import DnsServer
from tests.interop.acme.pebble import (
    EAB_HMAC_KEY,
    EAB_IDENTIFIER,
    EAB_ODD_HMAC_KEY,
    EAB_ODD_IDENTIFIER,
    Pebble,
    running_pebble,
)
from tests.interop.acme.responders import HttpResponder, http_responder

from certwright.authorities.acme.authority import describe_directory
from certwright.authorities.acme.challenges import ChallengeKind
from certwright.authorities.acme.settings import AcmeSecrets
from certwright.authorities.authority import IssuanceFailed
from certwright.x509.keys import KeyType, generate_private_key

HTTP = ChallengeKind.HTTP_01
SECRETS = AcmeSecrets(eab_hmac_key=EAB_HMAC_KEY)


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory, dns_server: DnsServer) -> Iterator[Pebble]:
    folder = tmp_path_factory.mktemp("pebble")
    with running_pebble(folder, dns_server.port, eab=True, authorization_reuse=100) as running:
        yield running


@pytest.fixture
def customers_http(customers: Pebble) -> Iterator[HttpResponder]:
    with http_responder(customers.http_port) as responder:
        yield responder


@pytest.mark.parametrize("key_type", [KeyType.EC_P256, KeyType.EC_P384, KeyType.RSA_2048])
def test_a_customers_key_makes_an_account(
    customers: Pebble, customers_http: HttpResponder, key_type: KeyType
) -> None:
    authority = authority_at(
        customers.directory,
        customers.ca_pem,
        HTTP,
        customers_http,
        key=generate_private_key(key_type),
        secrets=SECRETS,
        eab_identifier=EAB_IDENTIFIER,
    )
    assert authority.look(datetime.now(UTC)).startswith("The directory at https://127.0.0.1:")
    assert issue(authority, wanted("todd.corp.example")).leaf.names == ("todd.corp.example",)


@pytest.mark.parametrize(
    "hmac_key",
    [
        EAB_ODD_HMAC_KEY,
        f"{EAB_ODD_HMAC_KEY}=",
        EAB_ODD_HMAC_KEY.replace("-", "+").replace("_", "/"),
    ],
    ids=["for URLs", "padded", "plain"],
)
def test_a_customers_key_may_be_written_in_either_base64(
    customers: Pebble, customers_http: HttpResponder, hmac_key: str
) -> None:
    kept = Kept()
    authority = authority_at(
        customers.directory,
        customers.ca_pem,
        HTTP,
        customers_http,
        kept=kept,
        secrets=AcmeSecrets(eab_hmac_key=hmac_key),
        eab_identifier=EAB_ODD_IDENTIFIER,
    )
    issue(authority, wanted("todd.corp.example"))
    assert len(kept.urls) == 1


def test_an_earlier_proof_is_taken_and_nothing_put_up_again(
    customers: Pebble, customers_http: HttpResponder
) -> None:
    authority = authority_at(
        customers.directory,
        customers.ca_pem,
        HTTP,
        customers_http,
        secrets=SECRETS,
        eab_identifier=EAB_IDENTIFIER,
    )
    issue(authority, wanted("todd.corp.example"))
    issue(authority, wanted("todd.corp.example"))
    issue(authority, wanted("todd.corp.example", "sales.corp.example"))
    assert [one.name.value for one in customers_http.put_up] == [
        "todd.corp.example",
        "sales.corp.example",
    ]


def test_without_a_customers_key_nothing_is_asked_for(
    customers: Pebble, customers_http: HttpResponder
) -> None:
    assert describe_directory(customers.directory, customers.ca_pem).external_account_required
    kept = Kept()
    authority = authority_at(customers.directory, customers.ca_pem, HTTP, customers_http, kept=kept)
    with pytest.raises(IssuanceFailed, match="known customers only") as failed:
        issue(authority, wanted("todd.corp.example"))
    assert "External Account Binding" in failed.value.remedy
    with pytest.raises(IssuanceFailed, match="known customers only"):
        authority.look(datetime.now(UTC))
    assert not kept.urls


@pytest.mark.parametrize(("identifier", "hmac_key"), [(EAB_IDENTIFIER, ""), ("", EAB_HMAC_KEY)])
def test_half_of_a_customers_key_is_a_mistake_at_any_directory(
    pebble: Pebble, http: HttpResponder, identifier: str, hmac_key: str
) -> None:
    authority = authority_at(
        *(pebble.directory, pebble.ca_pem, HTTP, http),
        secrets=AcmeSecrets(eab_hmac_key=hmac_key),
        eab_identifier=identifier,
    )
    with pytest.raises(IssuanceFailed, match="one of them is missing"):
        authority.look(datetime.now(UTC))


@pytest.mark.parametrize(
    ("identifier", "hmac_key"), [("customer-2", EAB_HMAC_KEY), (EAB_IDENTIFIER, "c2VjcmV0LWtleQ")]
)
def test_a_key_of_another_customer_is_told_without_showing_it(
    customers: Pebble, customers_http: HttpResponder, identifier: str, hmac_key: str
) -> None:
    authority = authority_at(
        customers.directory,
        customers.ca_pem,
        HTTP,
        customers_http,
        secrets=AcmeSecrets(eab_hmac_key=hmac_key),
        eab_identifier=identifier,
    )
    with pytest.raises(IssuanceFailed, match="made no account") as failed:
        issue(authority, wanted("todd.corp.example"))
    assert hmac_key not in failed.value.message
