"""One certificate with its chain, and its private key if wanted, in the format asked for."""

from collections.abc import Sequence
from enum import StrEnum

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey, private_key_to_pem
from certwright.x509.writing.jks import write_jks
from certwright.x509.writing.passwords import new_password, password_refused
from certwright.x509.writing.pfx import write_pfx


class ExportFormat(StrEnum):
    """The formats that are written; each value is what programs say."""

    PEM = "pem"
    PFX = "pfx"
    P7B = "p7b"
    DER = "der"
    JKS = "jks"

    @property
    def suffix(self) -> str:
        """How such a file's name ends, with the dot."""
        return ".cer" if self is ExportFormat.DER else f".{self.value}"

    @property
    def media_type(self) -> str:
        """For HTTP."""
        return _MEDIA_TYPES[self]

    @property
    def label(self) -> str:
        """What people call it."""
        return _LABELS[self]

    @property
    def use(self) -> str:
        """What a person chooses by."""
        return _USES[self]

    @property
    def may_hold_key(self) -> bool:
        """Whether a private key can be in it."""
        return self in (ExportFormat.PEM, ExportFormat.PFX, ExportFormat.JKS)


_MEDIA_TYPES = {
    ExportFormat.PEM: "application/x-pem-file",
    ExportFormat.PFX: "application/x-pkcs12",
    ExportFormat.P7B: "application/x-pkcs7-certificates",
    ExportFormat.DER: "application/pkix-cert",
    ExportFormat.JKS: "application/x-java-keystore",
}
_LABELS = {
    ExportFormat.PEM: "PEM",
    ExportFormat.PFX: "PFX (PKCS#12)",
    ExportFormat.P7B: "P7B (PKCS#7)",
    ExportFormat.DER: "DER (.cer)",
    ExportFormat.JKS: "JKS",
}
_USES = {
    ExportFormat.PEM: "Certificate and chain as text, for most programs under Linux",
    ExportFormat.PFX: "For Windows, and to move a certificate with its private key",
    ExportFormat.P7B: "Certificate and chain, never a private key",
    ExportFormat.DER: "The certificate alone",
    ExportFormat.JKS: "Java's older key store; Java 9 and newer take PFX",
}


def write_certificate(
    format: ExportFormat,  # noqa: A002 - the word everybody says
    leaf: Certificate,
    chain: Sequence[Certificate],
    private_key: PrivateKey | None,
    password: str | None,
    friendly_name: str,
    *,
    older_encryption: bool = False,
) -> bytes:
    """The file's bytes. `chain` is the issuers above the leaf up to the root, in order.

    DER leaves the chain out, PEM only its root: it is what a server sends. A private key in PEM
    is encrypted if a password is given (PKCS#8, PBES2 with AES-256); one in PFX or JKS needs a
    password. `older_encryption` makes a PFX with 3DES and SHA-1, for what cannot read AES-256:
    Windows Server 2016 and older, Java before 8u301. Raises INVALID_INPUT for a key without a
    password it needs, and for what the format does not have: a key, a password, an older
    encryption.
    """
    if private_key is not None and not format.may_hold_key:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"A {format.value.upper()} file cannot hold a private key.",
            "Choose PFX, PEM or JKS, or export without the private key.",
        )
    if password and private_key is None and format not in (ExportFormat.PFX, ExportFormat.JKS):
        raise password_refused(f"A {format.value.upper()} file without a private key")
    if older_encryption and format is not ExportFormat.PFX:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"A {format.value.upper()} file has no older encryption.",
            "Choose it for PFX only.",
        )
    match format:
        case ExportFormat.PEM:
            return write_pem(leaf, without_root(chain), private_key, password)
        case ExportFormat.PFX:
            return write_pfx(
                leaf, chain, private_key, password, friendly_name, older=older_encryption
            )
        case ExportFormat.P7B:
            certificates = [certificate.cryptography for certificate in (leaf, *chain)]
            return serialize_certificates(certificates, Encoding.DER)
        case ExportFormat.DER:
            return leaf.der
        case ExportFormat.JKS:
            return write_jks(leaf, chain, private_key, password, friendly_name)


def write_pem(
    leaf: Certificate,
    chain: Sequence[Certificate],
    private_key: PrivateKey | None,
    password: str | None = None,
) -> bytes:
    """The leaf first, then its chain, as every TLS server wants them; the key at the end."""
    text = "".join(certificate.pem for certificate in (leaf, *chain)).encode("ascii")
    if private_key is None:
        return text
    if not password:
        return text + private_key_to_pem(private_key).encode("ascii")
    encryption = BestAvailableEncryption(new_password(password))
    return text + private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def without_root(chain: Sequence[Certificate]) -> tuple[Certificate, ...]:
    """What a server sends of the chain: RFC 8446 4.4.2 lets it omit what clients must have."""
    return tuple(certificate for certificate in chain if not certificate.is_self_issued)
