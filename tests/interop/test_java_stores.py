"""Stores that Java's keytool makes, as whoever runs a Java server has them."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.contract.services.java_keystore import QUICK_TOOL
from tests.unit.foreign_authority import ForeignAuthority

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.reading import Bundle, read_bundle

STORE, KEY = "correct horse", "battery staple"
KINDS = ("PKCS12", "PKCS12 of Java 8", "JKS")


class Keytool:
    """keytool on one store of a kind."""

    def __init__(self, file: Path, kind: str) -> None:
        self.file = file
        # Before Java 8u301 and 16: RC2 with 40 bits, 3DES and HMAC-SHA-1.
        older = ["-J-Dkeystore.pkcs12.legacy"] if "Java 8" in kind else []
        self._start = ["keytool", *QUICK_TOOL, "-J-Duser.language=en", *older]
        self._store = ["-keystore", str(file), "-storetype", kind.partition(" ")[0]]

    def run(self, *arguments: str, password: str = STORE) -> None:
        command = [*self._start, *arguments, *self._store, "-storepass", password]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.fail("The Debian package openjdk-17-jre-headless is not installed.")
        assert done.returncode == 0, done.stdout + done.stderr

    def make_key(self, alias: str, algorithm: str, *options: str) -> None:
        name = f"CN={alias}.corp.example"
        self.run(
            *("-genkeypair", "-alias", alias, "-keyalg", algorithm, "-dname", name),
            *("-validity", "9", *options),
        )

    def trust(self, alias: str, certificate: Path) -> None:
        self.run("-importcert", "-noprompt", "-alias", alias, "-file", str(certificate))

    def read(self, password: str | None = STORE) -> Bundle:
        return read_bundle(self.file.read_bytes(), password)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root in DER."""
    file = tmp_path_factory.mktemp("authority") / "root.cer"
    file.write_bytes(ForeignAuthority(datetime.now(UTC), "Company").root.der)
    return file


@pytest.fixture(scope="module", params=KINDS)
def keytool(
    request: pytest.FixtureRequest, authority: Path, tmp_path_factory: pytest.TempPathFactory
) -> Keytool:
    """With two keys of their own, and a root that is trusted beside them."""
    tool = Keytool(tmp_path_factory.mktemp("java") / "store", request.param)
    tool.make_key("todd", "RSA", "-keysize", "2048")
    tool.make_key("zoë", "EC", "-groupname", "secp256r1")
    tool.trust("company", authority)
    return tool


def test_every_key_is_read_with_its_certificate_and_alias(keytool: Keytool) -> None:
    bundle = keytool.read()
    assert {key.key_size for key in bundle.private_keys if hasattr(key, "key_size")} == {256, 2048}
    assert {one.common_name for one in bundle.identities} == {
        "todd.corp.example",
        "zoë.corp.example",
    }
    names = {bundle.friendly_names[one.fingerprint] for one in bundle.certificates}
    assert names == {"todd", "zoë", "company"}
    assert len(bundle.certificates) == 3


@pytest.mark.parametrize("password", [None, "", "wrong"])
def test_without_the_password_it_is_refused(keytool: Keytool, password: str | None) -> None:
    with pytest.raises(CertwrightError) as caught:
        keytool.read(password)
    assert caught.value.code is ErrorCode.WRONG_PASSWORD


def test_key_with_a_password_of_its_own_is_named(tmp_path: Path) -> None:
    tool = Keytool(tmp_path / "store", "JKS")
    tool.make_key("todd", "RSA", "-keypass", KEY)
    with pytest.raises(CertwrightError, match=r'opens the Java key store, but not its .* "todd"'):
        tool.read()


def test_trust_store_needs_no_password_as_jks(authority: Path, tmp_path: Path) -> None:
    tool = Keytool(tmp_path / "store", "JKS")
    tool.trust("company", authority)
    assert [one.common_name for one in tool.read(None).certificates] == ["Company Root"]


def test_damage_is_named_with_its_place(keytool: Keytool) -> None:
    whole = keytool.file.read_bytes()
    with pytest.raises(CertwrightError, match=r"at byte [\d,]+"):
        read_bundle(whole[: len(whole) - 100], STORE)
