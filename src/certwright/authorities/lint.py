"""The last look before signing, at a twin signed with a throw-away key."""

from certwright.authorities.authority import CertificateRequest
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate
from certwright.x509.keys import key_fingerprint

_LONGEST_SERIAL = 20
"""RFC 5280 4.1.2.2: "Conforming CAs MUST NOT use serialNumber values longer than 20 octets"."""


def lint_certificate(twin: Certificate, request: CertificateRequest, issuer: Certificate) -> None:
    """Raise INTERNAL, naming what is wrong, if the certificate must not be signed."""
    serial = twin.cryptography.serial_number
    wrong = [
        sentence
        for is_right, sentence in (
            (set(twin.names) == {name.value for name in request.names}, "its names differ"),
            (twin.key_fingerprint == key_fingerprint(request.public_key), "its key differs"),
            (not twin.is_authority, "it could issue certificates itself"),
            (
                twin.extended_key_usages == request.profile.usages,
                "it is for something else than was asked for",
            ),
            (
                serial > 0 and (serial.bit_length() // 8 + 1) <= _LONGEST_SERIAL,
                "its serial number is out of bounds",
            ),
            (
                issuer.not_before <= twin.not_before and twin.not_after <= issuer.not_after,
                "it would outlive its issuer",
            ),
            (
                twin.authority_key_identifier == issuer.subject_key_identifier,
                "it does not point to its issuer's key",
            ),
            (twin.issuer == issuer.subject, "its issuer's name differs"),
        )
        if not is_right
    ]
    if wrong:
        raise CertwrightError(
            ErrorCode.INTERNAL,
            f"The certificate was not signed: {'; '.join(wrong)}.",
            "Nothing was issued. Report this with the node's log.",
        )
