"""Where the key-encryption key comes from, in which order."""

import base64
import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.ports import Ports
from certwright.node import start
from certwright.node.key_encryption import (
    KEY_VARIABLE,
    PASSPHRASE_VARIABLE,
    find_key_encryption_key,
)
from certwright.node.serving import settle_key
from certwright.node.settings import NodeSettings, parse_names
from certwright.node.start import run_node
from certwright.rules.environment import Environment

KEY = base64.b64encode(bytes(range(32))).decode()


def files(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def settings(data: Path) -> NodeSettings:
    return NodeSettings(
        data=data,
        names=parse_names(("localhost",)),
        environment=Environment.TEST,
        database=None,
        bind=("127.0.0.1",),
        ports=Ports(0, 0, 0, 0),
        upstream=None,
        certificate=None,
        certificate_password_file=None,
        admin_password_file=None,
        ready_file=None,
    )


def test_what_is_made_is_written_only_when_it_is_to_be_kept(tmp_path: Path) -> None:
    found = find_key_encryption_key(tmp_path, {KEY_VARIABLE: "", PASSPHRASE_VARIABLE: ""})
    assert found.is_new
    assert files(tmp_path) == []
    found.keep()
    assert files(tmp_path) == ["key-encryption.key"]
    assert stat.S_IMODE((tmp_path / "key-encryption.key").stat().st_mode) == 0o600
    again = find_key_encryption_key(tmp_path, {})
    assert again.key == found.key
    assert not again.is_new
    assert str(tmp_path / "key-encryption.key") in again.missing().message


def test_environment_comes_first_and_leaves_no_file(tmp_path: Path) -> None:
    environment = {KEY_VARIABLE: KEY, PASSPHRASE_VARIABLE: "correct horse"}
    found = find_key_encryption_key(tmp_path, environment)
    found.keep()
    assert found.key.secret == bytes(range(32))
    assert files(tmp_path) == []


def test_passphrase_comes_before_the_file_and_leaves_its_salt_only(tmp_path: Path) -> None:
    environment = {PASSPHRASE_VARIABLE: "correct horse"}
    found = find_key_encryption_key(tmp_path, environment)
    found.keep()
    assert files(tmp_path) == ["key-encryption.salt"]
    assert find_key_encryption_key(tmp_path, environment).key == found.key
    assert find_key_encryption_key(tmp_path, {PASSPHRASE_VARIABLE: "other horse"}).key != found.key
    assert "correct" not in (tmp_path / "key-encryption.salt").read_text()


@pytest.mark.parametrize(
    ("name", "environment"),
    [("key-encryption.key", {}), ("key-encryption.salt", {PASSPHRASE_VARIABLE: "correct horse"})],
)
def test_a_damaged_file_is_refused_and_never_replaced(
    tmp_path: Path, name: str, environment: dict[str, str]
) -> None:
    (tmp_path / name).write_text("damaged")
    with pytest.raises(CertwrightError) as error:
        find_key_encryption_key(tmp_path, environment)
    assert error.value.code is ErrorCode.WRONG_KEY_ENCRYPTION_KEY
    assert name in error.value.remedy
    assert (tmp_path / name).read_text() == "damaged"


def test_a_new_key_is_kept_for_a_database_without_one(tmp_path: Path, database: Engine) -> None:
    settle_key(find_key_encryption_key(tmp_path, {}), database)
    assert files(tmp_path) == ["key-encryption.key"]
    settle_key(find_key_encryption_key(tmp_path, {}), database)


def test_a_lost_key_file_is_told_of_and_no_other_is_written(
    tmp_path: Path, database: Engine
) -> None:
    file = tmp_path / "key-encryption.key"
    settle_key(find_key_encryption_key(tmp_path, {}), database)
    backup = file.rename(tmp_path / "backup")
    with pytest.raises(CertwrightError, match=rf"{file} is missing"):
        settle_key(find_key_encryption_key(tmp_path, {}), database)
    assert files(tmp_path) == ["backup"]
    backup.rename(file)
    settle_key(find_key_encryption_key(tmp_path, {}), database)


def test_a_key_that_was_given_and_is_another_is_not_called_missing(
    tmp_path: Path, database: Engine
) -> None:
    settle_key(find_key_encryption_key(tmp_path, {}), database)
    with pytest.raises(CertwrightError, match="does not fit"):
        settle_key(find_key_encryption_key(tmp_path, {KEY_VARIABLE: KEY}), database)


def test_beside_an_embedded_database_a_lost_key_file_ends_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of this process it could not be taken back, and another test looks at who refuses them.
    monkeypatch.setattr(start, "refuse_core_dumps", lambda: None)
    (tmp_path / "node.lock").touch()
    (tmp_path / "database" / "cluster").mkdir(parents=True)
    with pytest.raises(CertwrightError, match=r"key-encryption\.key is missing"):
        run_node(settings(tmp_path), lambda _: None)
    assert files(tmp_path) == ["database", "node.lock"]


def test_key_that_is_none_is_told_of_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(CertwrightError) as error:
        find_key_encryption_key(tmp_path, {KEY_VARIABLE: "hunter2"})
    assert error.value.code is ErrorCode.WRONG_KEY_ENCRYPTION_KEY
    assert "hunter2" not in error.value.message + error.value.remedy
    assert files(tmp_path) == []
