"""The conversation with a directory, as far as it needs no server."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st
from requests import Response

from certwright.authorities.acme.account_key import json_web_key
from certwright.authorities.acme.client import Answer
from certwright.authorities.acme.documents import NotUnderstood
from certwright.authorities.authority import IssuanceFailed
from certwright.x509.keys import KeyType, PrivateKey, generate_private_key

HERE = "https://acme.corp.example/certificate/1"


def answer(**headers: str) -> Answer:
    response = Response()
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return Answer(HERE, response)


def test_the_alternate_chains_are_those_of_that_relation() -> None:
    links = ", ".join(
        (
            '<https://acme.corp.example/directory>;rel="index"',
            f'<{HERE}/1>;rel="alternate"',
            f'<{HERE}/2>; title="x"; rel=alternate',
        )
    )
    assert answer(Link=links).alternates == (f"{HERE}/1", f"{HERE}/2")
    assert answer().alternates == ()


def test_of_many_alternate_chains_ten_are_looked_at() -> None:
    links = ", ".join(f'<{HERE}/{number}>;rel="alternate"' for number in range(1000))
    assert len(answer(Link=links).alternates) == 10


@pytest.mark.parametrize("url", ["http://acme.corp.example/1", "/1", ""])
def test_an_alternate_chain_elsewhere_than_by_https_is_left_out(url: str) -> None:
    links = f'<{url}>;rel="alternate", <{HERE}/2>;rel="alternate"'
    assert answer(Link=links).alternates == (f"{HERE}/2",)


@pytest.mark.parametrize("location", ["", "/order/1", "http://acme.corp.example/order/1"])
def test_a_location_that_is_no_address_is_refused(location: str) -> None:
    with pytest.raises(NotUnderstood):
        _ = answer(Location=location).location


@given(st.text(st.sampled_from('<>;,="relatnhps:/. x'), max_size=80) | st.text(max_size=40))
def test_any_link_leads_to_https_or_is_left_out(link: str) -> None:
    assert all(url.startswith("https://") for url in answer(Link=link).alternates)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (generate_private_key(KeyType.EC_P256), "ES256"),
        (generate_private_key(KeyType.EC_P384), "ES384"),
        (ec.generate_private_key(ec.SECP521R1()), "ES512"),
        (generate_private_key(KeyType.RSA_2048), "RS256"),
    ],
    ids=["P-256", "P-384", "P-521", "RSA"],
)
def test_an_account_signs_with_the_algorithm_of_its_key(key: PrivateKey, algorithm: str) -> None:
    web_key, chosen = json_web_key(key)
    assert chosen.name == algorithm
    assert len(web_key.thumbprint()) == 32


def test_an_account_with_a_key_that_directories_do_not_take_is_told() -> None:
    with pytest.raises(IssuanceFailed, match="Ed25519"):
        json_web_key(ed25519.Ed25519PrivateKey.generate())
