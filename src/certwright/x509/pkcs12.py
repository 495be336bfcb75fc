"""PFX files (PKCS#12, RFC 7292), as Windows, Java, OpenSSL and others write them.

Walked here, layer by layer, instead of by the library: that gives one key of several, and runs
whatever derivation the file asks for, also one that shows only once an outer layer is open.
"""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.ber import BMP_STRING, BerError, Element, parse_ber
from certwright.x509.contents import Contents
from certwright.x509.derivation import HASHES, derive_pkcs12
from certwright.x509.key_reading import (
    decrypt_private_key,
    read_private_key_der,
    unknown_encryption,
)
from certwright.x509.keys import PrivateKey
from certwright.x509.password import Secret, possible_secrets, refused_password
from certwright.x509.password_encryption import (
    DoesNotOpenError,
    UnknownEncryptionError,
    algorithm_parts,
    decrypt,
    hmac_hash,
    is_pbkdf2,
    pbkdf2_key,
)

_DATA = "1.2.840.113549.1.7.1"
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_ENVELOPED_DATA = "1.2.840.113549.1.7.3"
_ENCRYPTED_DATA = "1.2.840.113549.1.7.6"
_BAGS = "1.2.840.113549.1.12.10.1."
_KEY_BAG, _SHROUDED_KEY_BAG, _CERTIFICATE_BAG, _NESTED_BAG = (f"{_BAGS}{n}" for n in (1, 2, 3, 6))
_X509_CERTIFICATE = "1.2.840.113549.1.9.22.1"
_FRIENDLY_NAME = "1.2.840.113549.1.9.20"
_PBMAC1 = "1.2.840.113549.1.5.14"
_MAC_USE = 3
_DEEPEST = 4


def read_pkcs12(outline: Element, password: str | None, contents: Contents, where: str) -> None:
    """Add what the PFX structure `outline` holds to `contents`.

    Raises WRONG_PASSWORD, also where one is needed and none given, UNREADABLE_CERTIFICATE, or
    TOO_LARGE where opening it would take absurdly long. `where` is how errors name the file.
    """
    try:
        _read(outline, password, contents, where)
    except UnknownEncryptionError as error:
        raise unknown_encryption(where, error) from None
    except _DamagedPartError as damage:
        raise _damaged(where, str(damage)) from None


class _DamagedPartError(Exception):
    """Its text says in which part, and what is wrong there."""


@contextmanager
def _within(part: str) -> Iterator[None]:
    """Say of what is damaged within that it is in `part`; the innermost part counts."""
    try:
        yield
    except BerError as flaw:
        raise _DamagedPartError(f"in {part}, at byte {flaw.position:,}, {flaw.reason}") from None
    except (ValueError, IndexError):
        raise _DamagedPartError(f"what lies in {part} does not fit together") from None


def _read(outline: Element, password: str | None, contents: Contents, where: str) -> None:
    with _within("its outermost layer"):
        _, safe, *mac = outline.children
        kind, content = _content(safe)
        authenticated = content.octets
    if kind != _DATA:
        raise _unsupported(where, "signed" if kind == _SIGNED_DATA else "encrypted")
    for secret in possible_secrets(password):
        with _within("its MAC"):
            if mac and not _is_authentic(mac[0], authenticated, secret, contents):
                continue
        reader = _Reader(contents, secret, where)
        try:
            found = list(reader.bags(authenticated))
            reader.take(found)
        except DoesNotOpenError:
            if mac:
                raise _other_password_within(where) from None
            continue
        return
    raise refused_password(password, where)


@dataclass(frozen=True)
class _Bag:
    kind: str
    value: Element
    friendly_name: str


class _Reader:
    def __init__(self, contents: Contents, secret: Secret, where: str) -> None:
        self._contents = contents
        self._secret = secret
        self._where = where

    def bags(self, authenticated: bytes) -> Iterator[_Bag]:
        # RFC 7292 4.1: AuthenticatedSafe ::= SEQUENCE OF ContentInfo
        with _within("the list of its parts"):
            parts = parse_ber(authenticated).children
        for number, part in enumerate(parts, 1):
            with _within(f"its part {number} of {len(parts)}"):
                yield from self._safe_contents(part)

    def take(self, bags: list[_Bag]) -> None:
        # Keys first: should one not open, nothing was taken.
        owned = [bag for bag in bags if bag.kind in (_KEY_BAG, _SHROUDED_KEY_BAG)]
        for key in [self._private_key(bag, n, len(owned)) for n, bag in enumerate(owned, 1)]:
            self._contents.add_private_key(key)
        certificates = (bag for bag in bags if bag.kind == _CERTIFICATE_BAG)
        for number, bag in enumerate(certificates, 1):
            self._take_certificate(bag, number)

    def _private_key(self, bag: _Bag, number: int, of: int) -> PrivateKey:
        which = "The private key" if of == 1 else f"Private key {number}"
        budget, where = self._contents.budget, f"{which} in {self._where}"
        if bag.kind == _KEY_BAG:
            return read_private_key_der(bag.value.encoded, budget, where)
        return decrypt_private_key(bag.value, (self._secret,), budget, where)

    def _decrypted(self, content: Element) -> bytes:
        # RFC 5652 8: EncryptedData ::= SEQUENCE { version, encryptedContentInfo, ... }, and
        # EncryptedContentInfo ::= SEQUENCE { type, algorithm, encryptedContent [0] IMPLICIT }
        _, algorithm, encrypted = content.children[1].children
        return decrypt(algorithm, encrypted.octets, self._secret, self._contents.budget)

    def _safe_contents(self, part: Element) -> Iterator[_Bag]:
        kind, content = _content(part)
        if kind == _DATA:
            yield from self._each(parse_ber(content.octets), 0)
        elif kind == _ENCRYPTED_DATA:
            yield from self._each(parse_ber(self._decrypted(content)), 0)
        elif kind == _ENVELOPED_DATA:
            raise _unsupported(self._where, "encrypted")

    def _each(self, safe: Element, depth: int) -> Iterator[_Bag]:
        if depth > _DEEPEST:
            raise BerError("bags lie too deep", safe.start)
        for bag in safe.children:
            # RFC 7292 4.2: SafeBag ::= SEQUENCE { bagId, bagValue [0] EXPLICIT, attributes SET }
            identifier, (value,), *attributes = (
                bag.children[0],
                bag.children[1].children,
                *bag.children[2:],
            )
            if identifier.identifier == _NESTED_BAG:
                yield from self._each(value, depth + 1)
            else:
                yield _Bag(identifier.identifier, value, _friendly_name(attributes))

    def _take_certificate(self, bag: _Bag, number: int) -> None:
        # RFC 7292 4.2.3: CertBag ::= SEQUENCE { certId, certValue [0] EXPLICIT OCTET STRING }
        with _within(f"the bag of its certificate {number}"):
            identifier, wrapped = bag.value.children
            der = wrapped.children[0].octets
        if identifier.identifier == _X509_CERTIFICATE:
            where = f"Certificate {number} in {self._where}"
            self._contents.add_certificate(der, where, bag.friendly_name)


def _content(information: Element) -> tuple[str, Element]:
    """The type and the content of a ContentInfo (RFC 5652 3)."""
    identifier, wrapped = information.children
    return identifier.identifier, wrapped.children[0] if wrapped.children else wrapped


def _is_authentic(mac: Element, data: bytes, secret: Secret, contents: Contents) -> bool:
    # RFC 7292 4: MacData ::= SEQUENCE { mac DigestInfo, macSalt, iterations DEFAULT 1 }
    information, salt, *more = mac.children
    algorithm, expected = information.children
    identifier, parameters = algorithm_parts(algorithm)
    if identifier == _PBMAC1:
        # RFC 9579 3: the salt and the rounds are within the algorithm.
        derivation, scheme = parameters
        kind, numbers = algorithm_parts(derivation)
        if not is_pbkdf2(kind):
            raise UnknownEncryptionError(kind)
        chosen = hmac_hash(algorithm_parts(scheme)[0])
        key = pbkdf2_key(numbers, secret, chosen().digest_size, contents.budget)
    elif identifier in HASHES:
        chosen = HASHES[identifier]
        rounds = (more[0].number or 0) if more else 1
        size = chosen().digest_size
        key = derive_pkcs12(
            contents.budget, secret.bmp, salt.octets, rounds, size, chosen, _MAC_USE
        )
    else:
        raise UnknownEncryptionError(identifier)
    return hmac.compare_digest(hmac.digest(key, data, chosen().name), expected.octets)


def _friendly_name(attributes: list[Element]) -> str:
    # RFC 7292 4.2: PKCS12Attribute ::= SEQUENCE { attrId, attrValues SET OF }
    for attribute in attributes[0].children if attributes else ():
        match attribute.children:
            case identifier, values if identifier.identifier == _FRIENDLY_NAME and values.children:
                value = values.children[0]
                encoding = "utf-16-be" if value.tag == BMP_STRING else "utf-8"
                return value.content.decode(encoding, "replace").strip("\0")
    return ""


def _damaged(where: str, damage: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE,
        f"{_capital(where)} is damaged: {damage}.",
        "Export it again, and copy it as it is (not as text).",
    )


def _other_password_within(where: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.WRONG_PASSWORD,
        f"The password is that of {where}, but does not open the private key or the "
        "certificates within: they have another one, or are damaged.",
        "Export it again with one password for everything.",
    )


def _unsupported(where: str, how: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE,
        f"{_capital(where)} is {how} with a certificate instead of a password.",
        "Export it again, protected by a password.",
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
