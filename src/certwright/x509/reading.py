"""Taking in certificates and private keys, whatever the file: PEM, DER, PKCS#7, PFX or JKS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.binary_reading import describe_binary, read_binary
from certwright.x509.certificate import Certificate
from certwright.x509.contents import Contents
from certwright.x509.derivation import Budget
from certwright.x509.encodings import as_bytes
from certwright.x509.jks import JCEKS_MAGIC, JKS_MAGIC, read_jks
from certwright.x509.keys import PrivateKey, key_fingerprint
from certwright.x509.pem import PKCS7_LABELS, all_pem_blocks
from certwright.x509.pem_reading import describe_blocks, read_pem

LARGEST_FILE = 1024 * 1024


@dataclass(frozen=True)
class Bundle:
    """What one file held, or several together: certificates and private keys, in their order.

    At least one of either. No certificate and no key is there twice.
    """

    certificates: tuple[Certificate, ...]
    private_keys: tuple[PrivateKey, ...]
    format: str = "PEM"
    """As people say it: PEM, DER, PKCS#7, PKCS#12, JKS."""
    friendly_names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What the file calls a certificate, by its fingerprint."""

    @cached_property
    def leaf(self) -> Certificate:
        """The certificate of a private key in the file; else the first that is no authority.

        Of several with that key (renewed with the same key), the one that lasts longest. Raises
        UNREADABLE_CERTIFICATE if there is nothing but a private key.
        """
        if not self.certificates:
            raise CertwrightError(
                ErrorCode.UNREADABLE_CERTIFICATE,
                "The file holds a private key but no certificate.",
                "Choose the file with the certificate, or both files together.",
            )
        owned = self.identities
        if owned:
            return max(owned, key=lambda c: (not c.is_authority, c.not_after))
        servers = [c for c in self.certificates if not c.is_authority]
        return servers[0] if servers else self.certificates[0]

    @property
    def private_key(self) -> PrivateKey | None:
        """The private key of the leaf, or None."""
        return self._keys.get(self.leaf.key_fingerprint)

    @property
    def others(self) -> tuple[Certificate, ...]:
        """All certificates but the leaf."""
        leaf = self.leaf
        return tuple(c for c in self.certificates if c != leaf)

    @property
    def identities(self) -> tuple[Certificate, ...]:
        """The certificates whose private key is here too."""
        return tuple(c for c in self.certificates if c.key_fingerprint in self._keys)

    @cached_property
    def _keys(self) -> dict[str, PrivateKey]:
        return {key_fingerprint(key.public_key()): key for key in self.private_keys}


def read_bundle(data: bytes, password: str | None, budget: Budget | None = None) -> Bundle:
    """Read a file of any known format, by what is in it and not by its name.

    Of several files that are read together, all take from one `budget` of key derivation.
    Raises TOO_LARGE, WRONG_PASSWORD (also where one is needed and none given) or
    UNREADABLE_CERTIFICATE, which names what was found instead, or which part is damaged.
    """
    if len(data) > LARGEST_FILE:
        raise CertwrightError(
            ErrorCode.TOO_LARGE,
            f"The file is larger than {LARGEST_FILE // 1024} KiB, which no certificate is.",
            "Choose the PFX or PEM file of the server's certificate.",
        )
    contents = Contents(budget or Budget())
    kind = _read_into(contents, as_bytes(data), password)
    return _bundle(contents.certificates, contents.private_keys, kind, contents.friendly_names)


def join_bundles(bundles: Sequence[Bundle]) -> Bundle:
    """What several files chosen together hold, such as certificate, private key and chain."""
    names: dict[str, str] = {}
    for bundle in bundles:
        names = {**bundle.friendly_names, **names}
    return _bundle(
        [certificate for bundle in bundles for certificate in bundle.certificates],
        [key for bundle in bundles for key in bundle.private_keys],
        " and ".join(dict.fromkeys(bundle.format for bundle in bundles)),
        names,
    )


def _read_into(contents: Contents, data: bytes, password: str | None) -> str:
    if data.startswith(JKS_MAGIC):
        read_jks(data, password, contents)
        if not contents.certificates and not contents.private_keys:
            raise _nothing_for_us("a Java key store (JKS) with nothing in it")
        return "JKS"
    blocks = tuple(all_pem_blocks(data))
    if blocks:
        read_pem(blocks, password, contents, read_binary)
        if not contents.certificates and not contents.private_keys:
            raise _nothing_for_us(describe_blocks(blocks))
        # What PKCS#7 holds has no order, whatever it is wrapped in.
        return "PKCS#7" if {block.label for block in blocks} <= PKCS7_LABELS else "PEM"
    if data[:1] == b"\x30":
        return read_binary(data, password, contents, "the file")
    raise _nothing_for_us(_foreign(data))


def _bundle(
    certificates: list[Certificate],
    keys: list[PrivateKey],
    kind: str,
    friendly_names: Mapping[str, str],
) -> Bundle:
    distinct = {key_fingerprint(key.public_key()): key for key in reversed(keys)}
    return Bundle(
        tuple(dict.fromkeys(certificates)),
        tuple(reversed(distinct.values())),
        kind,
        MappingProxyType(dict(friendly_names)),
    )


def _foreign(data: bytes) -> str:
    if not data.strip():
        return "an empty file"
    if data.startswith(JCEKS_MAGIC):
        return "a Java key store of the kind JCEKS (`keytool -importkeystore` makes PKCS#12 of it)"
    if data.startswith((b"ssh-", b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-")):
        return "an SSH public key"
    if data.startswith(b"PK\x03\x04"):
        return "a ZIP archive"
    return describe_binary(data)


def _nothing_for_us(found: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE,
        f"The file is no certificate: it is {found}.",
        "Choose a PFX file, or PEM or DER with the certificate in it.",
    )
