"""What a new certificate can no longer do, told before it is taken on."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certwright.lifecycle.renewal.comparison import compare, losses
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, PrivateKey, generate_private_key

NOW = datetime(2026, 11, 25, tzinfo=UTC)
ROOT_KEY = generate_private_key(KeyType.EC_P256)
EC = generate_private_key(KeyType.EC_P256)
EC_384 = generate_private_key(KeyType.EC_P384)
RSA = generate_private_key(KeyType.RSA_2048)
RSA_3072 = generate_private_key(KeyType.RSA_3072)
SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


@dataclass(frozen=True)
class Wish:
    """A leaf, by default good for 90 days and for one name."""

    names: tuple[str, ...] = ("todd.corp.example",)
    usages: tuple[x509.ObjectIdentifier, ...] | None = (SERVER,)
    key: PrivateKey = EC
    start: int = 0
    days: int = 90
    issuer: str = "Issuing CA"
    stapling: bool = False

    def made(self) -> Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.names[0])])
        builder = _builder(subject, self.issuer, self.key, NOW + timedelta(self.start), self.days)
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in self.names])
        builder = builder.add_extension(alternatives, critical=False)
        if self.usages is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage(self.usages), critical=False)
        if self.stapling:
            feature = x509.TLSFeature([x509.TLSFeatureType.status_request])
            builder = builder.add_extension(feature, critical=False)
        return Certificate.from_cryptography(builder.sign(ROOT_KEY, hashes.SHA256()))


def _builder(
    subject: x509.Name, issuer: str, key: PrivateKey, start: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days))
    )


def root(name: str, key: PrivateKey) -> Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return Certificate.from_cryptography(
        _builder(subject, name, key, NOW, 3000).sign(key, hashes.SHA256())
    )


def codes(old: Wish, new: Wish) -> dict[str, bool]:
    return {one.code: one.is_loss for one in compare([old.made()], [new.made()])}


LATER = Wish(start=60)


def test_a_renewal_like_the_one_before_has_no_difference() -> None:
    assert codes(Wish(), LATER) == {}


BOTH = (SERVER, CLIENT)
ONE, TWO, WILD = ("a.corp.example",), ("a.corp.example", "b.corp.example"), ("*.corp.example",)
ANY = (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (Wish(names=TWO), replace(LATER, names=ONE), {"names-lost": True}),
        (Wish(names=ONE), replace(LATER, names=TWO), {"names-gained": False}),
        (Wish(names=ONE), replace(LATER, names=WILD), {"names-gained": False}),
        (Wish(names=WILD), replace(LATER, names=ONE), {"names-lost": True}),
        (Wish(usages=BOTH), LATER, {"usages-lost": True}),
        (Wish(usages=None), LATER, {"usages-limited": True}),
        (Wish(), replace(LATER, usages=None), {}),
        (Wish(), replace(LATER, usages=BOTH), {}),
        (Wish(usages=BOTH), replace(LATER, usages=ANY), {}),
        (Wish(key=RSA), LATER, {"key-kind-changed": True}),
        (Wish(), replace(LATER, key=RSA), {"key-kind-changed": False}),
        (Wish(key=RSA_3072), replace(LATER, key=RSA), {"key-size-changed": True}),
        (Wish(key=EC), replace(LATER, key=EC_384), {"key-size-changed": False}),
        (Wish(days=200), LATER, {"ends-earlier": True}),
        (Wish(days=90), Wish(start=80, days=20), {"lifetime-shorter": False}),
        (Wish(), replace(LATER, issuer="Other CA"), {"issuer-changed": True}),
        (Wish(), replace(LATER, stapling=True), {"stapling-demanded": True}),
    ],
)
def test_each_difference_is_told(old: Wish, new: Wish, expected: dict[str, bool]) -> None:
    assert codes(old, new) == expected


def test_another_intermediate_under_the_same_root_is_no_loss() -> None:
    top = root("Root", ROOT_KEY)
    differences = compare([Wish().made(), top], [Wish(issuer="Issuing CA 2", start=60).made(), top])
    assert [one.code for one in differences] == ["issuer-changed"]
    assert not losses(differences)


def test_another_root_is_a_loss() -> None:
    differences = compare(
        [Wish().made(), root("Root 1", ROOT_KEY)], [LATER.made(), root("Root 2", EC)]
    )
    assert [one.code for one in losses(differences)] == ["root-changed"]


def test_the_same_root_key_with_a_new_certificate_is_no_loss() -> None:
    differences = compare(
        [Wish().made(), root("Root", ROOT_KEY)], [LATER.made(), root("Root", ROOT_KEY)]
    )
    assert not losses(differences)


def test_sentences_name_what_was_lost() -> None:
    (lost,) = compare([Wish(usages=(SERVER, CLIENT)).made()], [LATER.made()])
    assert "Client" in lost.sentence or "client" in lost.sentence
