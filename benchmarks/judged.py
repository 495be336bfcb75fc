"""A store of server certificates as companies have them, for judging them all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations, count, cycle, islice

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certwright.x509.building import (
    AuthorityAddresses,
    build_intermediate,
    build_leaf,
    build_root,
    build_self_signed,
)
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, PrivateKey, PublicKey, generate_private_key
from certwright.x509.names import ServerName, parse_server_name

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
_ADDRESSES = AuthorityAddresses("http://pki.example/ca.crt", "http://pki.example/ca.crl")
_RSA_KEYS = 24
"""Their primes, two by two, make a thousand moduli at no cost."""
_KINDS = ("RSA", "RSA", "P-256", "P-256", "P-384")
_FATES = (*("right",) * 7, "expired", "self-signed", "issuer missing")
_serials = count(1)


@dataclass(frozen=True)
class JudgedStore:
    """For each server its certificates in DER, of years, and the authorities at hand."""

    leaves: dict[ServerName, tuple[bytes, ...]]
    authorities: tuple[Certificate, ...]


@dataclass(frozen=True)
class _Authority:
    certificate: Certificate
    key: PrivateKey


def make_store(servers: int, of_each: int) -> JudgedStore:
    """Leaves, each with a key of its own: 40 % RSA 2048, 40 % P-256, 20 % P-384.

    Two authorities (RSA and ECDSA) of two levels issued them; of ten leaves one has expired, one is
    self-signed, and one's issuer is not at hand.
    """
    levels = [_levels(name, kind) for name, kind in _AUTHORITIES.items()]
    stranger = _levels("Stranger", KeyType.EC_P256)[1]
    rsa_keys = _rsa_public_keys()
    leaves: dict[ServerName, tuple[bytes, ...]] = {}
    for index, (kind, fate) in enumerate(islice(_kinds_and_fates(), servers * of_each)):
        name = parse_server_name(f"node-{index % servers}.corp.example")
        public = next(rsa_keys) if kind == "RSA" else _elliptic_key(kind).public_key()
        issuer = stranger if fate == "issuer missing" else levels[index % len(levels)][1]
        leaf = _self_signed(name) if fate == "self-signed" else _leaf(name, public, issuer, fate)
        leaves[name] = (*leaves.get(name, ()), leaf.der)
    return JudgedStore(leaves, tuple(one.certificate for both in levels for one in both))


_AUTHORITIES = {"Corp": KeyType.RSA_4096, "Corp ECDSA": KeyType.EC_P384}


def _kinds_and_fates() -> Iterator[tuple[str, str]]:
    # 5 and 10 share a factor, so the fates move on by one each time round.
    for turn in count():
        for index in range(len(_FATES)):
            yield _KINDS[(turn + index) % len(_KINDS)], _FATES[index]


def _levels(name: str, kind: KeyType) -> tuple[_Authority, _Authority]:
    begin = NOW - timedelta(400)
    root_key = generate_private_key(kind)
    root = build_root(
        f"{name} Root", "Corp", root_key, not_before=begin, days=3653, serial=next(_serials)
    )
    key = generate_private_key(KeyType.EC_P256 if kind is KeyType.EC_P384 else KeyType.RSA_2048)
    issuing = build_intermediate(
        f"{name} Issuing",
        key.public_key(),
        root,
        root_key,
        organization="Corp",
        not_before=begin,
        days=1826,
        serial=next(_serials),
        addresses=_ADDRESSES,
    )
    return _Authority(root, root_key), _Authority(issuing, key)


def _leaf(name: ServerName, public: PublicKey, issuer: _Authority, fate: str) -> Certificate:
    until = NOW - timedelta(3) if fate == "expired" else NOW + timedelta(60)
    return build_leaf(
        public,
        [name],
        name.value,
        issuer.certificate,
        issuer.key,
        not_before=until - timedelta(90),
        not_after=until,
        serial=next(_serials),
        addresses=_ADDRESSES,
    )


def _self_signed(name: ServerName) -> Certificate:
    return build_self_signed(
        generate_private_key(KeyType.EC_P256),
        [name],
        name.value,
        not_before=NOW - timedelta(30),
        not_after=NOW + timedelta(60),
        serial=next(_serials),
    )


def _elliptic_key(kind: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1() if kind == "P-256" else ec.SECP384R1())


def _rsa_public_keys() -> Iterator[rsa.RSAPublicKey]:
    made = (rsa.generate_private_key(65537, 2048).private_numbers() for _ in range(_RSA_KEYS))
    primes = [prime for numbers in made for prime in (numbers.p, numbers.q)]
    products = (p * q for p, q in combinations(primes, 2))
    return cycle(rsa.RSAPublicNumbers(65537, product).public_key() for product in products)
