"""Options from the file, the environment and the command line; and keys from elsewhere."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from tests.conftest import ANY_PORTS, NodeStarter, run_certwright
from tests.materials.openssl_authority import OpensslAuthority

from certwright.database.tables import certificates


def address(database: Engine) -> str:
    """What --database takes."""
    return database.url.set(drivername="postgresql").render_as_string(hide_password=False)


def test_command_line_wins_over_environment_over_file(
    start_node: NodeStarter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "certwright.toml").write_text(
        'name = ["file.corp.example", "second.corp.example"]\n'
        'environment = "production"\nbind = ["127.0.0.1"]\n'
    )
    monkeypatch.setenv("CERTWRIGHT_ENVIRONMENT", "test")
    status = start_node(data=data).json("status")
    assert status["names"] == ["localhost"]
    assert status["environment"] == "test"


def test_file_alone_is_enough(start_node: NodeStarter, tmp_path: Path) -> None:
    configuration = tmp_path / "node.toml"
    configuration.write_text('environment = "production"\n')
    node = start_node("--config", str(configuration))
    assert node.json("status")["environment"] == "production"


def test_private_authority_in_a_cloud_environment_is_told_not_hidden(
    start_node: NodeStarter,
) -> None:
    status = start_node("--environment", "cloud").json("status")
    assert status["ready"]
    assert status["health"] == "broken"
    assert "public" in status["sentence"]


def test_passphrase_instead_of_a_key_file(
    start_node: NodeStarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CERTWRIGHT_KEY_PASSPHRASE", "four odd words 42")
    node = start_node()
    assert not (node.data / "key-encryption.key").exists()
    processes = Path(f"/proc/{node.process.pid}/task/{node.process.pid}/children").read_text()
    for child in processes.split():
        assert b"four odd words" not in Path(f"/proc/{child}/environ").read_bytes()
        assert b"four odd words" not in Path(f"/proc/{child}/cmdline").read_bytes()
    node.stop()
    again = start_node(data=node.data)
    again.stop()
    monkeypatch.setenv("CERTWRIGHT_KEY_PASSPHRASE", "another passphrase")
    refused = run_certwright("up", "--data", str(node.data), "--name", "localhost", *ANY_PORTS)
    assert refused.returncode == 1
    assert "key-encryption key" in refused.stderr


def test_production_takes_its_own_certificate_with_its_chain(
    start_node: NodeStarter, tmp_path: Path
) -> None:
    authority = OpensslAuthority.make(tmp_path / "authority")
    pfx = authority.pfx(authority.issue("localhost"))
    node = start_node("--environment", "production", "--certificate", str(pfx))
    sentence = node.json("status")["sentence"]
    assert sentence.startswith("Configuration Server: Right for localhost until")
    assert sentence.endswith(" days). It is not renewed by itself. No authority is known for it.")


def test_any_postgresql_will_do(
    start_node: NodeStarter, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgresql = address(database)
    monkeypatch.setenv("CERTWRIGHT_DATABASE", postgresql)
    node = start_node()
    processes = Path(f"/proc/{node.process.pid}/task/{node.process.pid}/children").read_text()
    assert processes
    for child in processes.split():
        assert b"CERTWRIGHT_" not in Path(f"/proc/{child}/environ").read_bytes()
    assert not (node.data / "database").exists()
    first = node.ready["endpoints"]
    node.stop()
    monkeypatch.delenv("CERTWRIGHT_DATABASE")
    again = start_node("--database", postgresql, data=node.data)
    assert {e["fingerprint"] for e in again.ready["endpoints"].values()} == {
        e["fingerprint"] for e in first.values()
    }


def test_bad_certificate_leaves_somebody_elses_database_empty(
    tmp_path: Path, database: Engine
) -> None:
    (tmp_path / "garbage.pfx").write_bytes(b"garbage")
    refused = run_certwright(
        *("up", "--data", str(tmp_path / "data"), "--name", "localhost", *ANY_PORTS),
        *("--database", address(database)),
        *("--certificate", str(tmp_path / "garbage.pfx")),
    )
    assert refused.returncode == 1
    with database.connect() as connection:
        assert connection.execute(select(certificates.c.fingerprint)).all() == []
