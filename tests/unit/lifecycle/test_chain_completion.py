"""Issuers fetched from where the certificates say: from a real server, on loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates

from certwright.lifecycle.chain_completion import fetch_issuers, fetcher
from certwright.x509.building import build_root
from certwright.x509.keys import KeyType, generate_private_key

from ..foreign_authority import ForeignAuthority
from .authority_on_the_web import Publisher, ladder, publishing

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
INSIDE = fetcher(allow_private=True)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


def test_missing_issuers_are_found_in_each_of_their_formats(publisher: Publisher) -> None:
    issued, above = ladder(publisher, NOW, 5)
    one, two, three, four, root = above
    stranger = ForeignAuthority(NOW).root
    publisher.pages |= {
        "/1": one.der,
        "/2": (stranger.pem + two.pem).encode(),
        "/3": serialize_certificates([stranger.cryptography, three.cryptography], Encoding.DER),
        "/4": serialize_certificates([four.cryptography], Encoding.PEM),
        "/5": root.der,
    }
    completion = fetch_issuers([issued.leaf], (), (), INSIDE)
    assert list(completion.found) == [one, two, three, four]
    assert completion.found[one] == publisher.address("/1")
    # Whom to trust is not for an address in a certificate to say.
    assert completion.notes == (
        f"The root Ladder Root was found at {publisher.address('/5')}, but roots are not taken "
        "from the network: import it from somebody you trust.",
    )


def test_what_is_at_hand_is_not_fetched(publisher: Publisher) -> None:
    issued, (one, two, root) = ladder(publisher, NOW, 3)
    publisher.pages["/2"] = two.der
    completion = fetch_issuers([issued.leaf], [one], [root], INSIDE)
    assert list(completion.found) == [two]
    assert publisher.asked == ["/2"]
    assert completion.notes == ()


def test_at_most_five_issuers(publisher: Publisher) -> None:
    issued, above = ladder(publisher, NOW, 9)
    publisher.pages |= {f"/{step}": one.der for step, one in enumerate(above, start=1)}
    completion = fetch_issuers([issued.leaf, issued.leaf], (), (), INSIDE)
    assert list(completion.found) == list(above[:5])
    assert len(publisher.asked) <= 6


def test_only_who_really_signed_is_taken(publisher: Publisher) -> None:
    issued, (one, _) = ladder(publisher, NOW, 2)
    # The issuer's very name, but another key.
    impostor = build_root(
        one.common_name,
        "Ladder",
        generate_private_key(KeyType.EC_P256),
        not_before=one.not_before,
        days=100,
        serial=1,
    )
    publisher.pages["/1"] = impostor.der
    completion = fetch_issuers([issued.leaf], (), (), INSIDE)
    assert completion.found == {}
    assert completion.notes == (
        f"What lies at {publisher.address('/1')} is not the issuer of todd.corp.example.",
    )


@pytest.mark.parametrize("page", [b"", b"garbage", b"<html>", bytes(64 * 1024 + 1), None])
def test_what_cannot_be_used_is_told(publisher: Publisher, page: bytes | None) -> None:
    issued, _ = ladder(publisher, NOW, 2)
    if page is not None:
        publisher.pages["/1"] = page
    completion = fetch_issuers([issued.leaf], (), (), INSIDE)
    assert completion.found == {}
    assert len(completion.notes) == 1
    assert publisher.address("/1") in completion.notes[0]
    assert publisher.asked == ["/1"]


def test_nothing_inside_the_network_is_asked_unless_allowed(publisher: Publisher) -> None:
    issued, (one, _) = ladder(publisher, NOW, 2)
    publisher.pages["/1"] = one.der
    completion = fetch_issuers([issued.leaf], (), (), fetcher(allow_private=False))
    assert completion.found == {}
    assert "not an address of the Internet" in completion.notes[0]
    assert publisher.asked == []


def test_certificate_without_an_address(publisher: Publisher) -> None:
    other = ForeignAuthority(NOW)
    completion = fetch_issuers([other.root], (), (), INSIDE)
    assert (completion.found, completion.notes) == ({}, ())
    assert publisher.asked == []
