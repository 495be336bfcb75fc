"""Whatever is wrong at the start: one clear line, exit code 1, and the next start is fine."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import ANY_PORTS, NodeStarter, run_certwright
from tests.materials.openssl_authority import OpensslAuthority

ANYWHERE = (*ANY_PORTS, "--name", "localhost")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> OpensslAuthority:
    """Another company's authority."""
    return OpensslAuthority.make(tmp_path_factory.mktemp("openssl") / "authority")


def refused(*options: str) -> str:
    """Start a node that must refuse; returns its one line."""
    result = run_certwright("up", *options)
    assert result.returncode == 1, result.stdout + result.stderr
    assert result.stdout == ""
    assert result.stderr.startswith("certwright: ")
    assert result.stderr.count("\n") == 1, result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr


def _wrong_password(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    pfx = authority.pfx(authority.issue("localhost"), password="right")
    (folder / "password").write_text("wrong\n")
    return ("--certificate", str(pfx), "--certificate-password-file", str(folder / "password"))


def _no_key(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    name = authority.issue("localhost")
    return ("--certificate", str(authority.folder / f"{name}.pem"))


def _garbage(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    (folder / "garbage.pfx").write_bytes(bytes(range(256)) * 10)
    return ("--certificate", str(folder / "garbage.pfx"))


def _missing(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    return ("--certificate", str(folder / "missing.pfx"))


def _expired(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    return ("--certificate", str(authority.pem(authority.issue("localhost", days=-1))))


def _other_name(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    return ("--certificate", str(authority.pem(authority.issue("other.corp.example"))))


def _weak_key(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    file = folder / "weak.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-days", "9"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(file), "-out", str(folder / "weak.crt")),
        ],
        check=True,
        capture_output=True,
    )
    file.write_text(file.read_text() + (folder / "weak.crt").read_text())
    return ("--certificate", str(file))


def _weak_password(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    (folder / "weak").write_text("abc")
    return ("--admin-password-file", str(folder / "weak"))


def _wrong_upstream(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    return ("--upstream", "ftp://127.0.0.1")


def _wrong_name(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    return ("--name", "not a name")


def _foreign_address(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    return ("--bind", "192.0.2.1")


def _database_down(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    return ("--database", "postgresql://somebody:s3cret@127.0.0.1:1/nothing")


def _not_a_database(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    return ("--database", "mysql://somebody@127.0.0.1/nothing")


def _unknown_setting(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    (folder / "odd.toml").write_text("htps-port = 1\n")
    return ("--config", str(folder / "odd.toml"))


def _broken_configuration(authority: OpensslAuthority, folder: Path) -> tuple[str, ...]:
    (folder / "broken.toml").write_text("https-port =\n")
    return ("--config", str(folder / "broken.toml"))


MakeOptions = Callable[[OpensslAuthority, Path], tuple[str, ...]]
Faults = dict[str, tuple[MakeOptions, str]]

FAULTS_AT_ONCE: Faults = {
    "wrong password": (_wrong_password, "password"),
    "no private key": (_no_key, "private key"),
    "garbage": (_garbage, "certificate"),
    "missing file": (_missing, "missing.pfx"),
    "expired": (_expired, "xpired"),
    "other name": (_other_name, "localhost"),
    "weak key": (_weak_key, "1024 bits"),
    "weak password": (_weak_password, "fewer than"),
    "wrong name": (_wrong_name, "not a name"),
    "unknown setting": (_unknown_setting, "htps-port"),
    "broken configuration": (_broken_configuration, "broken.toml"),
}
FAULTS_LATER: Faults = {
    "wrong upstream": (_wrong_upstream, "--upstream"),
    "foreign address": (_foreign_address, "--bind"),
    "database down": (_database_down, "does not answer"),
    "not a database": (_not_a_database, "PostgreSQL"),
}


@pytest.mark.parametrize("fault", FAULTS_AT_ONCE)
def test_refused_with_one_line_and_nothing_begun(
    fault: str, authority: OpensslAuthority, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    _refused_for(FAULTS_AT_ONCE[fault], data, authority, tmp_path)
    assert {file.name for file in data.glob("*")} <= {"node.lock"}


@pytest.mark.parametrize("fault", ["wrong password", *FAULTS_LATER])
def test_next_start_is_fine(
    fault: str, authority: OpensslAuthority, tmp_path: Path, start_node: NodeStarter
) -> None:
    data = tmp_path / "data"
    _refused_for((FAULTS_AT_ONCE | FAULTS_LATER)[fault], data, authority, tmp_path)
    assert start_node(data=data).ready["endpoints"]


def _refused_for(
    fault: tuple[MakeOptions, str], data: Path, authority: OpensslAuthority, folder: Path
) -> None:
    options, expected = fault
    line = refused("--data", str(data), *ANYWHERE, *options(authority, folder))
    assert expected in line
    assert "s3cret" not in line


def test_port_in_use_names_it_and_the_option(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        line = refused("--data", str(tmp_path / "data"), *ANYWHERE, "--https-port", port)
    assert port in line
    assert "--https-port" in line


def test_data_folder_of_a_running_node_is_refused(start_node: NodeStarter) -> None:
    node = start_node()
    line = refused("--data", str(node.data), *ANYWHERE)
    assert str(node.process.pid) in line
    assert node.json("status")["ready"]


def test_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o755)
    (folder / "letter.txt").write_text("dear")
    assert "--data" in refused("--data", str(folder), *ANYWHERE)
    assert folder.stat().st_mode & 0o777 == 0o755
    assert [file.name for file in folder.iterdir()] == ["letter.txt"]


def test_unwritable_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for unusable in ("file/data", "x" * 300):
        assert "--data" in refused("--data", str(tmp_path / unusable), *ANYWHERE)


def test_wrong_usage_ends_with_two() -> None:
    assert run_certwright("up", "--environment", "moon").returncode == 2
    assert run_certwright("up", "--https-port", "70000").returncode == 2
