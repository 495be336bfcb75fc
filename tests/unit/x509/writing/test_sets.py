"""Ready-made sets: their files, in the right order, and what their README says."""

from base64 import b64decode
from datetime import timedelta

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, generate_private_key, key_fingerprint
from certwright.x509.reading import read_bundle
from certwright.x509.writing.sets.ready_set import Material, ReadySet
from certwright.x509.writing.sets.sap import snc_name

from ....materials.ready_sets import Unpacked, unpack
from ...foreign_authority import Issued, self_signed
from .conftest import AT

PASSWORD = "correct horse"


def material(issued: Issued, ready_set: ReadySet) -> Material:
    password = PASSWORD if ready_set.needs_password else ""
    return Material(issued.leaf, issued.chain, issued.key, password)


def made(issued: Issued, ready_set: ReadySet) -> Unpacked:
    return unpack(ready_set, material(issued, ready_set), AT)


@pytest.mark.parametrize(
    ("ready_set", "names"),
    [
        (ReadySet.NGINX, ["todd.corp.example.crt", "todd.corp.example.key", "root.crt"]),
        (ReadySet.HAPROXY, ["todd.corp.example.pem", "root.crt"]),
        (ReadySet.APACHE, ["todd.corp.example.crt", "todd.corp.example.key", "root.crt"]),
        (ReadySet.POSTGRESQL, ["server.crt", "server.key", "root.crt"]),
        (ReadySet.JAVA_KEYSTORE, ["keystore.p12", "truststore.p12"]),
        (ReadySet.KUBERNETES_SECRET, ["secret.yaml", "root.crt"]),
        (ReadySet.SAP_PSE, ["todd.corp.example.p12"]),
    ],
)
def test_files_have_the_names_that_the_program_wants(
    issued: Issued, ready_set: ReadySet, names: list[str]
) -> None:
    unpacked = made(issued, ready_set)
    assert unpacked.folder == "todd.corp.example"
    assert list(unpacked.files) == [*names, "README.txt"]
    for name in names:
        assert f"    {name} " in unpacked.readme


@pytest.mark.parametrize("ready_set", ReadySet)
def test_what_holds_the_key_is_for_its_owner_only(issued: Issued, ready_set: ReadySet) -> None:
    unpacked = made(issued, ready_set)
    public = {"root.crt", "truststore.p12", "README.txt", "server.crt", "todd.corp.example.crt"}
    for name, mode in unpacked.modes.items():
        assert mode == (0o644 if name in public else 0o600), name
        if name in public:
            assert b"PRIVATE KEY" not in unpacked.files[name]


@pytest.mark.parametrize("ready_set", ReadySet)
def test_readme_tells_what_it_is_and_how_to_check(issued: Issued, ready_set: ReadySet) -> None:
    readme = made(issued, ready_set).readme
    assert readme.startswith("todd.corp.example for ")
    assert "From Company Issuing, good from 23 November 2026 until 24 November 2027." in readme
    assert issued.leaf.fingerprint in readme
    assert PASSWORD not in readme
    assert "not complete" not in readme
    for heading in ("Files", "Configuration", "Check"):
        assert made(issued, ready_set).lines(heading)


def test_chain_then_key_for_haproxy(issued: Issued) -> None:
    text = made(issued, ReadySet.HAPROXY).files["todd.corp.example.pem"].decode()
    leaf, intermediate = issued.leaf.pem, issued.chain[0].pem
    assert text.startswith(leaf + intermediate + "-----BEGIN PRIVATE KEY-----\n")
    assert issued.chain[1].pem not in text


@pytest.mark.parametrize("ready_set", [ReadySet.NGINX, ReadySet.APACHE, ReadySet.POSTGRESQL])
def test_certificate_and_key_beside_each_other(issued: Issued, ready_set: ReadySet) -> None:
    files = made(issued, ready_set).files
    certificate, key, root, _ = files.values()
    assert certificate.decode() == issued.leaf.pem + issued.chain[0].pem
    assert read_bundle(certificate + key, None).private_key is not None
    assert root.decode() == issued.chain[1].pem


def test_kubernetes_takes_the_pair(issued: Issued) -> None:
    secret = yaml.safe_load(made(issued, ReadySet.KUBERNETES_SECRET).files["secret.yaml"])
    assert secret["apiVersion"] == "v1"
    assert (secret["kind"], secret["type"]) == ("Secret", "kubernetes.io/tls")
    assert secret["metadata"] == {"name": "todd-corp-example-tls"}
    assert set(secret["data"]) == {"tls.crt", "tls.key"}
    certificate, key = (b64decode(one, validate=True) for one in secret["data"].values())
    bundle = read_bundle(certificate + key, None)
    assert bundle.private_key is not None
    assert key_fingerprint(bundle.private_key.public_key()) == issued.leaf.key_fingerprint
    ingress = yaml.safe_load(made(issued, ReadySet.KUBERNETES_SECRET).lines("Configuration"))
    (tls,) = ingress["spec"]["tls"]
    assert tls == {
        "hosts": ["todd.corp.example", "alias.corp.example"],
        "secretName": secret["metadata"]["name"],
    }


@pytest.mark.parametrize("ready_set", [ReadySet.JAVA_KEYSTORE, ReadySet.SAP_PSE])
def test_key_store_holds_the_whole_chain(issued: Issued, ready_set: ReadySet) -> None:
    bundle = read_bundle(next(iter(made(issued, ready_set).files.values())), PASSWORD)
    assert bundle.private_key is not None
    assert set(bundle.certificates) == {issued.leaf, *issued.chain}


@pytest.mark.parametrize("ready_set", ReadySet)
def test_password_is_given_where_it_protects_something(issued: Issued, ready_set: ReadySet) -> None:
    password = "" if ready_set.needs_password else PASSWORD
    with pytest.raises(CertwrightError) as error:
        unpack(ready_set, Material(issued.leaf, issued.chain, issued.key, password), AT)
    assert error.value.code is ErrorCode.INVALID_INPUT


@pytest.mark.parametrize("ready_set", ReadySet)
def test_chain_that_does_not_reach_its_root_is_told(issued: Issued, ready_set: ReadySet) -> None:
    unpacked = made(Issued(issued.leaf, issued.key, issued.chain[:1]), ready_set)
    told = " ".join(unpacked.readme.split())
    assert "Company Root, which issued Company Issuing, is not in the stores" in told
    assert not {"root.crt", "truststore.p12"} & set(unpacked.files)
    assert "root.crt" not in unpacked.readme


def test_self_signed_is_its_own_root() -> None:
    issued = self_signed(["todd.corp.example"], AT)
    files = made(issued, ReadySet.NGINX).files
    assert files["root.crt"] == files["todd.corp.example.crt"]
    assert "From itself (self-signed)" in files["README.txt"].decode()


def with_names(*names: x509.GeneralName, subject: x509.Name | None = None) -> Issued:
    """A certificate whose maker wrote there what he liked."""
    key = generate_private_key(KeyType.EC_P256)
    common_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "odd")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject or common_name)
        .issuer_name(subject or common_name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(10))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    leaf = Certificate.from_cryptography(builder.sign(key, SHA256()))
    return Issued(leaf, key, ())


@pytest.mark.parametrize("ready_set", ReadySet)
def test_names_that_are_configuration_stay_out_of_it(ready_set: ReadySet) -> None:
    evil = "a; } include /etc/passwd; server { #"
    unpacked = made(with_names(x509.DNSName(evil), x509.DNSName("b.example")), ready_set)
    assert "passwd" not in unpacked.readme
    assert made(with_names(x509.DNSName(evil)), ReadySet.NGINX).lines("Check").count("localhost")


def test_wildcard_is_checked_at_a_host_below_it() -> None:
    issued = with_names(x509.DNSName("*.corp.example"))
    assert "server_name *.corp.example;" in made(issued, ReadySet.NGINX).readme
    assert "-connect www.corp.example:443" in made(issued, ReadySet.NGINX).readme
    apache = made(issued, ReadySet.APACHE).lines("Configuration")
    assert "ServerName www.corp.example" in apache
    assert "ServerAlias *.corp.example" in apache


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('a", O=Corp', r'"a\", O=Corp"'),
        ('a\\", O=Corp', r'"a\\\", O=Corp"'),
        ("a, b\\", r'"a, b\\"'),
        ("#3000", '"#3000"'),
    ],
)
def test_no_name_ends_its_value_in_the_snc_name(name: str, written: str) -> None:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    assert snc_name(with_names(subject=subject).leaf) == f"p:CN={written}"


def test_snc_name_is_as_sap_writes_it() -> None:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Baden-Württemberg"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Corp, Inc."),
            x509.NameAttribute(NameOID.COMMON_NAME, "todd.corp.example"),
        ]
    )
    issued = with_names(subject=subject)
    expected = 'p:CN=todd.corp.example, O="Corp, Inc.", SP=Baden-Württemberg, C=DE'
    assert snc_name(issued.leaf) == expected
    assert f"snc/identity/as = {expected}" in made(issued, ReadySet.SAP_PSE).readme
