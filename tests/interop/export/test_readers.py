"""openssl and Java's keytool open what is written, keys and chains and names in it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.contract.services.java_keystore import QUICK_TOOL
from tests.interop.export.conftest import PASSWORD, MakeSet, run
from tests.unit.foreign_authority import Issued, self_signed

from certwright.x509.keys import KeyType, private_key_to_pem
from certwright.x509.writing.formats import ExportFormat, write_certificate
from certwright.x509.writing.sets.ready_set import ReadySet

JAVA = "openjdk-17-jre-headless"
NAME = "Todd's own ä"


def write(
    issued: Issued,
    folder: Path,
    file_format: ExportFormat,
    *,
    key: bool,
    password: str | None = PASSWORD,
    older: bool = False,
) -> str:
    file = folder / f"file{file_format.suffix}"
    file.write_bytes(
        write_certificate(
            file_format,
            issued.leaf,
            issued.chain,
            issued.key if key else None,
            password,
            NAME,
            older_encryption=older,
        )
    )
    return str(file)


def openssl(*arguments: str) -> str:
    return run(["openssl", *arguments], "openssl")


def keytool(*arguments: str) -> str:
    return run(["keytool", *QUICK_TOOL, "-J-Duser.language=en", *arguments], JAVA)


def spaceless(fingerprint: str) -> str:
    return ":".join(fingerprint.upper()[i : i + 2] for i in range(0, len(fingerprint), 2))


@pytest.mark.parametrize("password", [PASSWORD, "pässwörd €"])
@pytest.mark.parametrize("older", [False, True])
def test_openssl_opens_pfx(issued: Issued, folder: Path, older: bool, password: str) -> None:
    file = write(issued, folder, ExportFormat.PFX, key=True, older=older, password=password)
    said = openssl("pkcs12", "-in", file, "-nodes", "-info", "-passin", f"pass:{password}")
    assert ("pbeWithSHA1And3-KeyTripleDES-CBC" in said) is older
    assert ("AES-256-CBC" in said) is not older
    assert said.count("BEGIN CERTIFICATE") == 3
    assert private_key_to_pem(issued.key) in said


def test_openssl_opens_encrypted_pem(issued: Issued, folder: Path) -> None:
    file = write(issued, folder, ExportFormat.PEM, key=True)
    text = Path(file).read_text()
    protected = folder / "key.pem"
    protected.write_text(text[text.index("-----BEGIN ENCRYPTED PRIVATE KEY") :])
    assert "aes-256-cbc" in openssl("asn1parse", "-in", str(protected))
    said = openssl("pkey", "-in", file, "-passin", f"pass:{PASSWORD}")
    assert said.strip() == private_key_to_pem(issued.key).strip()


def test_openssl_opens_p7b_and_der(issued: Issued, folder: Path) -> None:
    file = write(issued, folder, ExportFormat.P7B, key=False, password=None)
    said = openssl("pkcs7", "-inform", "der", "-in", file, "-print_certs")
    assert said.count("BEGIN CERTIFICATE") == 3
    file = write(issued, folder, ExportFormat.DER, key=False, password=None)
    said = openssl("x509", "-inform", "der", "-in", file, "-noout", "-fingerprint", "-sha256")
    assert spaceless(issued.leaf.fingerprint) in said


@pytest.mark.parametrize("older", [False, True])
def test_keytool_opens_pfx(issued: Issued, folder: Path, older: bool) -> None:
    file = write(issued, folder, ExportFormat.PFX, key=True, older=older)
    said = keytool("-list", "-v", "-keystore", file, "-storepass", PASSWORD)
    assert "Entry type: PrivateKeyEntry" in said
    assert "Certificate chain length: 3" in said
    assert f"Alias name: {NAME.lower()}" in said


def test_keytool_opens_jks_and_its_key(issued: Issued, folder: Path) -> None:
    file = write(issued, folder, ExportFormat.JKS, key=True)
    options = ["-keystore", file, "-storetype", "JKS", "-storepass", PASSWORD]
    said = keytool("-list", "-v", *options)
    assert "Entry type: PrivateKeyEntry" in said
    assert "Certificate chain length: 3" in said
    assert spaceless(issued.leaf.fingerprint) in said
    # Only what opens the key can move it into another store.
    moved = str(folder / "moved.p12")
    source = ["-srckeystore", file, "-srcstoretype", "JKS", "-srcstorepass", PASSWORD]
    target = ["-destkeystore", moved, "-deststoretype", "PKCS12", "-deststorepass", PASSWORD]
    keytool("-importkeystore", "-noprompt", *source, *target)
    said = openssl("pkcs12", "-in", moved, "-nodes", "-passin", f"pass:{PASSWORD}")
    assert private_key_to_pem(issued.key) in said


@pytest.mark.parametrize("password", [PASSWORD, None])
@pytest.mark.parametrize("file_format", [ExportFormat.PFX, ExportFormat.JKS])
def test_keytool_trusts_what_is_without_a_key(
    issued: Issued, folder: Path, file_format: ExportFormat, password: str | None
) -> None:
    file = write(issued, folder, file_format, key=False, password=password)
    options = [] if password is None else ["-storepass", password]
    assert keytool("-list", "-keystore", file, *options).count("trustedCertEntry") == 3


@pytest.mark.parametrize("key_type", [KeyType.RSA_2048, KeyType.EC_P384])
@pytest.mark.parametrize("file_format", [ExportFormat.PFX, ExportFormat.JKS])
def test_keytool_opens_every_kind_of_key(
    folder: Path, file_format: ExportFormat, key_type: KeyType
) -> None:
    issued = self_signed(["localhost"], datetime.now(UTC), key_type)
    file = write(issued, folder, file_format, key=True)
    assert "PrivateKeyEntry" in keytool("-list", "-keystore", file, "-storepass", PASSWORD)


def test_keytool_lists_both_stores_of_the_set(
    make_set: MakeSet, issued: Issued, folder: Path
) -> None:
    unpacked = make_set(ReadySet.JAVA_KEYSTORE)
    listed = []
    for command in unpacked.lines("Check").splitlines():
        _, *arguments, name = command.split()
        listed.append(keytool("-v", *arguments, str(folder / name), "-storepass", PASSWORD))
    assert "Entry type: PrivateKeyEntry" in listed[0]
    assert "Alias name: localhost" in listed[0]
    assert "Certificate chain length: 3" in listed[0]
    assert "Entry type: trustedCertEntry" in listed[1]
    assert spaceless(issued.chain[-1].fingerprint) in listed[1]


def test_openssl_opens_what_sapgenpse_gets(make_set: MakeSet, issued: Issued, folder: Path) -> None:
    unpacked = make_set(ReadySet.SAP_PSE)
    name = unpacked.lines("Make the PSE").split()[-1]
    said = openssl("pkcs12", "-in", str(folder / name), "-nodes", "-passin", f"pass:{PASSWORD}")
    assert private_key_to_pem(issued.key) in said
    assert said.count("BEGIN CERTIFICATE") == 3
    assert unpacked.lines("Configuration") == "snc/identity/as = p:CN=localhost"
