"""The internal authority: its profile to the letter, and an order of steps that loses nothing."""

import re
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from sqlalchemy import Engine, func, select

from certwright.authorities.authority import (
    CertificateRequest,
    IssuedCertificate,
    Progress,
    request_for,
)
from certwright.authorities.internal import abandon_issuances, find_authority
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.encryption import KEY_LENGTH, KeyEncryptionKey
from certwright.database.private_keys import PrivateKeyVault
from certwright.database.tables import certificates, issuances
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.server import Server
from certwright.x509.building import AuthorityAddresses
from certwright.x509.certificate import Certificate, is_signed_by
from certwright.x509.keys import KeyType, generate_private_key, key_fingerprint
from certwright.x509.names import NameKind, ServerName, parse_server_name

from ..composed_server import VAULT, Clock, compose_server
from ..tls_front import TlsFront

NAMES = ("todd.corp.example", "todd", "localhost", "192.0.2.7", "2001:db8::7")


def request(names: tuple[str, ...] = NAMES, days: int = 47) -> CertificateRequest:
    key = generate_private_key(KeyType.EC_P256)
    return request_for(key, tuple(map(parse_server_name, names)), timedelta(days=days), "ada")


def extension(certificate: Certificate, kind: type[x509.ExtensionType]) -> x509.Extension:  # type: ignore[type-arg]
    return certificate.cryptography.extensions.get_extension_for_class(kind)


def openssl(*arguments: str) -> str:
    """Run openssl; its output, and a failing test that names the Debian package without it."""
    try:
        result = subprocess.run(
            ["openssl", *arguments], capture_output=True, text=True, check=False, timeout=30
        )
    except FileNotFoundError:
        pytest.fail("The Debian package openssl is not installed.")
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture
def issued(server: Server, clock: Clock) -> IssuedCertificate:
    return server.authority.issue(request(), Progress(), clock())


def test_root_is_p384_for_ten_years_and_may_sign_only(server: Server, clock: Clock) -> None:
    root = server.authority.root
    assert root.key_description == "ECDSA P-384"
    assert isinstance(root.cryptography.signature_hash_algorithm, hashes.SHA384)
    assert root.is_self_signed
    assert root.not_before == clock() - timedelta(minutes=5)
    assert root.not_after.year == clock().year + 10
    constraints = extension(root, x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=None)


def test_intermediate_is_p256_for_three_years_and_issues_leaves_only(
    server: Server, clock: Clock
) -> None:
    intermediate = server.authority.intermediate
    assert intermediate.key_description == "ECDSA P-256"
    assert is_signed_by(intermediate, server.authority.root)
    assert intermediate.not_before == clock() - timedelta(minutes=5)
    assert intermediate.not_after.year == clock().year + 3
    constraints = extension(intermediate, x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)


@pytest.mark.parametrize("which", ["root", "intermediate"])
def test_key_usage_of_an_authority_is_signing_and_nothing_else(server: Server, which: str) -> None:
    certificate: Certificate = getattr(server.authority, which)
    usage = extension(certificate, x509.KeyUsage)
    assert usage.critical
    assert usage.value == x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    assert certificate.subject_key_identifier is not None


def test_leaf_has_the_profile_asked_for(
    server: Server, clock: Clock, issued: IssuedCertificate
) -> None:
    leaf = issued.leaf
    assert leaf.common_names == ("todd.corp.example",)
    assert leaf.names == NAMES
    assert leaf.extended_key_usages == ("1.3.6.1.5.5.7.3.1",)
    assert not leaf.is_authority
    assert leaf.not_before == clock() - timedelta(minutes=5)
    assert leaf.not_after == clock() + timedelta(days=47)
    assert is_signed_by(leaf, server.authority.intermediate)
    assert issued.intermediates == (server.authority.intermediate,)
    assert issued.root == server.authority.root
    usage = extension(leaf, x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_encipherment
    assert not usage.value.key_cert_sign


def test_identifiers_point_from_each_to_its_issuer(
    server: Server, issued: IssuedCertificate
) -> None:
    root, intermediate = server.authority.root, server.authority.intermediate
    assert issued.leaf.authority_key_identifier == intermediate.subject_key_identifier
    assert intermediate.authority_key_identifier == root.subject_key_identifier
    assert issued.leaf.subject_key_identifier is not None


def test_issuer_and_its_list_are_told_where_they_are_published(
    server: Server, issued: IssuedCertificate
) -> None:
    authority = server.authority
    for certificate, issuer in (
        (issued.leaf, authority.intermediate),
        (authority.intermediate, authority.root),
    ):
        base = f"http://todd.corp.example:{server.ports.publication}"
        access = extension(certificate, x509.AuthorityInformationAccess).value
        points = extension(certificate, x509.CRLDistributionPoints).value
        assert [entry.access_location.value for entry in access] == [
            f"{base}/ca/{issuer.fingerprint}.cer"
        ]
        assert [name.value for point in points for name in point.full_name] == [
            f"{base}/crl/{issuer.fingerprint}.crl"
        ]


def test_serial_numbers_are_random_and_have_twenty_octets(server: Server, clock: Clock) -> None:
    wanted = request(("a.example",))
    leaves = [server.authority.issue(wanted, Progress(), clock()).leaf for _ in range(10)]
    serials = [leaf.cryptography.serial_number for leaf in leaves]
    serials += [
        server.authority.root.cryptography.serial_number,
        server.authority.intermediate.cryptography.serial_number,
    ]
    assert len(set(serials)) == len(serials)
    # RFC 5280 4.1.2.2: "positive", and as DER has a sign bit 20 octets hold 159 bits.
    assert {(serial.bit_length() + 8) // 8 for serial in serials} == {20}
    assert len({serial >> 100 for serial in serials}) == len(serials)


def test_openssl_sees_and_verifies_the_same(
    server: Server, issued: IssuedCertificate, tmp_path: Path
) -> None:
    root, intermediate = server.authority.root, server.authority.intermediate
    files = {"root": root, "intermediate": intermediate, "leaf": issued.leaf}
    for name, certificate in files.items():
        (tmp_path / f"{name}.pem").write_text(certificate.pem)
    at = str(int(server.now().timestamp()))
    for purpose in ("sslserver", "any"):
        openssl(
            *("verify", "-x509_strict", "-purpose", purpose, "-attime", at),
            *("-verify_hostname", "todd.corp.example"),
            *("-CAfile", str(tmp_path / "root.pem")),
            *("-untrusted", str(tmp_path / "intermediate.pem"), str(tmp_path / "leaf.pem")),
        )
    text = openssl("x509", "-in", str(tmp_path / "leaf.pem"), "-noout", "-text")
    plain = re.sub(r"\s+", " ", text)
    assert "TLS Web Server Authentication X509v3" in plain
    assert "IP Address:192.0.2.7" in plain
    assert "DNS:todd.corp.example, DNS:todd, DNS:localhost" in plain
    assert "X509v3 Key Usage: critical Digital Signature X509v3" in plain
    text = openssl("x509", "-in", str(tmp_path / "intermediate.pem"), "-noout", "-text")
    assert "CA:TRUE, pathlen:0" in text
    assert "prime256v1" in text
    text = openssl("x509", "-in", str(tmp_path / "root.pem"), "-noout", "-text")
    assert "secp384r1" in text
    assert "Certificate Sign, CRL Sign" in text


def test_leaf_never_outlives_its_issuer(server: Server) -> None:
    intermediate = server.authority.intermediate
    late = intermediate.not_after - timedelta(days=3)
    leaf = server.authority.issue(request(days=47), Progress(), late).leaf
    assert leaf.not_after == intermediate.not_after


def test_authority_that_ran_out_issues_nothing_and_says_so(
    server: Server, database: Engine
) -> None:
    after = server.authority.intermediate.not_after + timedelta(seconds=1)
    with pytest.raises(CertwrightError) as error:
        server.authority.issue(request(), Progress(), after)
    assert error.value.code is ErrorCode.CHAIN_BROKEN
    assert str(after.year) in error.value.message
    with database.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(issuances)) == 0


def test_issuance_is_recorded_from_intent_to_end(
    database: Engine, clock: Clock, issued: IssuedCertificate
) -> None:
    with database.connect() as connection:
        row = connection.execute(select(issuances)).one()
    assert (row.state, row.failure, row.actor) == ("issued", None, "ada")
    assert row.serial == issued.leaf.serial
    assert row.fingerprint == issued.leaf.fingerprint
    assert tuple(row.names) == NAMES
    assert row.intended_at == row.finished_at == clock()


def states(database: Engine) -> list[str]:
    with database.connect() as connection:
        return list(connection.scalars(select(issuances.c.state)))


def stored_certificates(database: Engine) -> int:
    with database.connect() as connection:
        return connection.scalar(select(func.count()).select_from(certificates)) or 0


def test_intent_is_recorded_before_anything_is_signed(
    server: Server, database: Engine, clock: Clock
) -> None:
    seen: list[str] = []

    def addresses(issuer: Certificate) -> AuthorityAddresses:
        seen.extend(states(database))  # as everybody else sees it, at the moment of building
        return server.authority.addresses(issuer)

    replace(server.authority, addresses=addresses).issue(request(), Progress(), clock())
    assert seen[0] == "intended"
    assert states(database) == ["issued"]


def test_what_could_not_be_stored_is_not_handed_out(
    server: Server, database: Engine, clock: Clock
) -> None:
    def keep(*_: object) -> None:
        raise ConnectionError("the database is lost at the worst moment")

    with pytest.raises(ConnectionError):
        replace(server.authority, keep=keep).issue(request(), Progress(), clock())
    assert states(database) == ["intended"]  # the auditor sees that something was begun
    abandon_issuances(database, clock())
    assert states(database) == ["failed"]
    assert stored_certificates(database) == 2  # root and intermediate


def test_refused_twin_is_recorded_as_failed_and_nothing_is_signed(
    server: Server, database: Engine, clock: Clock
) -> None:
    odd = ServerName(NameKind.IP, "2001:0db8::0007")  # not as a certificate gives it back
    wanted = replace(request(), names=(parse_server_name("todd.corp.example"), odd))
    with pytest.raises(CertwrightError) as error:
        server.authority.issue(wanted, Progress(), clock())
    assert error.value.code is ErrorCode.INTERNAL
    with database.connect() as connection:
        row = connection.execute(select(issuances)).one()
    assert (row.state, row.failure) == ("failed", error.value.message)
    assert row.finished_at == clock()
    assert row.fingerprint is None
    assert stored_certificates(database) == 2


def test_missing_key_of_the_authority_is_told_of(server: Server, clock: Clock) -> None:
    stranger = PrivateKeyVault(KeyEncryptionKey(bytes(KEY_LENGTH)))
    with pytest.raises(CertwrightError) as error:
        replace(server.authority, vault=stranger).issue(request(), Progress(), clock())
    assert error.value.code is ErrorCode.WRONG_KEY_ENCRYPTION_KEY


def test_authority_is_found_again_as_it_was_made(server: Server, database: Engine) -> None:
    with database.connect() as connection:
        found = find_authority(connection)
    assert found is not None
    assert found.root == server.authority.root
    assert found.intermediate == server.authority.intermediate


def test_before_it_is_made_there_is_none(database: Engine) -> None:
    with database.connect() as connection:
        assert find_authority(connection) is None


def test_root_key_is_not_in_the_database(server: Server, root_keys: RootKeyFolder) -> None:
    with server.database.connect() as connection, pytest.raises(CertwrightError) as error:
        VAULT.get(connection, server.authority.root.key_fingerprint)
    assert error.value.code is ErrorCode.NO_PRIVATE_KEY
    root_key = root_keys.get(server.authority.root.key_fingerprint)
    assert key_fingerprint(root_key.public_key()) == server.authority.root.key_fingerprint


def test_long_name_is_in_the_names_and_not_in_the_common_name(server: Server, clock: Clock) -> None:
    name = ".".join(["a" * 40] * 3) + ".example"
    leaf = server.authority.issue(request((name,)), Progress(), clock()).leaf
    assert leaf.names == (name,)
    assert leaf.common_names == ()
    assert extension(leaf, x509.SubjectAlternativeName).critical


def test_authority_of_a_long_name_keeps_within_the_bounds_of_a_subject(
    database: Engine, front: TlsFront, clock: Clock, root_keys: RootKeyFolder
) -> None:
    name = ".".join(["a" * 40] * 3) + ".example"
    server = compose_server(database, front, front.ports, clock, root_keys, names=[name])
    for certificate in (server.authority.root, server.authority.intermediate):
        (organization,) = certificate.cryptography.subject.get_attributes_for_oid(
            NameOID.ORGANIZATION_NAME
        )
        assert organization.value == name[:64]
