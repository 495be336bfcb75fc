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

    Without a private key Java takes it for a trust store, and it may go without a password.
    Raises INVALID_INPUT for a private key without a password.
    """
    encryption = file_encryption(password, needed=private_key is not None, older=older)
    if private_key is None:
        return _trusted((leaf, *chain), friendly_name or "certificate", encryption)
    name = friendly_name.encode("utf-8", "replace") or None
    others = [certificate.cryptography for certificate in chain]
    return serialize_key_and_certificates(name, private_key, leaf.cryptography, others, encryption)


def write_java_truststore(root: Certificate, password: str) -> bytes:
    """A file whose one certificate Java trusts; raises INVALID_INPUT without a password."""
    return _trusted((root,), "root", file_encryption(password, needed=True))


def _trusted(
    certificates: Sequence[Certificate], name: str, encryption: KeySerializationEncryption
) -> bytes:
    # With the attribute that marks them as trusted: Java does not see others at all, and to
    # every other program it means nothing.
    names = [name, *(f"{name}-issuer-{number}" for number in range(1, len(certificates)))]
    entries = [
        PKCS12Certificate(certificate.cryptography, its_name.encode("utf-8", "replace"))
        for certificate, its_name in zip(certificates, names, strict=True)
    ]
    return serialize_java_truststore(entries, encryption)


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
