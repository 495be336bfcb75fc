"""Taking in a file with a certificate, whatever its format: PFX, PEM or DER."""

from dataclasses import dataclass

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.ber import INTEGER, OBJECT_IDENTIFIER, SEQUENCE, BerError, parse_ber
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey, key_fingerprint
from certwright.x509.pem import CERTIFICATE_LABELS, PemBlock, pem_blocks, read_private_key
from certwright.x509.pkcs12 import read_pkcs12
from certwright.x509.text import listed

LARGEST_FILE = 1024 * 1024
_MOST_ENTRIES = 500
_PFX_VERSION = 3
_ATTRIBUTES = 0xA0
_DATES = frozenset({0x17, 0x18})
"""UTCTime and GeneralizedTime."""
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Bundle:
    """What a file held: at least one certificate, and any private keys, in the file's order."""

    certificates: tuple[Certificate, ...]
    private_keys: tuple[PrivateKey, ...]

    @property
    def leaf(self) -> Certificate:
        """The certificate of a private key in the file; else the first that is no authority.

        Of several with that key (renewed with the same key), the one that lasts longest.
        """
        keys = self._keys()
        owned = [c for c in self.certificates if c.key_fingerprint in keys]
        if owned:
            return max(owned, key=lambda c: (not c.is_authority, c.not_after))
        servers = [c for c in self.certificates if not c.is_authority]
        return servers[0] if servers else self.certificates[0]

    @property
    def private_key(self) -> PrivateKey | None:
        """The private key of the leaf, or None."""
        return self._keys().get(self.leaf.key_fingerprint)

    @property
    def others(self) -> tuple[Certificate, ...]:
        """All certificates but the leaf."""
        leaf = self.leaf
        return tuple(c for c in self.certificates if c != leaf)

    def _keys(self) -> dict[str, PrivateKey]:
        return {key_fingerprint(key.public_key()): key for key in self.private_keys}


def read_bundle(data: bytes, password: str | None) -> Bundle:
    """Read PFX, PEM (in any order, with text around) or one certificate in DER.

    Raises TOO_LARGE, WRONG_PASSWORD (also where one is needed and none given) or
    UNREADABLE_CERTIFICATE, which names what was found instead.
    """
    if len(data) > LARGEST_FILE:
        raise CertwrightError(
            ErrorCode.TOO_LARGE,
            f"The file is larger than {LARGEST_FILE // 1024} KiB, which no certificate is.",
            "Choose the PFX or PEM file of the server's certificate.",
        )
    text = _as_ascii(data)
    blocks = tuple(pem_blocks(text))
    if blocks:
        return _read_pem(blocks, password)
    if data[:1] == bytes([SEQUENCE]):
        return _read_binary(data, password)
    raise _not_a_certificate(_foreign(text))


def _as_ascii(data: bytes) -> bytes:
    # Windows PowerShell's ">" writes UTF-16, and so turns a PEM file into something else.
    if data.startswith(_BYTE_ORDER_MARKS):
        return data.decode("utf-16", "replace").encode("ascii", "replace")
    return data


def _read_pem(blocks: tuple[PemBlock, ...], password: str | None) -> Bundle:
    if len(blocks) > _MOST_ENTRIES:
        raise CertwrightError(
            ErrorCode.TOO_LARGE,
            f"The file holds {len(blocks)} certificates and keys; {_MOST_ENTRIES} are the most.",
            "Keep only the server's certificate, its key and its chain in the file.",
        )
    certificates = [Certificate.from_der(b.der) for b in blocks if b.label in CERTIFICATE_LABELS]
    if not certificates:
        labels = tuple(dict.fromkeys(block.label for block in blocks))
        raise _not_a_certificate(f"PEM with {listed(labels)}")
    keys = [read_private_key(block, password) for block in blocks if block.is_private_key]
    return Bundle(tuple(dict.fromkeys(certificates)), tuple(keys))


def _read_binary(data: bytes, password: str | None) -> Bundle:
    kind = _binary_kind(data)
    if kind == "PFX":
        certificates, keys = read_pkcs12(data, password)
        if not certificates:
            raise _not_a_certificate("a PFX file with nothing but a private key")
        return Bundle(tuple(dict.fromkeys(certificates)), keys)
    if kind == "certificate":
        return Bundle((Certificate.from_der(data),), ())
    raise _not_a_certificate(kind)


def _binary_kind(data: bytes) -> str:
    try:
        children = parse_ber(data).children
    except BerError:
        return "a damaged or shortened file"
    if not children:
        return "a file of another kind"
    first = children[0]
    if first.tag == INTEGER:
        return "PFX" if first.number == _PFX_VERSION and len(children) in (2, 3) else "a bare key"
    if first.tag == OBJECT_IDENTIFIER:
        return "a PKCS#7 file (p7b), which never holds a private key"
    if first.tag != SEQUENCE:
        return "a file of another kind"
    tags = [child.tag for child in first.children]
    # RFC 2986 4.1: version, subject, subjectPKInfo, attributes. RFC 5280 5.1: a list's own dates
    # stand side by side, where a certificate's are within a SEQUENCE.
    if tags[:3] == [INTEGER, SEQUENCE, SEQUENCE] and tags[3:] in ([], [_ATTRIBUTES]):
        return "a signing request"
    if not _DATES.isdisjoint(tags):
        return "a revocation list"
    return "certificate"


def _foreign(data: bytes) -> str:
    if not data.strip():
        return "an empty file"
    if data.startswith((b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")):
        return "a Java key store (JKS)"
    if b"-----BEGIN " in data:
        return "PEM that is cut off: a BEGIN line without its END line"
    return "neither PFX nor PEM nor DER"


def _not_a_certificate(found: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE,
        f"The file is no certificate: it is {found}.",
        "Choose a PFX file, or PEM or DER with the certificate in it.",
    )
