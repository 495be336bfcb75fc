"""Orders and authorizations out of what a server wrote."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.authorities.acme.challenges import ChallengeKind
from certwright.authorities.acme.documents import NotUnderstood
from certwright.authorities.acme.orders import (
    AuthorizationStatus,
    OrderStatus,
    identifier,
    read_authorization,
    read_order,
)
from certwright.x509.names import NameKind, ServerName

HERE = "https://acme.corp.example/order/1"
ORDER: dict[str, Any] = {
    "status": "pending",
    "identifiers": [
        {"type": "dns", "value": "*.Corp.Example"},
        {"type": "ip", "value": "2001:0db8::0007"},
    ],
    "authorizations": ["https://acme.corp.example/authorization/1"],
    "finalize": "https://acme.corp.example/order/1/finalize",
}
CHALLENGE = {
    "type": "dns-01",
    "url": "https://acme.corp.example/challenge/1",
    "status": "pending",
    "token": "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA",
}
AUTHORIZATION: dict[str, Any] = {
    "status": "pending",
    "identifier": {"type": "dns", "value": "corp.example"},
    "wildcard": True,
    "challenges": [CHALLENGE, {"type": "moon-01", "phase": "full"}],
}
PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=10)
JSON: st.SearchStrategy[object] = PLAIN | st.sampled_from(["", [{}], [None], {}])


def test_an_order_is_read() -> None:
    read = read_order(HERE, ORDER)
    assert read.status is OrderStatus.PENDING
    assert read.names == {
        ServerName(NameKind.DNS, "*.corp.example"),
        ServerName(NameKind.IP, "2001:db8::7"),
    }
    assert read.authorizations == ("https://acme.corp.example/authorization/1",)
    assert read.certificate is None
    assert read.problem is None


def test_an_authorization_is_read_without_the_challenges_that_nobody_knows() -> None:
    read = read_authorization(AUTHORIZATION)
    assert read.status is AuthorizationStatus.PENDING
    assert read.shown_name == "*.corp.example"
    (offered,) = read.challenges
    assert offered.kind is ChallengeKind.DNS_01
    assert offered.is_pending
    proof = offered.to_answer(read.name, "thumbprint")
    assert proof.key_authorization == f"{CHALLENGE['token']}.thumbprint"
    assert proof.record_name == "_acme-challenge.corp.example"


def test_an_order_names_addresses_as_addresses() -> None:
    assert identifier(ServerName(NameKind.IP, "192.0.2.7")) == {"type": "ip", "value": "192.0.2.7"}
    assert identifier(ServerName(NameKind.DNS, "a.example"))["type"] == "dns"


@pytest.mark.parametrize(
    "change",
    [
        {"status": "lost"},
        {"status": None},
        {"identifiers": "corp.example"},
        {"identifiers": [{"type": "dns"}]},
        {"identifiers": [{"type": "dns", "value": "a" * 300}]},
        {"authorizations": ["http://acme.corp.example/authorization/1"]},
        {"authorizations": ["https://acme.corp.example/1"] * 201},
        {"finalize": "https://acme.corp.example/a b"},
        {"certificate": 5},
    ],
)
def test_an_order_that_is_none_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        read_order(HERE, {**ORDER, **change})


@pytest.mark.parametrize(
    "token", ["../../etc/passwd", "a/b", "a b", "", "a" * 201, "a\n", 5, None, "t\u00f6ken"]
)
def test_a_token_that_could_be_a_path_is_refused(token: object) -> None:
    with pytest.raises(NotUnderstood):
        read_authorization({**AUTHORIZATION, "challenges": [{**CHALLENGE, "token": token}]})


@given(st.sampled_from([*ORDER, "certificate", "error"]), JSON)
def test_any_member_is_an_orders_or_refused(member: str, value: object) -> None:
    try:
        read = read_order(HERE, {**ORDER, member: value})
    except NotUnderstood:
        return
    assert read.finalize.startswith("https://")


@given(st.sampled_from([*AUTHORIZATION]), JSON)
def test_any_member_is_an_authorizations_or_refused(member: str, value: object) -> None:
    try:
        read = read_authorization({**AUTHORIZATION, member: value})
    except NotUnderstood:
        return
    assert read.status in AuthorizationStatus
