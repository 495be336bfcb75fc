"""Server names: what is taken, what is kept of it, and which entries cover it."""

import tomllib
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate
from certwright.x509.chains import verify_chain
from certwright.x509.names import (
    NameKind,
    ServerName,
    parse_certificate_name,
    parse_server_name,
    pattern_matches,
    server_names,
)

VECTORS: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parents[2] / "vectors" / "names.toml").read_text("utf-8")
)
AT = datetime(2026, 11, 24, tzinfo=UTC)

labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True).filter(
    lambda label: not label.startswith("xn--")
)
dns_names = (
    st.lists(labels, min_size=1, max_size=5)
    .map(".".join)
    .filter(lambda name: not name.rpartition(".")[2].isdigit())
)
addresses = st.ip_addresses().map(str).filter(lambda text: "%" not in text)


@pytest.mark.parametrize("vector", VECTORS["parse"], ids=lambda vector: repr(vector["text"]))
def test_parsing(vector: dict[str, Any]) -> None:
    if "canonical" not in vector:
        with pytest.raises(CertwrightError) as caught:
            parse_server_name(vector["text"])
        assert caught.value.code == ErrorCode.INVALID_INPUT
        assert caught.value.message.isprintable()
        return
    name = parse_server_name(vector["text"])
    assert name.value == str(name) == vector["canonical"]
    assert name.display == vector.get("display", vector["canonical"])


@pytest.mark.parametrize(
    "vector", VECTORS["patterns"], ids=lambda v: f"{v['pattern']!r} {v['name']}"
)
def test_matching(vector: dict[str, Any]) -> None:
    name = parse_server_name(vector["name"])
    assert pattern_matches(vector["pattern"], name) is vector["matches"]


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    outcome = _parsed_or_refused(text)
    if isinstance(outcome, CertwrightError):
        assert outcome.code == ErrorCode.INVALID_INPUT
        assert outcome.message.isprintable()
    else:
        assert parse_server_name(outcome.value) == outcome
        assert outcome.display
        assert pattern_matches(outcome.value, outcome)


@given(st.text(max_size=100), st.one_of(dns_names, addresses))
def test_any_entry_can_be_compared(pattern: str, text: str) -> None:
    assert pattern_matches(pattern, parse_server_name(text)) in (True, False)


@given(dns_names)
def test_case_and_trailing_dot_make_no_difference(text: str) -> None:
    name = parse_server_name(text)
    assert parse_server_name(text.upper() + ".") == name
    assert pattern_matches(text.upper(), name)


@given(dns_names)
def test_what_is_shown_reads_back_as_the_same(text: str) -> None:
    name = parse_server_name(text)
    assert parse_server_name(name.display) == name


@given(addresses)
def test_addresses_have_one_form(text: str) -> None:
    name = parse_server_name(ip_address(text).exploded)
    assert name == ServerName(NameKind.IP, text)
    assert parse_server_name(f"[{text}]") == name


@given(entry=st.lists(labels | st.just("*"), min_size=1, max_size=4), name=dns_names)
def test_no_entry_covers_more_than_the_path_validation_allows(entry: list[str], name: str) -> None:
    # The library that judges chains has a matcher of its own: ours must never be the laxer.
    pattern, server = ".".join(entry), parse_server_name(name)
    if pattern_matches(pattern, server):
        certificate = _with_entry(pattern)
        assert verify_chain(certificate, [_ROOT], [_ROOT], server, AT).ok


def _parsed_or_refused(text: str) -> ServerName | CertwrightError:
    try:
        return parse_server_name(text)
    except CertwrightError as error:
        return error


_KEY = ec.derive_private_key(7, ec.SECP256R1())
_SUBJECT = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Root")])


def _builder(subject: x509.Name) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_SUBJECT)
        .public_key(_KEY.public_key())
        .serial_number(1)
        .not_valid_before(AT - timedelta(1))
        .not_valid_after(AT + timedelta(1))
    )


def _with_entry(pattern: str) -> Certificate:
    names = x509.SubjectAlternativeName([x509.DNSName(pattern)])
    builder = _builder(x509.Name([])).add_extension(names, critical=True)
    return Certificate.from_cryptography(builder.sign(_KEY, hashes.SHA256()))


_ROOT = Certificate.from_cryptography(
    _builder(_SUBJECT)
    .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    .sign(_KEY, hashes.SHA256())
)


def test_of_many_texts_only_those_that_a_server_goes_by_are_names() -> None:
    texts = ["todd.corp.example", "*.corp.example", "under_score.example", "", "192.0.2.7", "a b"]
    assert [name.value for name in server_names(texts)] == ["todd.corp.example", "192.0.2.7"]


def test_a_certificate_may_have_a_wildcard_as_a_whole_label() -> None:
    assert parse_certificate_name("*.Corp.example").value == "*.corp.example"
    assert parse_certificate_name("todd.corp.example").value == "todd.corp.example"


@pytest.mark.parametrize(
    "text", ["*", "*.", "*.example", "*.192.0.2.7", "a*.corp.example", "*.*.b"]
)
def test_any_other_wildcard_is_refused(text: str) -> None:
    with pytest.raises(CertwrightError):
        parse_certificate_name(text)
