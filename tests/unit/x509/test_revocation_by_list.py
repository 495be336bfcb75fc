"""Somebody else's revocation list: what it says, and when it is not to be believed."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.x509.revocation_answers import (
    ADDRESSES,
    AT,
    COMMON_NAME,
    COUNTRY,
    DAY,
    ISSUER,
    KEY,
    LEAF,
    LIST_URL,
    NAMESAKE,
    OTHER_KEY,
    STRANGER,
    entry,
    revocation_list,
    scope,
)

from certwright.x509.building import build_intermediate
from certwright.x509.certificate import Certificate
from certwright.x509.revocation_answer import (
    RevocationState,
    UnusableAnswer,
    revocation_list_addresses,
)
from certwright.x509.revocation_by_list import judge_revocation_list

URL = x509.UniformResourceIdentifier(LIST_URL)
OTHER_URL = x509.UniformResourceIdentifier("http://ca.example/other.crl")
LISTED = revocation_list(entry(), extensions=((x509.CRLNumber(4), False),))
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")


def refusal(data: bytes, certificate: Certificate = LEAF, issuer: Certificate = ISSUER) -> str:
    with pytest.raises(UnusableAnswer) as caught:
        judge_revocation_list(data, certificate, issuer, AT)
    return caught.value.message


def test_not_listed_is_good() -> None:
    answer = judge_revocation_list(revocation_list(entry(99)), LEAF, ISSUER, AT)
    assert (answer.state, answer.next_update, answer.note) == (RevocationState.GOOD, AT + DAY, "")


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (None, None),
        (x509.ReasonFlags.unspecified, None),
        (x509.ReasonFlags.key_compromise, "keyCompromise"),
        (x509.ReasonFlags.certificate_hold, "certificateHold"),
    ],
)
def test_listed_is_revoked(reason: x509.ReasonFlags | None, told: str | None) -> None:
    data = revocation_list(entry(99), entry(reason=reason))
    answer = judge_revocation_list(data, LEAF, ISSUER, AT)
    assert (answer.state, answer.reason) == (RevocationState.REVOKED, told)
    assert answer.revoked_at == AT - 2 * DAY


def test_pem_is_read_too() -> None:
    parsed = x509.load_der_x509_crl(revocation_list())
    answer = judge_revocation_list(parsed.public_bytes(Encoding.PEM), LEAF, ISSUER, AT)
    assert answer.state is RevocationState.GOOD


def test_freshness_with_some_minutes_of_grace() -> None:
    for off in (timedelta(minutes=4), -timedelta(minutes=4)):
        data = revocation_list(this_update=AT + min(off, off * 0) + abs(off), next_update=AT + DAY)
        assert judge_revocation_list(data, LEAF, ISSUER, AT).state is RevocationState.GOOD
    old = revocation_list(this_update=AT - 3 * DAY, next_update=AT - DAY)
    assert "was good until 23 November 2026 only" in refusal(old)
    new = revocation_list(this_update=AT + DAY, next_update=AT + 2 * DAY)
    assert "later than the moment" in refusal(new)


def test_lists_of_others() -> None:
    theirs = revocation_list(issuer=STRANGER.cryptography.subject, key=OTHER_KEY)
    assert "another authority's" in refusal(theirs)
    assert "not signed with" in refusal(revocation_list(key=OTHER_KEY))
    assert "not signed with" in refusal(revocation_list(), issuer=NAMESAKE)


def test_issuer_that_may_not_sign_lists() -> None:
    builder = x509.CertificateBuilder(
        issuer_name=ISSUER.cryptography.subject,
        subject_name=ISSUER.cryptography.subject,
        public_key=KEY.public_key(),
        serial_number=5,
        not_valid_before=AT - DAY,
        not_valid_after=AT + DAY,
    ).add_extension(
        x509.KeyUsage(False, False, False, False, False, True, False, False, False), critical=True
    )
    from cryptography.hazmat.primitives.hashes import SHA256

    issuer = Certificate.from_cryptography(builder.sign(KEY, SHA256()))
    assert "may not sign revocation lists" in refusal(revocation_list(), issuer=issuer)


@pytest.mark.parametrize(
    ("value", "is_critical", "words"),
    [
        (x509.DeltaCRLIndicator(1), True, "delta"),
        (UNKNOWN, True, "not known here"),
        (scope(indirect_crl=True), True, "indirect"),
        (
            scope(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise])),
            True,
            "part of all reasons",
        ),
        (scope(only_contains_attribute_certs=True), True, "part of all reasons"),
        (scope(only_contains_ca_certs=True), True, "other certificates"),
        (scope(full_name=[OTHER_URL]), True, "other certificates"),
    ],
)
def test_lists_that_do_not_speak_of_it(
    value: x509.ExtensionType, is_critical: bool, words: str
) -> None:
    assert words in refusal(revocation_list(extensions=((value, is_critical),)))


@pytest.mark.parametrize(
    ("value", "is_critical"),
    [
        (UNKNOWN, False),
        (x509.CRLNumber(4), False),
        (scope(only_contains_user_certs=True), True),
        (scope(full_name=[OTHER_URL, URL]), True),
    ],
)
def test_lists_that_do(value: x509.ExtensionType, is_critical: bool) -> None:
    data = revocation_list(extensions=((value, is_critical),))
    assert judge_revocation_list(data, LEAF, ISSUER, AT).state is RevocationState.GOOD


def test_list_for_leaves_says_nothing_of_authorities() -> None:
    below = build_intermediate(
        "Below",
        OTHER_KEY.public_key(),
        ISSUER,
        KEY,
        organization="Corp",
        not_before=AT - DAY,
        days=30,
        serial=9,
        addresses=ADDRESSES,
    )
    data = revocation_list(extensions=((scope(only_contains_user_certs=True), True),))
    assert "other certificates" in refusal(data, certificate=below)


def test_delta_lists_elsewhere_are_told_of() -> None:
    point = x509.DistributionPoint([OTHER_URL], None, None, None)
    data = revocation_list(extensions=((x509.FreshestCRL([point]), False),))
    answer = judge_revocation_list(data, LEAF, ISSUER, AT)
    assert answer.state is RevocationState.GOOD
    assert "delta lists" in answer.note


def test_entry_of_another_authority() -> None:
    issuer = x509.CertificateIssuer([x509.DirectoryName(STRANGER.cryptography.subject)])
    assert "not known here" in refusal(revocation_list(entry(0x1234, None, (issuer, True))))


def test_addresses_are_http_and_whole() -> None:
    assert revocation_list_addresses(LEAF) == (LIST_URL,)
    assert revocation_list_addresses(ISSUER) == ()


@pytest.mark.parametrize(
    "data", [b"", b"\x30\x00", b"<html>", LEAF.der, b"-----BEGIN X509 CRL-----"]
)
def test_what_is_no_list(data: bytes) -> None:
    assert "no revocation list" in refusal(data)


def test_authority_whose_country_has_twelve_letters() -> None:
    oddly = LISTED.replace(COMMON_NAME, COUNTRY)
    assert oddly != LISTED
    assert "another authority's" in refusal(oddly)


@settings(max_examples=300)
@given(data=st.data())
def test_damage_is_never_a_good_answer(data: st.DataObject) -> None:
    whole = bytearray(LISTED)
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(whole) - 1))
        whole[position] = data.draw(st.integers(0, 255))
    try:
        answer = judge_revocation_list(bytes(whole), LEAF, ISSUER, AT)
    except UnusableAnswer:
        return
    # Nothing was changed after all, or only how the signature is written.
    assert answer.state is RevocationState.REVOKED
