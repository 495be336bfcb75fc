"""A small authority for tests, all its dates around one fixed moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from certwright.x509.building import (
    AuthorityAddresses,
    build_intermediate,
    build_leaf,
    build_root,
)
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, PrivateKey, generate_private_key
from certwright.x509.names import parse_server_name

START = datetime(2026, 11, 1, tzinfo=UTC)
AT = datetime(2026, 11, 24, tzinfo=UTC)
NAME = "todd.corp.example"
ADDRESSES = AuthorityAddresses("http://pki.example/ca.crt", "http://pki.example/ca.crl")

_serials = count(1)


@dataclass(frozen=True)
class Authority:
    """A certificate that issues, its key, and what may stand below."""

    certificate: Certificate
    key: PrivateKey

    @classmethod
    def root(cls, name: str = "Root", days: int = 3653) -> "Authority":
        key = generate_private_key(KeyType.EC_P384)
        return cls.root_with(key, name, days)

    @classmethod
    def root_with(cls, key: PrivateKey, name: str, days: int) -> "Authority":
        certificate = build_root(
            name, "Corp", key, not_before=START, days=days, serial=next(_serials)
        )
        return cls(certificate, key)

    def authority(
        self,
        name: str = "Issuing",
        key: PrivateKey | None = None,
        days: int = 1096,
        path_length: int = 0,
    ) -> "Authority":
        key = key or generate_private_key(KeyType.EC_P256)
        certificate = build_intermediate(
            name,
            key.public_key(),
            self.certificate,
            self.key,
            organization="Corp",
            not_before=START,
            days=days,
            serial=next(_serials),
            addresses=ADDRESSES,
            path_length=path_length,
        )
        return Authority(certificate, key)

    def leaf(
        self,
        names: Sequence[str] = (NAME,),
        common_name: str | None = None,
        key_type: KeyType = KeyType.EC_P256,
        days: int = 47,
    ) -> Certificate:
        return build_leaf(
            generate_private_key(key_type).public_key(),
            [parse_server_name(name) for name in names],
            names[0] if common_name is None else common_name,
            self.certificate,
            self.key,
            not_before=START,
            not_after=START + timedelta(days),
            serial=next(_serials),
            addresses=ADDRESSES,
        )
