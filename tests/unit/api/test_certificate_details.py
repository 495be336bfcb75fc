"""REST: what the certificate window shows, as its clients see it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority
from .conftest import TestClient

URL = "/api/v1/certificates"


def details_of(client: TestClient, identifier: str, **query: str) -> dict[str, Any]:
    response = client.get(f"{URL}/{identifier}/details", params=query)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def imported(client: TestClient, content: bytes) -> dict[str, Any]:
    answer = client.post(URL, files={"file": content})
    assert answer.status_code == 200, answer.text
    return details_of(client, answer.json()["certificate"]["fingerprint"])


@pytest.fixture
def served(owner: TestClient) -> dict[str, Any]:
    """The details of the certificate that both endpoints serve."""
    (certificate,) = owner.get(f"{URL}?store=My").json()
    return details_of(owner, certificate["fingerprint"])


def elements(element: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield element
    for child in element["children"]:
        yield from elements(child)


def texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, list | dict):
        for one in document.values() if isinstance(document, dict) else document:
            yield from texts(one)


def test_every_field_and_extension_is_told(served: dict[str, Any]) -> None:
    fields = {(one["section"], one["name"]): one for one in served["fields"]}
    assert fields["Subject", "Common Name (CN)"]["value"] == ["todd.corp.example"]
    assert fields["Fingerprints", "Fingerprint (SHA-256)"]["value"] == [served["fingerprint"]]
    assert len(fields["Signature", "Value"]["octets"]) > 100
    extensions = {one["name"]: one for one in served["extensions"]}
    assert extensions["Key usage"]["critical"]
    names = extensions["Subject Alternative Name"]
    assert names["object_identifier"] == "2.5.29.17"
    assert not names["critical"]
    assert "todd.corp.example" in str(names["value"])


def test_chain_leads_to_the_root(served: dict[str, Any]) -> None:
    path = served["path"]
    assert path["ok"]
    assert path["reason"] is None
    assert [(one["role"], one["state"], one["store"]) for one in path["links"]] == [
        ("Root", "good", "Root"),
        ("Intermediate", "good", "CA"),
        ("Leaf", "good", "My"),
    ]
    assert path["links"][-1]["thumbprint"] == served["thumbprint"]
    assert not any(one["faults"] for one in path["links"])


def test_missing_issuer_is_a_link_with_its_remedy(
    owner: TestClient, company: ForeignAuthority
) -> None:
    issued = company.issue(["todd.corp.example"])
    path = imported(owner, issued.pem_without_key)["path"]
    assert not path["ok"]
    missing = path["links"][0]
    assert (missing["role"], missing["state"]) == ("Missing issuer", "broken")
    assert missing["thumbprint"] is missing["fingerprint"] is missing["store"] is None
    (fault,) = missing["faults"]
    assert fault["cause"] == "issuer-missing"
    assert fault["reason"]
    assert fault["remedy"]


def test_each_endpoint_says_use_and_findings(owner: TestClient, company: ForeignAuthority) -> None:
    other = imported(owner, company.issue(["other.example"]).pem)
    assert [one["endpoint"] for one in other["endpoints"]] == ["configuration-server", "web-server"]
    for one in other["endpoints"]:
        assert not one["right"]
        assert one["use"] == "not used"
        assert "san-lacks-name" in [finding["code"] for finding in one["findings"]]
        assert all(finding["remedy"] for finding in one["findings"])


def test_served_certificate_is_right(served: dict[str, Any]) -> None:
    assert all(one["right"] for one in served["endpoints"])
    assert not served["is_issuer_only"]


def test_issuer_is_for_no_endpoint(owner: TestClient, company: ForeignAuthority) -> None:
    issuer = imported(owner, company.intermediate.pem.encode())
    assert issuer["is_issuer_only"]
    assert issuer["endpoints"] == []


def test_tree_is_whole(served: dict[str, Any]) -> None:
    tree = served["asn1"]
    found = list(elements(tree))
    assert (tree["name"], tree["offset"]) == ("SEQUENCE", 0)
    assert "2.5.29.17 (subjectAltName)" in [one["value"] for one in found]
    assert all(one["problem"] is None for one in found)


def test_store_is_named_as_in_show(owner: TestClient, served: dict[str, Any]) -> None:
    identifier = served["thumbprint"][:10]
    assert details_of(owner, identifier, location="LocalMachine", store="My") == served
    for query, status in (("store=Root", 404), ("store=nowhere", 422)):
        assert owner.get(f"{URL}/{identifier}/details?{query}").status_code == status
    assert owner.get(f"{URL}/{'0' * 40}/details").status_code == 404


def test_hostile_certificate_is_told_in_bounds(owner: TestClient, clock: Clock) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    hostile = "a\x1b[2J\u202e\r\nb<script>"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hostile)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(clock() - timedelta(days=1))
        .not_valid_after(clock() + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("\x1b[31m.example")] * 500), critical=True
        )
    )
    for number in range(120):
        value = b"\x30\x80" + b"\x1b]0;owned\x07" * 10
        identifier = x509.ObjectIdentifier(f"1.2.3.{number}")
        builder = builder.add_extension(x509.UnrecognizedExtension(identifier, value), False)
    # Sequences within sequences, deeper than anybody looks.
    deep = b""
    for _ in range(200):
        length = len(deep).to_bytes(2, "big")
        deep = b"\x30\x82" + length + deep
    identifier = x509.ObjectIdentifier("1.2.4")
    builder = builder.add_extension(x509.UnrecognizedExtension(identifier, deep * 20), False)
    content = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)

    document = imported(owner, content)
    assert all(text.isprintable() for text in texts(document))
    assert document["extensions"][-1]["name"] == "Further extensions"
    assert document["extensions"][-1]["note"] == "22 more are not shown."
    assert len(document["extensions"]) == 101
    assert len(list(elements(document["asn1"]))) < 2_100
    assert not document["path"]["ok"]
