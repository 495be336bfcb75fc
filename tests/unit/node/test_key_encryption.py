"""Where the key-encryption key comes from, in which order."""

import base64
from pathlib import Path

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.node.key_encryption import (
    KEY_VARIABLE,
    PASSPHRASE_VARIABLE,
    find_key_encryption_key,
)

KEY = base64.b64encode(bytes(range(32))).decode()


def files(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_file_is_made_when_nothing_is_given(tmp_path: Path) -> None:
    key = find_key_encryption_key(tmp_path, {})
    assert files(tmp_path) == ["key-encryption.key"]
    assert find_key_encryption_key(tmp_path, {}) == key
    assert find_key_encryption_key(tmp_path, {KEY_VARIABLE: "", PASSPHRASE_VARIABLE: ""}) == key


def test_environment_comes_first_and_leaves_no_file(tmp_path: Path) -> None:
    environment = {KEY_VARIABLE: KEY, PASSPHRASE_VARIABLE: "correct horse"}
    assert find_key_encryption_key(tmp_path, environment).secret == bytes(range(32))
    assert files(tmp_path) == []


def test_passphrase_comes_before_the_file_and_leaves_its_salt_only(tmp_path: Path) -> None:
    environment = {PASSPHRASE_VARIABLE: "correct horse"}
    key = find_key_encryption_key(tmp_path, environment)
    assert files(tmp_path) == ["key-encryption.salt"]
    assert find_key_encryption_key(tmp_path, environment) == key
    assert find_key_encryption_key(tmp_path, {PASSPHRASE_VARIABLE: "other horse"}) != key
    assert "correct" not in (tmp_path / "key-encryption.salt").read_text()


def test_key_that_is_none_is_told_of_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(CertwrightError) as error:
        find_key_encryption_key(tmp_path, {KEY_VARIABLE: "hunter2"})
    assert error.value.code is ErrorCode.WRONG_KEY_ENCRYPTION_KEY
    assert "hunter2" not in error.value.message + error.value.remedy
    assert files(tmp_path) == []
