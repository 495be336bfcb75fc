"""OCSP: the question, and which answers are believed."""

from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.x509.revocation_answers import (
    AT,
    COMMON_NAME,
    COUNTRY,
    DAY,
    ISSUER,
    KEY,
    LEAF,
    NAMESAKE,
    NONCE,
    OTHER_KEY,
    STRANGER,
    leaf,
    ocsp_response,
    responder,
)

from certwright.x509.certificate import Certificate
from certwright.x509.ocsp import build_ocsp_request, judge_ocsp_response
from certwright.x509.revocation_answer import RevocationAnswer, RevocationState, UnusableAnswer

VECTORS = sorted((Path(cryptography_vectors.__file__).parent / "x509" / "ocsp").glob("*"))
REVOKED = ocsp_response(OCSPCertStatus.REVOKED, sent=(responder(KEY),))
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")


def judge(data: bytes, certificate: Certificate = LEAF) -> RevocationAnswer:
    return judge_ocsp_response(data, certificate, ISSUER, NONCE, AT)


def refusal(data: bytes, certificate: Certificate = LEAF) -> str:
    with pytest.raises(UnusableAnswer) as caught:
        judge(data, certificate)
    return caught.value.message


def test_question_names_the_certificate_and_carries_the_nonce() -> None:
    request = ocsp.load_der_ocsp_request(build_ocsp_request(LEAF, ISSUER, NONCE))
    assert request.serial_number == LEAF.cryptography.serial_number
    nonce = request.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    assert nonce == NONCE


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256()])  # noqa: S303
@pytest.mark.parametrize("by_hash", [True, False])
def test_good(algorithm: hashes.HashAlgorithm, by_hash: bool) -> None:
    answer = judge(ocsp_response(algorithm=algorithm, by_hash=by_hash))
    assert (answer.state, answer.next_update) == (RevocationState.GOOD, AT + DAY)


def test_revoked_and_unknown() -> None:
    answer = judge(
        ocsp_response(OCSPCertStatus.REVOKED, reason=x509.ReasonFlags.superseded, nonce=NONCE)
    )
    assert (answer.state, answer.reason) == (RevocationState.REVOKED, "superseded")
    assert answer.revoked_at == AT - 2 * DAY
    assert judge(ocsp_response(OCSPCertStatus.REVOKED)).reason is None
    assert judge(ocsp_response(OCSPCertStatus.UNKNOWN)).state is RevocationState.UNKNOWN


def test_responder_of_the_issuer() -> None:
    own = responder(OTHER_KEY)
    answer = judge(ocsp_response(signer=own, key=OTHER_KEY, sent=(own,)))
    assert answer.state is RevocationState.GOOD


def test_responders_that_are_none() -> None:
    """RFC 6960 4.2.2.2: by the issuer itself, for that purpose, and still good."""
    for wrong in (
        responder(OTHER_KEY, is_one=False),
        responder(OTHER_KEY, not_after=AT - DAY),
        responder(OTHER_KEY, issuer=STRANGER, issuer_key=OTHER_KEY),
        responder(OTHER_KEY, issuer=NAMESAKE, issuer_key=OTHER_KEY),
    ):
        told = refusal(ocsp_response(signer=wrong, key=OTHER_KEY, sent=(wrong,)))
        assert "signed neither by" in told
    own = responder(OTHER_KEY)
    assert "signed neither" in refusal(ocsp_response(signer=own, key=OTHER_KEY))
    named = ocsp_response(signer=NAMESAKE, key=OTHER_KEY, by_hash=False)
    assert "signed neither" in refusal(named)
    assert "signed neither" in refusal(ocsp_response(signer=STRANGER, key=OTHER_KEY))


def test_responder_with_an_edwards_key() -> None:
    key = Ed25519PrivateKey.generate()
    own = responder(key)
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=LEAF.cryptography,
        issuer=ISSUER.cryptography,
        algorithm=hashes.SHA256(),
        cert_status=OCSPCertStatus.GOOD,
        this_update=AT,
        next_update=AT + DAY,
        revocation_time=None,
        revocation_reason=None,
    )
    signed = (
        builder.responder_id(ocsp.OCSPResponderEncoding.HASH, own.cryptography)
        .certificates([own.cryptography])
        .sign(key, None)
    )
    assert judge(signed.public_bytes(Encoding.DER)).state is RevocationState.GOOD


def test_answers_about_others() -> None:
    other = leaf(0x9999)
    assert "another certificate" in refusal(ocsp_response(about=other))
    theirs = leaf(issuer=STRANGER, key=OTHER_KEY)
    assert "another certificate" in refusal(ocsp_response(about=theirs, issuer=STRANGER))


def test_freshness() -> None:
    assert "only" in refusal(ocsp_response(this_update=AT - 3 * DAY, next_update=AT - DAY))
    assert "later than" in refusal(ocsp_response(this_update=AT + DAY, next_update=AT + 2 * DAY))
    assert judge(ocsp_response(this_update=AT - DAY / 2, next_update=None)).state == "good"
    assert "only" in refusal(ocsp_response(this_update=AT - 2 * DAY, next_update=None))


def test_nonce_may_be_missing_but_not_another() -> None:
    assert judge(ocsp_response(nonce=NONCE)).state is RevocationState.GOOD
    assert "another question" in refusal(ocsp_response(nonce=bytes(32)))


def test_demand_that_is_not_known() -> None:
    assert "not known here" in refusal(ocsp_response(extension=(UNKNOWN, True)))
    assert judge(ocsp_response(extension=(UNKNOWN, False))).state is RevocationState.GOOD


@pytest.mark.parametrize(
    "status",
    [s for s in ocsp.OCSPResponseStatus if s is not ocsp.OCSPResponseStatus.SUCCESSFUL],
)
def test_responder_that_declines(status: ocsp.OCSPResponseStatus) -> None:
    data = ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
    assert "responder says that" in refusal(data)


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"<html>", LEAF.der])
def test_what_is_no_response(data: bytes) -> None:
    assert "no OCSP response" in refusal(data)


def test_responder_whose_country_has_twelve_letters() -> None:
    named = ocsp_response(by_hash=False)
    oddly = named.replace(COMMON_NAME, COUNTRY)
    assert oddly != named
    assert "signed neither by" in refusal(oddly)


@pytest.mark.parametrize("file", VECTORS, ids=lambda file: file.name)
def test_every_odd_response_is_refused_in_words(file: Path) -> None:
    assert refusal(file.read_bytes()).endswith(".")


def test_there_are_vectors() -> None:
    assert len(VECTORS) > 20


@settings(max_examples=300)
@given(data=st.data())
def test_damage_is_never_a_good_answer(data: st.DataObject) -> None:
    whole = bytearray(REVOKED)
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(whole) - 1))
        whole[position] = data.draw(st.integers(0, 255))
    try:
        answer = judge(bytes(whole))
    except UnusableAnswer:
        return
    # Only what is not signed was changed.
    assert answer.state is RevocationState.REVOKED
