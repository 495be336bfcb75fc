"""An authority that is not the node's: of the company, or public, or with a mistake."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from certwright.x509.building import (
    AuthorityAddresses,
    build_intermediate,
    build_leaf,
    build_root,
    build_self_signed,
)
from certwright.x509.certificate import Certificate
from certwright.x509.keys import (
    KeyType,
    PrivateKey,
    PublicKey,
    generate_private_key,
    private_key_to_pem,
)
from certwright.x509.names import parse_server_name
from certwright.x509.profile import Profile

_serials = count(0x4000)
ADDRESSES = AuthorityAddresses("http://ca.example/ca.cer", "http://ca.example/ca.crl")


@dataclass(frozen=True)
class Issued:
    """A leaf with its private key and what stands above it."""

    leaf: Certificate
    key: PrivateKey
    chain: tuple[Certificate, ...]

    @property
    def pem(self) -> bytes:
        """Leaf, chain and key in one PEM file."""
        certificates = "".join(certificate.pem for certificate in (self.leaf, *self.chain))
        return (certificates + private_key_to_pem(self.key)).encode()

    @property
    def pem_without_key(self) -> bytes:
        """The leaf alone, as anybody may have it."""
        return self.leaf.pem.encode()

    def pfx(self, password: str | None) -> bytes:
        """Leaf, chain and key as PKCS#12."""
        encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        others = [certificate.cryptography for certificate in self.chain]
        return serialize_key_and_certificates(
            b"server", self.key, self.leaf.cryptography, others, encryption
        )


class ForeignAuthority:
    """A root and an intermediate, good from a year before `at` to ten years after."""

    def __init__(self, at: datetime, organization: str = "Foreign") -> None:
        self._at = at
        self._root_key = generate_private_key(KeyType.EC_P256)
        self._organization = organization
        self.root = build_root(
            f"{organization} Root",
            organization,
            self._root_key,
            not_before=at - timedelta(days=365),
            days=3650,
            serial=next(_serials),
        )
        self._make_intermediate(f"{organization} Issuing")

    def _make_intermediate(self, name: str) -> None:
        self.key = generate_private_key(KeyType.EC_P256)
        self.intermediate = build_intermediate(
            name,
            self.key.public_key(),
            self.root,
            self._root_key,
            organization=self._organization,
            not_before=self._at - timedelta(days=365),
            days=3000,
            serial=next(_serials),
            addresses=ADDRESSES,
        )

    def with_another_intermediate(self) -> "ForeignAuthority":
        """The same authority, issuing by another intermediate of the same root."""
        other = copy(self)
        other._make_intermediate(f"{self._organization} Issuing 2")
        return other

    def issue(
        self,
        names: Sequence[str],
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        with_root: bool = True,
    ) -> Issued:
        """A server certificate, good from a day before to a year after, if not said otherwise."""
        key = generate_private_key(KeyType.EC_P256)
        leaf = self.sign(key.public_key(), names, not_before=not_before, not_after=not_after)
        chain = (self.intermediate, self.root) if with_root else (self.intermediate,)
        return Issued(leaf, key, chain)

    def sign(
        self,
        public_key: PublicKey,
        names: Sequence[str],
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        profile: Profile = Profile.SERVER,
    ) -> Certificate:
        """As `issue`, for a key that somebody else has."""
        return build_leaf(
            public_key,
            [parse_server_name(name) for name in names],
            names[0],
            self.intermediate,
            self.key,
            not_before=not_before or self._at - timedelta(days=1),
            not_after=not_after or self._at + timedelta(days=365),
            serial=next(_serials),
            addresses=ADDRESSES,
            profile=profile,
        )


def self_signed(
    names: Sequence[str],
    at: datetime,
    key_type: KeyType = KeyType.EC_P256,
    *,
    key: PrivateKey | None = None,
) -> Issued:
    """A certificate signed with its own key, a new one if none is given, good for a year."""
    key = key or generate_private_key(key_type)
    certificate = build_self_signed(
        key,
        [parse_server_name(name) for name in names],
        names[0],
        not_before=at - timedelta(days=1),
        not_after=at + timedelta(days=365),
        serial=next(_serials),
    )
    return Issued(certificate, key, ())
