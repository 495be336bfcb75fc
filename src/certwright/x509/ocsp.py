"""Asking an OCSP responder (RFC 6960): the question, and whether to believe the answer."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from certwright.errors import CertwrightError
from certwright.x509.certificate import (
    PARSER_ERRORS,
    Certificate,
    is_signed_by,
    reading_oddities,
)
from certwright.x509.revocation_answer import (
    RevocationAnswer,
    RevocationState,
    UnusableAnswer,
    reason_name,
    require_fresh,
)

REQUEST_TYPE = "application/ocsp-request"
NONCE_OCTETS = 32
"""RFC 9654 2.1: clients "SHOULD use a minimum nonce length of 32 octets"."""
_NO_NEXT_UPDATE = timedelta(days=1)
_MOST_ANSWERS, _MOST_CERTIFICATES = 20, 5
_STATUS_WORDS = {
    ocsp.OCSPResponseStatus.MALFORMED_REQUEST: "it cannot read the question",
    ocsp.OCSPResponseStatus.INTERNAL_ERROR: "something went wrong inside",
    ocsp.OCSPResponseStatus.TRY_LATER: "it is too busy",
    ocsp.OCSPResponseStatus.SIG_REQUIRED: "it answers signed questions only",
    ocsp.OCSPResponseStatus.UNAUTHORIZED: "it does not answer for this certificate",
}
_STATES = {
    ocsp.OCSPCertStatus.GOOD: RevocationState.GOOD,
    ocsp.OCSPCertStatus.REVOKED: RevocationState.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN: RevocationState.UNKNOWN,
}


def build_ocsp_request(certificate: Certificate, issuer: Certificate, nonce: bytes) -> bytes:
    """The question in DER.

    The certificate is named by SHA-1, which every responder knows; nothing hangs on its strength.
    """
    builder = _question(certificate, issuer, hashes.SHA1())  # noqa: S303
    builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def judge_ocsp_response(
    data: bytes, certificate: Certificate, issuer: Certificate, nonce: bytes, at: datetime
) -> RevocationAnswer:
    """What the response `data` (DER) says of `certificate` at `at`; raises `UnusableAnswer`."""
    try:
        with reading_oddities():
            response = ocsp.load_der_ocsp_response(data)
            return _judge(response, certificate, issuer, nonce, at)
    except PARSER_ERRORS:
        raise UnusableAnswer("What came is no OCSP response, or a damaged one.") from None


def _judge(
    response: ocsp.OCSPResponse,
    certificate: Certificate,
    issuer: Certificate,
    nonce: bytes,
    at: datetime,
) -> RevocationAnswer:
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        word = _STATUS_WORDS.get(response.response_status, "it gives no answer")
        raise UnusableAnswer(f"The OCSP responder says that {word}.")
    _require_responder(response, issuer, at)
    _require_nonce(response, nonce)
    found = _find(response, certificate, issuer)
    # RFC 6960 4.2.2.1: without nextUpdate newer information is available all the time, so an
    # answer without it ages at once.
    next_update = found.next_update_utc or found.this_update_utc + _NO_NEXT_UPDATE
    require_fresh("The OCSP response", found.this_update_utc, next_update, at)
    return RevocationAnswer(
        _STATES[found.certificate_status],
        reason_name(found.revocation_reason),
        found.revocation_time_utc,
        next_update,
    )


def _require_responder(response: ocsp.OCSPResponse, issuer: Certificate, at: datetime) -> None:
    for signer in _signers(response, issuer, at):
        if _is_named(response, signer) and _signed(response, signer):
            return
    raise UnusableAnswer(
        f"The OCSP response is signed neither by {issuer.short_name} nor by a responder of its own."
    )


def _signers(
    response: ocsp.OCSPResponse, issuer: Certificate, at: datetime
) -> Iterator[Certificate]:
    """Whose signature counts: the issuer's, and that of a responder which it has made one.

    RFC 6960 4.2.2.2: delegation is "designated by the inclusion of id-kp-OCSPSigning in an
    extended key usage certificate extension", and that certificate "MUST be issued directly by
    the CA that is identified in the request".
    """
    yield issuer
    for offered in response.certificates[:_MOST_CERTIFICATES]:
        try:
            responder = Certificate.from_cryptography(offered)
        except CertwrightError:
            continue
        if (
            ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string in (responder.extended_key_usages or ())
            and responder.not_before <= at <= responder.not_after
            and is_signed_by(responder, issuer)
        ):
            yield responder


def _is_named(response: ocsp.OCSPResponse, signer: Certificate) -> bool:
    if response.responder_name is not None:
        return response.responder_name == signer.cryptography.subject
    # RFC 6960 4.2.1: KeyHash is the "SHA-1 hash of responder's public key".
    digest = x509.SubjectKeyIdentifier.from_public_key(signer.public_key).digest
    return response.responder_key_hash == digest


def _signed(response: ocsp.OCSPResponse, signer: Certificate) -> bool:
    key, signature, signed = signer.public_key, response.signature, response.tbs_response_bytes
    try:
        if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(signature, signed)
            return True
        algorithm = response.signature_hash_algorithm
        if algorithm is None:
            return False
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(algorithm))
    except InvalidSignature:
        return False
    return True


def _require_nonce(response: ocsp.OCSPResponse, nonce: bytes) -> None:
    for extension in response.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            # RFC 9654 2.1: it may be left out (answers made in advance), but never be another.
            if extension.value.nonce != nonce:
                raise UnusableAnswer("The OCSP response answers another question (its nonce).")
        elif extension.critical:
            raise UnusableAnswer("The OCSP response has a demand that is not known here.")


def _find(
    response: ocsp.OCSPResponse, certificate: Certificate, issuer: Certificate
) -> ocsp.OCSPSingleResponse:
    serial = certificate.cryptography.serial_number
    for position, found in enumerate(response.responses):
        if position >= _MOST_ANSWERS:
            break
        if found.serial_number != serial:
            continue
        asked = _question(certificate, issuer, found.hash_algorithm).build()
        # RFC 6960 3.2 (1): the certificate in the response has to be the one asked for.
        if (found.issuer_name_hash, found.issuer_key_hash) == (
            asked.issuer_name_hash,
            asked.issuer_key_hash,
        ):
            return found
    raise UnusableAnswer("The OCSP response speaks of another certificate.")


def _question(
    certificate: Certificate, issuer: Certificate, algorithm: hashes.HashAlgorithm
) -> ocsp.OCSPRequestBuilder:
    return ocsp.OCSPRequestBuilder().add_certificate(
        certificate.cryptography, issuer.cryptography, algorithm
    )
