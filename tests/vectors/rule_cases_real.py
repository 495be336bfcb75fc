"""Vectors that look like what people really have, field for field, with what an expert would say.

The certificates are made here; only their form is that of the products named.
"""

import subprocess
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from certwright.x509.certificate import Certificate

from .rule_authorities import (
    CLIENT_AUTH,
    NAME,
    SERVER_AUTH,
    START,
    Extension,
    Issuer,
    key_usage,
    new_key,
    odd_root,
)
from .rule_case import Case

_DOMAIN_VALIDATED = "2.23.140.1.2.1"
_ORGANIZATION_VALIDATED = "2.23.140.1.2.2"


def real_cases() -> list[Case]:
    return [
        *_active_directory(),
        *_lets_encrypt(),
        *_digicert(),
        *_windows(),
        *_openssl(),
        *_others(),
    ]


def _rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _key_identifier(key: Any) -> Extension:
    return Extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()))


def _issued_by(issuer: Issuer) -> Extension:
    identifier = x509.SubjectKeyIdentifier.from_public_key(issuer.key.public_key())
    return Extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier))


def _authority(path_length: int | None = None) -> Extension:
    return Extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)


def _server() -> Extension:
    return Extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)


def _address_of_issuer(*urls: str) -> Extension:
    return Extension(
        x509.AuthorityInformationAccess(
            [
                x509.AccessDescription(
                    AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(url)
                )
                for url in urls
            ]
        )
    )


def _revocation_list(url: str) -> Extension:
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
    return Extension(x509.CRLDistributionPoints([point]))


def _policy(identifier: str, statement: str | None = None) -> Extension:
    information = x509.PolicyInformation(
        x509.ObjectIdentifier(identifier), [statement] if statement else None
    )
    return Extension(x509.CertificatePolicies([information]))


def _microsoft(number: str, content: str) -> Extension:
    identifier = x509.ObjectIdentifier(f"1.3.6.1.4.1.311.{number}")
    return Extension(x509.UnrecognizedExtension(identifier, bytes.fromhex(content)))


def _active_directory() -> list[Case]:
    """Active Directory Certificate Services, template Web Server, two years."""
    root_key, key = _rsa_key(), _rsa_key()
    root = odd_root(
        "corp-DC01-CA",
        _authority(),
        Extension(key_usage("digital_signature", "key_cert_sign", "crl_sign")),
        _key_identifier(root_key),
        _microsoft("21.1", "020100"),
        key=root_key,
    )
    ldap = (
        "ldap:///CN=corp-DC01-CA,CN=AIA,CN=Public%20Key%20Services,CN=Services,DC=corp,DC=example"
    )
    extensions = (
        _key_identifier(key),
        _issued_by(root),
        _revocation_list(ldap + "?certificateRevocationList?base"),
        _address_of_issuer(ldap + "?cACertificate?base"),
        Extension(key_usage("digital_signature", "key_encipherment"), critical=True),
        Extension(
            x509.MSCertificateTemplate(
                x509.ObjectIdentifier("1.3.6.1.4.1.311.21.8.1234567.7654321.1.16"), 100, 3
            )
        ),
        _microsoft("21.10", "300c300a06082b06010505070301"),
    )
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Corp"),
            x509.NameAttribute(NameOID.COMMON_NAME, NAME),
        ]
    )
    leaf = root.odd(
        *extensions, public_key=key.public_key(), names=[NAME, "todd"], subject=subject, days=730
    )
    old = root.odd(*extensions, public_key=key.public_key(), subject=subject, names=(), days=730)
    roots, private = (root.certificate,), ("private-ca-for-cloud error", "lifetime-too-long error")
    return [
        Case("real-active-directory", leaf, (), (), roots),
        Case("real-active-directory-test", leaf, (), (), roots, "test"),
        Case("real-active-directory-no-names", old, ("san-lacks-name error",), (), roots),
        Case(
            "real-active-directory-cloud",
            root.odd(*extensions, public_key=key.public_key(), subject=subject, days=730),
            private,
            (),
            roots,
            "cloud",
        ),
    ]


def _lets_encrypt() -> list[Case]:
    """A chain of three with ECDSA, ninety days and six days; the latter without Common Name."""
    root = odd_root(
        "ISRG-like Root",
        _authority(),
        Extension(key_usage("key_cert_sign", "crl_sign"), critical=True),
        key=_rsa_key(4096),
        not_before=START - timedelta(4000),
        days=7300,
    )
    key = new_key()
    issuing = root.odd_authority(
        "E-like",
        _authority(0),
        Extension(key_usage("digital_signature", "key_cert_sign", "crl_sign"), critical=True),
        _key_identifier(key),
        _issued_by(root),
        _address_of_issuer("http://x1.i.lencr.example/"),
        _revocation_list("http://x1.c.lencr.example/"),
        _policy(_DOMAIN_VALIDATED),
        key=key,
        usages=[SERVER_AUTH, CLIENT_AUTH],
        not_before=START - timedelta(600),
    )
    leaf_key = new_key()
    extensions = (
        Extension(key_usage("digital_signature"), critical=True),
        _server(),
        _key_identifier(leaf_key),
        _issued_by(issuing),
        _address_of_issuer("http://e.i.lencr.example/"),
        _revocation_list("http://e.c.lencr.example/11.crl"),
        _policy(_DOMAIN_VALIDATED),
    )
    ninety = issuing.odd(*extensions, public_key=leaf_key.public_key(), days=90)
    six = issuing.odd(
        *extensions,
        public_key=leaf_key.public_key(),
        common_names=(),
        names=[NAME, "8.8.8.8"],
        days=6.6,
    )
    chain, roots = (issuing.certificate,), (root.certificate,)
    public: dict[str, Any] = {"public": roots, "given": chain}
    return [
        Case("real-lets-encrypt", ninety, (), chain, roots, **public),
        Case("real-lets-encrypt-cloud", ninety, (), chain, roots, "cloud", **public),
        Case(
            "real-lets-encrypt-six-days",
            six,
            ("cn-lacks-name warning",),
            chain,
            roots,
            "cloud",
            at="2026-11-04T00:00:00Z",
            **public,
        ),
    ]


def _digicert() -> list[Case]:
    """Organisation validated, RSA, 199 days; and one of 2021 with 397."""
    root_key, key, leaf_key = _rsa_key(), _rsa_key(), _rsa_key()
    root = odd_root(
        "DigiCert-like Global Root G2",
        _authority(),
        Extension(key_usage("digital_signature", "key_cert_sign", "crl_sign"), critical=True),
        _key_identifier(root_key),
        key=root_key,
        not_before=datetime(2013, 8, 1, tzinfo=UTC),
        days=8933,
    )
    issuing = root.odd_authority(
        "DigiCert-like TLS RSA SHA256 2020 CA1",
        _authority(0),
        Extension(key_usage("digital_signature", "key_cert_sign", "crl_sign"), critical=True),
        _key_identifier(key),
        _issued_by(root),
        _policy("2.5.29.32.0", "https://www.digicert.example/CPS"),
        key=key,
        usages=[SERVER_AUTH, CLIENT_AUTH],
        not_before=datetime(2020, 9, 24, tzinfo=UTC),
        days=3652,
    )
    extensions = (
        Extension(key_usage("digital_signature", "key_encipherment"), critical=True),
        _server(),
        _key_identifier(leaf_key),
        _issued_by(issuing),
        _address_of_issuer("http://cacerts.digicert.example/CA1.crt"),
        _revocation_list("http://crl3.digicert.example/CA1.crl"),
        _policy(_ORGANIZATION_VALIDATED, "https://www.digicert.example/CPS"),
    )
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Corp GmbH"),
            x509.NameAttribute(NameOID.COMMON_NAME, NAME),
        ]
    )
    more: dict[str, Any] = {
        "public_key": leaf_key.public_key(),
        "subject": subject,
        "usages": [SERVER_AUTH, CLIENT_AUTH],
    }
    leaf = issuing.odd(*extensions, days=199, **more)
    old = issuing.odd(*extensions, not_before=datetime(2021, 5, 1, tzinfo=UTC), days=397, **more)
    chain, roots = (issuing.certificate,), (root.certificate,)
    public: dict[str, Any] = {"public": roots, "given": chain}
    return [
        Case("real-digicert", leaf, (), chain, roots, **public),
        Case("real-digicert-cloud", leaf, (), chain, roots, "cloud", **public),
        Case("real-digicert-2021", old, (), chain, roots, at="2021-06-01T00:00:00Z", **public),
    ]


def _windows() -> list[Case]:
    """New-SelfSignedCertificate, and what the IIS console makes."""
    both = Extension(key_usage("digital_signature", "key_encipherment"), critical=True)
    shell = _self_signed(both, days=365, usages=[CLIENT_AUTH, SERVER_AUTH])
    console = _self_signed(Extension(key_usage("key_encipherment", "data_encipherment")), days=365)
    return [
        Case("real-new-self-signed-certificate", shell, (), environment="test"),
        Case(
            "real-new-self-signed-certificate-production",
            shell,
            ("self-signed-in-production error",),
        ),
        Case(
            "real-iis-self-signed",
            console,
            ("digital-signature-missing error",),
            environment="test",
        ),
    ]


def _self_signed(
    *extensions: Extension, days: float, usages: Sequence[str] = (SERVER_AUTH,)
) -> Certificate:
    key = _rsa_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(0x5A1DED)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(
            x509.ExtendedKeyUsage([x509.ObjectIdentifier(usage) for usage in usages]),
            critical=False,
        )
    )
    for extension in (*extensions, _key_identifier(key)):
        builder = builder.add_extension(extension.value, extension.critical)
    return Certificate.from_cryptography(builder.sign(key, hashes.SHA256()))


def _openssl() -> list[Case]:
    """`openssl req -x509`, and a small authority of one's own by `openssl x509 -req`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def openssl(line: str) -> Certificate | None:
            subprocess.run(["openssl", *line.split()], cwd=folder, check=True, capture_output=True)
            made = folder / "made.pem"
            if not made.exists():
                return None
            found = x509.load_pem_x509_certificate(made.read_bytes())
            made.rename(folder / f"{line.split()[-1]}.pem")
            return Certificate.from_cryptography(found)

        request = "req -x509 -newkey rsa:2048 -nodes -keyout own.key -days 365 -out made.pem -subj"
        own = openssl(f"{request} /CN={NAME} -addext subjectAltName=DNS:{NAME}")
        request = "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -days 3650 -out ca.pem -subj"
        openssl(f"{request} /CN=Lab-CA")
        openssl(f"req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN={NAME}")
        (folder / "names").write_text(f"subjectAltName=DNS:{NAME},IP:10.1.2.3\n")
        leaf = openssl(
            "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 "
            "-extfile names -out made.pem -sha256"
        )
        root = Certificate.from_cryptography(
            x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        )
    assert own is not None
    assert leaf is not None
    at = (leaf.not_before + timedelta(30)).isoformat()
    return [
        Case(
            "real-openssl-self-signed",
            own,
            ("self-signed-authority notice",),
            environment="test",
            at=at,
        ),
        Case(
            "real-openssl-self-signed-production",
            own,
            ("self-signed-in-production error",),
            at=at,
        ),
        Case("real-openssl-own-authority", leaf, (), (), (root,), at=at),
        Case("real-openssl-own-authority-with-root", leaf, (), (root,), (root,), "test", at=at),
    ]


def _others() -> list[Case]:
    """mkcert, which leaves the Common Name out, and Java's keytool."""
    root = odd_root(
        "mkcert admin@laptop",
        _authority(0),
        Extension(key_usage("key_cert_sign"), critical=True),
        key=_rsa_key(3072),
    )
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "mkcert development certificate")
    unit = x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "admin@laptop")
    mkcert = root.odd(
        Extension(key_usage("digital_signature", "key_encipherment"), critical=True),
        _issued_by(root),
        public_key=_rsa_key().public_key(),
        subject=x509.Name([organization, unit]),
        days=820,
    )
    keytool = _self_signed(days=365)
    return [
        Case("real-mkcert", mkcert, ("cn-lacks-name error",), (), (root.certificate,), "test"),
        Case("real-keytool", keytool, (), environment="test"),
    ]
