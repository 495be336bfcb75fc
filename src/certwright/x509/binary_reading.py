"""Binary files: told apart by their outline, and read."""

import re
from enum import StrEnum

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.ber import (
    CONTEXT_0,
    GENERALIZED_TIME,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    UTC_TIME,
    BerError,
    Element,
    first_element,
)
from certwright.x509.contents import Contents
from certwright.x509.key_reading import decrypt_private_key, read_private_key_der
from certwright.x509.password import password_missing, possible_secrets, wrong_password
from certwright.x509.password_encryption import DoesNotOpenError
from certwright.x509.pkcs7 import read_pkcs7
from certwright.x509.pkcs12 import read_pkcs12

_DATES = frozenset({UTC_TIME, GENERALIZED_TIME})
_ENUMERATED, _BIT_STRING = 0x0A, 0x03
_KEY_VERSIONS = (0, 1, 2)
_PAIR = frozenset({CONTEXT_0, 0xA1})
"""ITU-T X.509 11.2.3: CertificatePair, as directories keep them."""
_MAIL = re.compile(rb"^MIME-Version:", re.IGNORECASE | re.MULTILINE)
_LONGEST_HEADER = 8192


class _Kind(StrEnum):
    CERTIFICATE = "a certificate"
    PKCS7 = "a PKCS#7 file"
    PFX = "a PFX file"
    KEY = "a private key"
    ENCRYPTED_KEY = "an encrypted private key"
    PUBLIC_KEY = "a public key"
    NUMBERS = "a public key, or parameters without a key"
    PAIR = "a pair of certificates with which two authorities sign each other"
    REQUEST = "a signing request"
    REVOCATION_LIST = "a revocation list"
    OCSP_RESPONSE = "an OCSP response"
    OCSP_REQUEST = "an OCSP request"
    OTHER = "a file of another kind"


def read_binary(data: bytes, password: str | None, contents: Contents, where: str) -> str:
    """Add what the DER or BER in `data` holds to `contents`; returns the format's name.

    `where` is how errors name it. Raises TOO_LARGE, WRONG_PASSWORD, UNREADABLE_CERTIFICATE.
    """
    outline = _outline(data, where)
    match _kind(outline, where):
        case _Kind.CERTIFICATE:
            contents.add_certificate(outline.encoded, where[:1].upper() + where[1:])
            return "DER"
        case _Kind.PKCS7:
            read_pkcs7(outline, contents, where)
            return "PKCS#7"
        case _Kind.PFX:
            name = "the PFX file" if where == "the file" else f"the PFX structure in {where}"
            read_pkcs12(outline, password, contents, name)
            if not contents.certificates and not contents.private_keys:
                raise _no_certificate("a PFX file with neither certificate nor private key", where)
            return "PKCS#12"
        case _Kind.KEY:
            title = "The private key"
            key = read_private_key_der(outline.encoded, contents.budget, title)
            contents.add_private_key(key)
            return "DER"
        case _Kind.ENCRYPTED_KEY:
            _read_encrypted_key(outline, password, contents)
            return "DER"
        case other:
            raise _no_certificate(other.value, where)


def describe_binary(data: bytes) -> str:
    """What `data` is, that does not begin as any of the known formats does."""
    if b"-----BEGIN " in data:
        return "PEM with a BEGIN line that is damaged"
    if _MAIL.search(data[:_LONGEST_HEADER]):
        return "an e-mail message"
    return "neither PFX nor PEM nor DER nor a Java key store"


def _outline(data: bytes, where: str) -> Element:
    try:
        element = first_element(data)
    except BerError as flaw:
        raise _damaged(where, flaw) from None
    rest = data[element.end :]
    # Tools that copy whole blocks leave zeros at the end, editors a line end. Neither can change
    # what was read, so refusing them would help nobody; anything else may be half of something.
    if rest.strip(b"\0\r\n\t \x1a"):
        raise _damaged(where, BerError("something follows that does not belong to it", element.end))
    return element


def _read_encrypted_key(outline: Element, password: str | None, contents: Contents) -> None:
    what = "the private key"
    if password is None:
        raise password_missing(what)
    try:
        secrets = possible_secrets(password)
        key = decrypt_private_key(outline, secrets, contents.budget, "The private key")
    except DoesNotOpenError:
        raise wrong_password(what) from None
    contents.add_private_key(key)


def _kind(outline: Element, where: str) -> _Kind:
    try:
        return _kind_of(outline.children) if outline.tag == SEQUENCE else _Kind.OTHER
    except BerError as flaw:
        raise _damaged(where, flaw) from None


def _kind_of(children: tuple[Element, ...]) -> _Kind:
    if not children:
        return _Kind.OTHER
    first, tags = children[0], [child.tag for child in children]
    if set(tags) == {INTEGER} and first.number not in _KEY_VERSIONS:
        return _Kind.NUMBERS
    if set(tags) <= _PAIR:
        return _Kind.PAIR
    if first.tag == INTEGER:
        return _Kind.PFX if _is_pfx(children) else _Kind.KEY
    if tags[0] == OBJECT_IDENTIFIER and tags[1:] == [CONTEXT_0]:
        return _Kind.PKCS7
    if tags[0] == _ENUMERATED:
        return _Kind.OCSP_RESPONSE
    if tags == [SEQUENCE, OCTET_STRING]:
        return _Kind.ENCRYPTED_KEY
    if tags == [SEQUENCE, _BIT_STRING]:
        return _Kind.PUBLIC_KEY
    if first.tag != SEQUENCE:
        return _Kind.OTHER
    return _kind_of_signed(tuple(child.tag for child in first.children), len(children))


def _kind_of_signed(within: tuple[int, ...], parts: int) -> _Kind:
    # RFC 2986 4.1: version, subject, subjectPKInfo, attributes. RFC 5280 5.1: a list's own dates
    # stand side by side, where a certificate's are within a SEQUENCE. RFC 6960 4.1.1: a request
    # has nothing but its tbsRequest, signed or not.
    if within[:3] == (INTEGER, SEQUENCE, SEQUENCE) and within[3:] in ((), (CONTEXT_0,)):
        return _Kind.REQUEST
    if not _DATES.isdisjoint(within):
        return _Kind.REVOCATION_LIST
    if parts < 3:
        return _Kind.OCSP_REQUEST
    return _Kind.CERTIFICATE


def _is_pfx(children: tuple[Element, ...]) -> bool:
    return len(children) in (2, 3) and children[0].number == 3 and children[1].tag == SEQUENCE


def _damaged(where: str, flaw: BerError) -> CertwrightError:
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE,
        f"{where[:1].upper()}{where[1:]} is no certificate: it is a damaged or shortened file "
        f"(at byte {flaw.position:,} {flaw.reason}).",
        "Export it again, and copy it as it is (not as text).",
    )


def _no_certificate(found: str, where: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE,
        f"{where[:1].upper()}{where[1:]} is no certificate: it is {found}.",
        "Choose a PFX file, or PEM or DER with the certificate in it.",
    )
