"""The certificates in PKCS#7 files (p7b, p7c; CMS, RFC 5652), which never hold a private key."""

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.ber import CONTEXT_0, SEQUENCE, BerError, Element
from certwright.x509.contents import Contents

SIGNED_DATA = "1.2.840.113549.1.7.2"
_OTHERS = {
    "1.2.840.113549.1.7.1": "a message without certificates",
    "1.2.840.113549.1.7.3": "a message encrypted to somebody's certificate",
    "1.2.840.113549.1.7.6": "an encrypted message",
    "1.2.840.113549.1.9.16.1.9": "a compressed message, which is not unpacked here",
    "1.2.840.113549.1.9.16.1.23": "a message encrypted to somebody's certificate",
}


def read_pkcs7(outline: Element, contents: Contents, where: str) -> None:
    """Add the certificates in the ContentInfo `outline` to `contents`.

    They stand there in any order: it is a set. Raises UNREADABLE_CERTIFICATE.
    """
    try:
        identifier, wrapped = outline.children
        if identifier.identifier != SIGNED_DATA:
            found = _OTHERS.get(identifier.identifier, "of a kind that holds no certificates")
            raise _without_certificates(where, found)
        certificates = _certificates(wrapped.children[0])
    except BerError as flaw:
        raise _damaged(where, f"at byte {flaw.position:,} {flaw.reason}") from None
    except (ValueError, IndexError):
        raise _damaged(where, "what lies within does not fit together") from None
    if not certificates:
        raise _without_certificates(where, "a signed message without certificates")
    for number, certificate in enumerate(certificates, 1):
        contents.add_certificate(certificate.encoded, f"Certificate {number} in {where}")


def _certificates(signed_data: Element) -> tuple[Element, ...]:
    # RFC 5652 5.1: SignedData ::= SEQUENCE { version, digestAlgorithms, encapContentInfo,
    #   certificates [0] IMPLICIT CertificateSet OPTIONAL, ... }; 10.2.2: the other choices of
    # CertificateSet have tags of their own.
    for element in signed_data.children[3:4]:
        if element.tag == CONTEXT_0:
            return tuple(child for child in element.children if child.tag == SEQUENCE)
    return ()


def _without_certificates(where: str, found: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE,
        f"No certificate is in {where}: it is {found}.",
        "Choose a file with the certificate in it, such as PFX, PEM, DER or a p7b with the chain.",
    )


def _damaged(where: str, why: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE,
        f"The PKCS#7 structure of {where} is damaged: {why}.",
        "Export it again, and copy it as it is.",
    )
