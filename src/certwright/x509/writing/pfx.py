"""PFX files (PKCS#12), encrypted so that what reads them today can."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PBES,
    PKCS12Certificate,
    serialize_java_truststore,
    serialize_key_and_certificates,
)

from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey
from certwright.x509.writing.passwords import new_password, password_needed

_ROUNDS = 100_000
"""Of PBKDF2; a few hundredths of a second for whoever opens the file."""
_OLDER_ROUNDS = 2_048
"""What programs that know nothing newer write themselves."""


def write_pfx(
    leaf: Certificate,
    chain: Sequence[Certificate],
    private_key: PrivateKey | None,
    password: str | None,
    friendly_name: str,
    *,
    older: bool = False,
) -> bytes:
    """AES-256 with PBKDF2 and HMAC-SHA-256; with `older`, 3DES and HMAC-SHA-1.

    Raises INVALID_INPUT for a private key without a password.
    """
    encryption = file_encryption(password, needed=private_key is not None, older=older)
    name = friendly_name.encode("utf-8", "replace") or None
    others = [certificate.cryptography for certificate in chain]
    if private_key is None:
        named = PKCS12Certificate(leaf.cryptography, name)
        every = [named, *(PKCS12Certificate(other, None) for other in others)]
        return serialize_key_and_certificates(None, None, None, every, encryption)
    return serialize_key_and_certificates(name, private_key, leaf.cryptography, others, encryption)


def write_java_truststore(roots: Sequence[Certificate], password: str) -> bytes:
    """A PKCS#12 file whose certificates Java trusts; others carry no mark that says so."""
    entries = [
        PKCS12Certificate(root.cryptography, f"root-{number}".encode("ascii"))
        for number, root in enumerate(roots, 1)
    ]
    return serialize_java_truststore(entries, file_encryption(password, needed=True))


def file_encryption(
    password: str | None, *, needed: bool, older: bool = False
) -> KeySerializationEncryption:
    """How a file is encrypted; raises INVALID_INPUT if `needed` and there is no password."""
    if not password:
        if needed:
            raise password_needed()
        return NoEncryption()
    builder = PrivateFormat.PKCS12.encryption_builder()
    if older:
        builder = (
            builder.kdf_rounds(_OLDER_ROUNDS)
            .key_cert_algorithm(PBES.PBESv1SHA1And3KeyTripleDESCBC)
            .hmac_hash(SHA1())  # noqa: S303 - what those programs can check
        )
    else:
        builder = (
            builder.kdf_rounds(_ROUNDS)
            .key_cert_algorithm(PBES.PBESv2SHA256AndAES256CBC)
            .hmac_hash(SHA256())
        )
    return builder.build(new_password(password))
