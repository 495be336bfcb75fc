"""PFX files of several makes through Windows' own import; nothing is left behind that should not.

On wine, or on a Windows machine (docs/windows.md).
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PBES,
    PKCS12Certificate,
    serialize_java_truststore,
    serialize_key_and_certificates,
)

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.tasks import (
    AddCertificate,
    Added,
    Certificates,
    DeleteCertificate,
    Deleted,
    ExportedKey,
    ExportPrivateKey,
    FindCertificates,
    ImportPfx,
    ImportRsaKey,
    KeyFormat,
    KeyProvider,
)
from certwright.stores.rsa_blob import read_blob, write_blob
from certwright.stores.task_runner import ProcessRunner
from certwright.x509.keys import private_key_to_der, private_key_to_pem

from .....contract.store_adapters import NOW
from .....materials.rsa_keys import rsa_key, rsa_key_of_full_length
from .....windows.machine import WindowsMachine
from ....foreign_authority import Issued, self_signed

PERSONAL = ("LocalMachine", "My")
PASSWORD = "Todd & Soehne"
"""wine reads no file whose password goes beyond ASCII."""
LOCATIONS = ("LocalMachine", "CurrentUser")


@pytest.fixture
def issued(windows_tasks: ProcessRunner) -> Iterator[Issued]:
    """A certificate with an RSA key that lies nowhere yet, and does not afterwards."""
    made = self_signed(["pfx.corp.example"], NOW, key=rsa_key_of_full_length(9))
    yield made
    for location in LOCATIONS:
        if entries(windows_tasks, made, location):
            windows_tasks.run(DeleteCertificate(location, "My", made.leaf.fingerprint))


@pytest.fixture
def containers(windows: WindowsMachine) -> Callable[[], frozenset[str]]:
    """The key containers of that machine; on a real one nobody but its administrator sees them."""
    return windows.key_containers if windows.is_wine else frozenset


def entries(runner: ProcessRunner, made: Issued, location: str = "LocalMachine") -> tuple[str, ...]:
    """The friendly names under which the certificate lies in Personal: one, or none."""
    found = runner.run(FindCertificates(location, "My", thumbprint=made.leaf.fingerprint))
    assert isinstance(found, Certificates)
    assert all(entry.certificate == made.leaf.der for entry in found.entries)
    return tuple(entry.friendly_name for entry in found.entries)


def by_cryptography(key_algorithm: PBES, mac: SHA1 | SHA256) -> Callable[[Issued, Path], bytes]:
    def make(made: Issued, _: Path) -> bytes:
        encryption = (
            PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(2048)
            .key_cert_algorithm(key_algorithm)
            .hmac_hash(mac)
            .build(PASSWORD.encode())
        )
        return serialize_key_and_certificates(
            b"its own name", made.key, made.leaf.cryptography, None, encryption
        )

    return make


def by_openssl(*options: str) -> Callable[[Issued, Path], bytes]:
    def make(made: Issued, folder: Path) -> bytes:
        (folder / "key.pem").write_text(private_key_to_pem(made.key))
        (folder / "leaf.pem").write_text(made.leaf.pem)
        (folder / "password").write_text(PASSWORD)
        subprocess.run(
            [
                *("openssl", "pkcs12", "-export", "-in", "leaf.pem", "-inkey", "key.pem"),
                *("-passout", "file:password", "-out", "made.pfx", *options),
            ],
            cwd=folder,
            check=True,
        )
        return (folder / "made.pfx").read_bytes()

    return make


MAKES = {
    "RC2 and 3DES, as Windows 2003": by_openssl("-legacy"),
    "3DES alone": by_openssl("-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES"),
    "certificate in the clear": by_openssl("-certpbe", "NONE"),
    "AES-256, as OpenSSL 3": by_openssl(),
    "a key exchange key with its CSP": by_openssl(
        *("-keyex", "-CSP", "Microsoft RSA SChannel Cryptographic Provider", "-name", "Todd")
    ),
    "3DES by cryptography": by_cryptography(PBES.PBESv1SHA1And3KeyTripleDESCBC, SHA1()),  # noqa: S303 - as old programs made them
    "AES-256 by cryptography": by_cryptography(PBES.PBESv2SHA256AndAES256CBC, SHA256()),
}


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("location", LOCATIONS)
def test_pfx_is_imported_with_its_key(
    windows_tasks: ProcessRunner, issued: Issued, tmp_path: Path, make: str, location: str
) -> None:
    pfx = MAKES[make](issued, tmp_path)
    task = ImportPfx(location, "My", pfx, PASSWORD, KeyProvider.CAPI, "Todd", exportable=True)
    number = issued.leaf.fingerprint
    assert windows_tasks.run(task) == Added(number, is_new=True)
    assert windows_tasks.run(task) == Added(number, is_new=False)
    assert entries(windows_tasks, issued, location) == ("Todd",)
    key = windows_tasks.run(ExportPrivateKey(location, "My", number, ""))
    assert isinstance(key, ExportedKey)
    assert key.format is KeyFormat.RSA_BLOB
    assert private_key_to_der(read_blob(key.content)) == private_key_to_der(issued.key)


def test_key_moves_to_a_container_of_its_own_and_goes_with_its_certificate(
    windows_tasks: ProcessRunner,
    issued: Issued,
    containers: Callable[[], frozenset[str]],
    tmp_path: Path,
) -> None:
    before = containers()
    task = import_of(MAKES["AES-256, as OpenSSL 3"](issued, tmp_path))
    windows_tasks.run(task)
    windows_tasks.run(task)
    assert not [name for name in containers() - before if not name.startswith("certwright-")]
    assert len(containers() - before) in (0, 1)
    done = windows_tasks.run(DeleteCertificate(*PERSONAL, issued.leaf.fingerprint))
    assert done == Deleted(key_deleted=True)
    assert containers() == before


def test_pfx_that_was_imported_as_not_exportable_never_gives_its_key(
    windows_tasks: ProcessRunner, issued: Issued, tmp_path: Path
) -> None:
    windows_tasks.run(import_of(MAKES["3DES alone"](issued, tmp_path)))
    fails(
        windows_tasks,
        ExportPrivateKey(*PERSONAL, issued.leaf.fingerprint, ""),
        {FailureCode.KEY_NOT_EXPORTABLE},
    )


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " "])
def test_wrong_password_leaves_nothing(
    windows: WindowsMachine,
    windows_tasks: ProcessRunner,
    issued: Issued,
    containers: Callable[[], frozenset[str]],
    tmp_path: Path,
    password: str,
) -> None:
    before = containers()
    pfx = MAKES["AES-256, as OpenSSL 3"](issued, tmp_path)
    task = ImportPfx(*PERSONAL, pfx, password, KeyProvider.CAPI)
    # wine does not say why it does not open a file.
    code = FailureCode.STORE_FAILED if windows.is_wine else FailureCode.WRONG_PASSWORD
    fails(windows_tasks, task, {code})
    assert entries(windows_tasks, issued) == ()
    assert containers() == before


def test_damaged_files_leave_nothing(
    windows_tasks: ProcessRunner,
    issued: Issued,
    containers: Callable[[], frozenset[str]],
    tmp_path: Path,
) -> None:
    before = containers()
    pfx = MAKES["AES-256, as OpenSSL 3"](issued, tmp_path)
    middle = len(pfx) // 2
    flipped = pfx[:middle] + bytes((pfx[middle] ^ 0xFF,)) + pfx[middle + 1 :]
    for damaged in (b"", b"\x30", bytes(500), pfx[:-1], pfx[:middle], flipped, b"\x30\x84" + pfx):
        fails(
            windows_tasks,
            import_of(damaged),
            {FailureCode.STORE_FAILED, FailureCode.WRONG_PASSWORD},
        )
    assert entries(windows_tasks, issued) == ()
    assert containers() == before


def test_pfx_without_a_key_leaves_nothing(windows_tasks: ProcessRunner, issued: Issued) -> None:
    pfx = serialize_java_truststore(
        [PKCS12Certificate(issued.leaf.cryptography, b"todd")], NoEncryption()
    )
    task = ImportPfx(*PERSONAL, pfx, "", KeyProvider.CAPI)
    fails(windows_tasks, task, {FailureCode.NO_PRIVATE_KEY, FailureCode.STORE_FAILED})
    assert entries(windows_tasks, issued) == ()


def test_certificates_beside_the_one_with_the_key_are_not_taken(
    windows_tasks: ProcessRunner, issued: Issued
) -> None:
    other = self_signed(["beside.corp.example"], NOW, key=rsa_key(1))
    pfx = serialize_key_and_certificates(
        None, issued.key, issued.leaf.cryptography, [other.leaf.cryptography], NoEncryption()
    )
    task = ImportPfx(*PERSONAL, pfx, "", KeyProvider.CAPI)
    assert windows_tasks.run(task) == Added(issued.leaf.fingerprint, is_new=True)
    assert entries(windows_tasks, other) == ()


def test_key_arrives_at_a_certificate_that_was_there_without(
    windows_tasks: ProcessRunner, issued: Issued, tmp_path: Path
) -> None:
    windows_tasks.run(AddCertificate(*PERSONAL, issued.leaf.der, "first"))
    pfx = MAKES["3DES alone"](issued, tmp_path)
    assert windows_tasks.run(import_of(pfx)) == Added(issued.leaf.fingerprint, is_new=False)
    assert entries(windows_tasks, issued) == ("first",)
    done = windows_tasks.run(DeleteCertificate(*PERSONAL, issued.leaf.fingerprint))
    assert done == Deleted(key_deleted=True)


FOREIGN_KEY = write_blob(rsa_key(1))
BAD_KEYS = {
    "empty": b"",
    "no key": b"not a key",
    "another certificate's": FOREIGN_KEY,
    "half": FOREIGN_KEY[: len(FOREIGN_KEY) // 2],
    "its header alone": FOREIGN_KEY[:20],
    "larger than it is": FOREIGN_KEY[:12] + (16384).to_bytes(4, "little") + FOREIGN_KEY[16:],
}


@pytest.mark.parametrize("kind", BAD_KEYS)
@pytest.mark.parametrize("is_there", [False, True])
def test_bad_key_leaves_the_store_as_it_was(
    windows_tasks: ProcessRunner,
    issued: Issued,
    containers: Callable[[], frozenset[str]],
    kind: str,
    is_there: bool,
) -> None:
    """No certificate without its key, and no key that no certificate leads to."""
    if is_there:
        windows_tasks.run(AddCertificate(*PERSONAL, issued.leaf.der, "first"))
    before = containers(), entries(windows_tasks, issued)
    task = ImportRsaKey(*PERSONAL, issued.leaf.der, BAD_KEYS[kind], "second")
    fails(windows_tasks, task, {FailureCode.INVALID_INPUT})
    assert (containers(), entries(windows_tasks, issued)) == before
    fails(
        windows_tasks,
        ExportPrivateKey(*PERSONAL, issued.leaf.fingerprint, ""),
        {FailureCode.NO_PRIVATE_KEY if is_there else FailureCode.NOT_FOUND},
    )


def import_of(pfx: bytes) -> ImportPfx:
    return ImportPfx(*PERSONAL, pfx, PASSWORD, KeyProvider.CAPI, "Todd")


def fails(
    runner: ProcessRunner,
    task: ImportPfx | ImportRsaKey | ExportPrivateKey,
    codes: set[FailureCode],
) -> None:
    with pytest.raises(MachineError) as raised:
        runner.run(task)
    assert raised.value.code in codes, raised.value.message
    assert raised.value.message.endswith(".")
    assert PASSWORD not in raised.value.message + raised.value.remedy
