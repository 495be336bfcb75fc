"""Keystores as keytool makes them: one key replaced, all else as it was."""

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.contract.services.java_keystore import (
    PACKAGE,
    PASSWORD,
    PFX_PASSWORD,
    QUICK_TOOL,
    pfx_material,
    run,
    running,
)
from tests.unit.foreign_authority import ForeignAuthority, Issued

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.java_keystore.service import JavaKeystore
from certwright.machine.services.service import Option, ServiceReference

from ..servers import program


def make() -> Issued:
    return ForeignAuthority(datetime.now(UTC)).issue(["todd.corp.example"])


FIRST = make()


@pytest.fixture(scope="module", params=["PKCS12", "JKS"])
def original(request: pytest.FixtureRequest) -> Iterator[bytes]:
    """A keystore with two private keys and a root."""
    with tempfile.TemporaryDirectory() as name, running(Path(name), FIRST, request.param) as made:
        folder, (store,) = Path(name), made.files
        options = ("-alias", "second", "-keyalg", "EC", "-dname", "CN=second", "-validity", "9")
        keytool(folder, store, "-genkeypair", *options, "-keypass:file", str(folder / "password"))
        yield store.read_bytes()


@pytest.fixture
def store(original: bytes, tmp_path: Path) -> Path:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    (tmp_path / "server.keystore").write_bytes(original)
    return tmp_path / "server.keystore"


def keytool(folder: Path, store: Path, *arguments: str) -> str:
    opened = ("-keystore", str(store), "-storepass:file", str(folder / "password"))
    return run("keytool", PACKAGE, *QUICK_TOOL, *arguments, *opened, folder=folder)


def service(store: Path, **options: str) -> JavaKeystore:
    given = {"password-file": str(store.parent / "password"), **options}
    options_given = tuple(Option(name, value) for name, value in given.items())
    return JavaKeystore(ServiceReference("java-keystore", str(store), options_given))


def test_one_key_is_replaced_and_every_other_entry_stays(store: Path) -> None:
    made, new = service(store), make()
    before = {one.name: one.thumbprint for one in made.find().endpoints}
    assert set(before) == {"tomcat", "second"}
    made.select("Tomcat", pfx_material(new, FIRST))
    found = made.find()
    after = {one.name: one.thumbprint for one in found.endpoints}
    assert after == {**before, "tomcat": new.leaf.thumbprint}
    assert "option alias" in found.notes[0]
    listed = keytool(store.parent, store, "-list")
    assert "company root" in listed
    assert found.version.rpartition(" ")[2] in listed.splitlines()[0]
    with pytest.raises(MachineError, match="Another entry") as busy:
        made.select("second", pfx_material(make(), FIRST))
    assert busy.value.code is FailureCode.BUSY
    made.undo("tomcat")
    assert {one.name: one.thumbprint for one in made.find().endpoints} == before


def test_no_password_stands_in_any_command_line(store: Path) -> None:
    calls = store.parent / "calls"
    wrapper = store.parent / "keytool"
    wrapper.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        f"open({str(calls)!r}, 'a').write(' '.join(sys.argv) + '\\n')\n"
        f"os.execv({program('keytool', PACKAGE)!r}, ['keytool', *sys.argv[1:]])\n"
    )
    wrapper.chmod(0o700)
    service(store, keytool=str(wrapper)).select("tomcat", pfx_material(make(), FIRST))
    recorded = calls.read_text()
    assert "-importkeystore" in recorded
    assert PASSWORD not in recorded
    assert PFX_PASSWORD not in recorded


def test_an_alias_that_is_new_is_made_and_one_of_a_root_is_refused(store: Path) -> None:
    made, new = service(store, alias="third"), make()
    assert made.find().endpoints[0].thumbprint == ""
    made.select("third", pfx_material(new, FIRST))
    assert made.find().endpoints[0].thumbprint == new.leaf.thumbprint
    with pytest.raises(MachineError, match="is no private key"):
        service(store, alias="company root").find()


def test_a_wrong_password_is_called_that(store: Path) -> None:
    (store.parent / "password").write_text("another one\n")
    with pytest.raises(MachineError, match="does not open") as refused:
        service(store).find()
    assert refused.value.code is FailureCode.WRONG_PASSWORD


def test_what_is_not_there_or_not_said_is_told_of(store: Path, tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="is not there"):
        service(tmp_path / "none.keystore").find()
    with pytest.raises(MachineError, match="is not there"):
        service(store, **{"password-file": str(tmp_path / "none")}).find()
    with pytest.raises(MachineError, match="is not there"):
        service(store, keytool=str(tmp_path / "none")).find()
    with pytest.raises(MachineError, match="not said") as refused:
        JavaKeystore(ServiceReference("java-keystore", str(store)))
    assert refused.value.code is FailureCode.INVALID_INPUT


def test_a_file_that_is_no_keystore_is_refused_in_keytools_words(store: Path) -> None:
    store.write_bytes(b"no keystore")
    with pytest.raises(MachineError, match=r"keytool refuses: .+") as refused:
        service(store).find()
    assert refused.value.code is FailureCode.SERVICE_FAILED
