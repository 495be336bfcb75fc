"""Java key stores of the kind JKS, for programs that read nothing newer."""

from collections.abc import Sequence
from secrets import token_bytes

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate
from certwright.x509.jks import DIGEST_SIZE, JKS_MAGIC, KEY_PROTECTOR, protect_key, store_digest
from certwright.x509.keys import PrivateKey, private_key_to_der
from certwright.x509.writing.der import der_element
from certwright.x509.writing.passwords import new_password, password_needed

_VERSION = 2
_KEY_ENTRY, _CERTIFICATE_ENTRY = 1, 2
_SHORTEST_PASSWORD = 6
_LONGEST_ALIAS = 128


def write_jks(
    leaf: Certificate,
    chain: Sequence[Certificate],
    private_key: PrivateKey | None,
    password: str | None,
    alias: str,
) -> bytes:
    """With a private key one entry, its chain with it; without, each certificate as trusted.

    The alias goes in lower case: Java looks for no other. Raises INVALID_INPUT for a key without
    a password, and for a password that Java's `keytool` would not take.
    """
    if private_key is not None and not password:
        raise password_needed()
    if password:
        new_password(password)
    if password and len(password) < _SHORTEST_PASSWORD:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"Java takes passwords of {_SHORTEST_PASSWORD} characters and more only.",
            "Give a longer password for the new file.",
        )
    name = _java_alias(alias)
    if private_key is not None:
        entries = [_key_entry(name, leaf, chain, private_key, password or "")]
    else:
        names = [name, *(f"{name}-issuer-{number}" for number in range(1, len(chain) + 1))]
        entries = [
            _entry(_CERTIFICATE_ENTRY, its_name, certificate) + _typed(certificate)
            for its_name, certificate in zip(names, (leaf, *chain), strict=True)
        ]
    content = JKS_MAGIC + _number(_VERSION, 4) + _number(len(entries), 4) + b"".join(entries)
    return content + store_digest(content, password or "")


def _java_alias(text: str) -> str:
    # Java's own variant of UTF-8 writes NUL and what is beyond the BMP in its own way, and its
    # reader stops at the usual one.
    plain = "".join(
        one if "\0" < one < "\ud800" or "\udfff" < one <= "\uffff" else "\ufffd" for one in text
    )
    return plain.lower()[:_LONGEST_ALIAS] or "server"


def _key_entry(
    alias: str,
    leaf: Certificate,
    chain: Sequence[Certificate],
    private_key: PrivateKey,
    password: str,
) -> bytes:
    hidden = protect_key(private_key_to_der(private_key), password, token_bytes(DIGEST_SIZE))
    # EncryptedPrivateKeyInfo (RFC 5958 3), its algorithm with NULL parameters.
    algorithm = der_element(0x30, der_element(0x06, KEY_PROTECTOR), der_element(0x05))
    key = der_element(0x30, algorithm, der_element(0x04, hidden))
    certificates = (leaf, *chain)
    return (
        _entry(_KEY_ENTRY, alias, leaf)
        + _counted(key, 4)
        + _number(len(certificates), 4)
        + b"".join(map(_typed, certificates))
    )


def _entry(kind: int, alias: str, certificate: Certificate) -> bytes:
    # When the entry was made, in milliseconds: the certificate's own beginning, so that the same
    # certificate gives the same entry.
    made = max(0, int(certificate.not_before.timestamp() * 1000))
    return _number(kind, 4) + _counted(alias.encode(), 2) + _number(made, 8)


def _typed(certificate: Certificate) -> bytes:
    return _counted(b"X.509", 2) + _counted(certificate.der, 4)


def _counted(content: bytes, size: int) -> bytes:
    return _number(len(content), size) + content


def _number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big")
