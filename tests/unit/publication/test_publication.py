"""What others download in the clear: readable by openssl, renewed in time."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certwright.authorities.acme.challenge_answers import keep_answer
from certwright.authorities.acme.challenges import Challenge, ChallengeKind
from certwright.authorities.root_keys import RootKeyFolder
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.revocation import (
    LEAF_LIST_LIFETIME,
    ROOT_LIST_LIFETIME,
    current_revocation_list,
)
from certwright.lifecycle.server import Server
from certwright.node.application import build_application
from certwright.publication.addresses import PublicationAddresses
from certwright.x509.certificate import Certificate
from certwright.x509.names import parse_server_name

from ..composed_server import Clock
from ..web_client import TestClient


@pytest.fixture
def client(server: Server, root_keys: RootKeyFolder) -> TestClient:
    """Anybody: publication needs no token."""
    return TestClient(build_application(server, root_keys, "token"))


def openssl(*arguments: str) -> str:
    """Run openssl; its output, and a failing test that names the Debian package without it."""
    try:
        result = subprocess.run(
            ["openssl", *arguments], capture_output=True, text=True, check=False, timeout=30
        )
    except FileNotFoundError:
        pytest.fail("The Debian package openssl is not installed.")
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def number_of(der: bytes) -> int:
    revocation_list = x509.load_der_x509_crl(der)
    return revocation_list.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_root_is_published_as_pem(client: TestClient, server: Server, tmp_path: Path) -> None:
    answer = client.get("/publication/root.pem")
    assert answer.headers["content-type"].startswith("application/x-pem-file")
    (tmp_path / "root.pem").write_bytes(answer.content)
    shown = openssl("x509", "-in", str(tmp_path / "root.pem"), "-noout", "-fingerprint", "-sha256")
    assert server.authority.root.fingerprint in shown.replace(":", "").lower()
    assert answer.text == server.authority.root.pem


@pytest.mark.parametrize("which", ["root", "intermediate"])
def test_certificates_and_lists_are_where_the_certificates_say(
    client: TestClient, server: Server, tmp_path: Path, which: str
) -> None:
    issuer: Certificate = getattr(server.authority, which)
    addresses = PublicationAddresses(server.names[0], server.ports.publication).of_authority(issuer)
    base = f"http://todd.corp.example:{server.ports.publication}"
    # RFC 2585 4.1 and 4.2: the media types of both.
    answer = client.get(addresses.ca_certificate_url.replace(base, "/publication"))
    assert answer.headers["content-type"] == "application/pkix-cert"
    assert answer.content == issuer.der
    answer = client.get(addresses.revocation_list_url.replace(base, "/publication"))
    assert answer.headers["content-type"] == "application/pkix-crl"
    (tmp_path / "issuer.pem").write_text(issuer.pem)
    (tmp_path / "list.crl").write_bytes(answer.content)
    shown = openssl(
        *("crl", "-inform", "DER", "-in", str(tmp_path / "list.crl")),
        *("-CAfile", str(tmp_path / "issuer.pem"), "-noout", "-text"),
    )
    assert "verify OK" in shown
    assert "No Revoked Certificates" in shown


def test_openssl_checks_a_leaf_against_both_lists(
    client: TestClient, server: Server, tmp_path: Path
) -> None:
    leaf = provide_certificate(server, None).issued
    assert leaf is not None
    authority = server.authority
    (tmp_path / "root.pem").write_text(authority.root.pem)
    (tmp_path / "intermediate.pem").write_text(authority.intermediate.pem)
    (tmp_path / "leaf.pem").write_text(leaf.pem)
    lists = ""
    for issuer in (authority.root, authority.intermediate):
        der = client.get(f"/publication/crl/{issuer.fingerprint}.crl").content
        pem = x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)
        lists += pem.decode()
    (tmp_path / "lists.pem").write_text(lists)
    # A client's clock may be some minutes behind.
    for at in (server.now(), server.now() - timedelta(minutes=4)):
        openssl(
            *("verify", "-crl_check_all", "-attime", str(int(at.timestamp()))),
            *("-CAfile", str(tmp_path / "root.pem"), "-CRLfile", str(tmp_path / "lists.pem")),
            *("-untrusted", str(tmp_path / "intermediate.pem"), str(tmp_path / "leaf.pem")),
        )


def test_an_authority_finds_the_answer_to_its_token_and_no_other(
    client: TestClient, server: Server
) -> None:
    challenge = Challenge(ChallengeKind.HTTP_01, server.names[0], "to-Ken_1", "to-Ken_1.thumb")
    with server.database.begin() as connection:
        keep_answer(connection, server.vault.key, challenge, server.now())
    answer = client.get("/publication/acme-challenge/to-Ken_1")
    assert answer.content == b"to-Ken_1.thumb"
    # RFC 8555 8.3: the media type, and no character more than the answer.
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == "no-store"
    for path in ("to-Ken_2", "to-Ken_1%00", "to-Ken_1%0a", "..%2fto-Ken_1", "a" * 300, ""):
        assert client.get(f"/publication/acme-challenge/{path}").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/ca/abc.cer", "/crl/abc.crl", "/ca/.cer", "/ca/%2e%2e%2fabc.cer", "/ca/%00.cer", "/other"],
)
def test_what_is_not_published_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(f"/publication{path}").status_code == 404


def test_list_is_the_same_until_half_of_its_time_is_over(
    server: Server, root_keys: RootKeyFolder, clock: Clock
) -> None:
    issuer = server.authority.intermediate
    first = current_revocation_list(server, root_keys, issuer)
    clock.move(LEAF_LIST_LIFETIME / 2 - timedelta(minutes=1))
    assert current_revocation_list(server, root_keys, issuer) == first
    clock.move(timedelta(minutes=1))
    second = current_revocation_list(server, root_keys, issuer)
    assert second != first
    assert (number_of(first), number_of(second)) == (1, 2)
    loaded = x509.load_der_x509_crl(second)
    assert loaded.next_update_utc == clock() + LEAF_LIST_LIFETIME


def test_lists_of_both_are_counted_apart(
    server: Server, root_keys: RootKeyFolder, clock: Clock
) -> None:
    root, intermediate = server.authority.root, server.authority.intermediate
    current_revocation_list(server, root_keys, intermediate)
    clock.move(LEAF_LIST_LIFETIME)
    assert number_of(current_revocation_list(server, root_keys, intermediate)) == 2
    assert number_of(current_revocation_list(server, root_keys, root)) == 1


def test_while_the_root_key_is_away_its_last_list_is_given_out(
    server: Server, root_keys: RootKeyFolder, clock: Clock, tmp_path: Path
) -> None:
    root = server.authority.root
    first = current_revocation_list(server, root_keys, root)
    (file,) = root_keys.folder.iterdir()
    away = file.rename(tmp_path / "away.key")
    clock.move(ROOT_LIST_LIFETIME * 0.9)
    assert current_revocation_list(server, root_keys, root) == first
    clock.move(ROOT_LIST_LIFETIME * 0.2)
    with pytest.raises(CertwrightError) as error:
        current_revocation_list(server, root_keys, root)
    assert error.value.code is ErrorCode.NO_PRIVATE_KEY
    away.rename(file)
    assert number_of(current_revocation_list(server, root_keys, root)) == 2


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("todd.corp.example", "todd.corp.example"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "[2001:db8::7]"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
    ],
)
def test_addresses_are_plain_http_and_proper_urls(server: Server, name: str, host: str) -> None:
    issuer = server.authority.root
    addresses = PublicationAddresses(parse_server_name(name), 8080).of_authority(issuer)
    assert addresses.ca_certificate_url == f"http://{host}:8080/ca/{issuer.fingerprint}.cer"
    assert addresses.revocation_list_url == f"http://{host}:8080/crl/{issuer.fingerprint}.crl"
