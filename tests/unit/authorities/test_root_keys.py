"""The root's key: one encrypted, closed file, that can be taken away and brought back."""

import stat
from pathlib import Path

import pytest

from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.encryption import KEY_LENGTH, KeyEncryptionKey
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.keys import (
    KeyType,
    PrivateKey,
    generate_private_key,
    key_fingerprint,
    private_key_to_der,
)

from ..composed_server import root_key_folder


@pytest.fixture
def key() -> PrivateKey:
    return generate_private_key(KeyType.EC_P384)


def test_key_comes_back(root_keys: RootKeyFolder, key: PrivateKey) -> None:
    root_keys.add(key)
    found = root_keys.get(key_fingerprint(key.public_key()))
    assert private_key_to_der(found) == private_key_to_der(key)


def test_file_is_closed_and_encrypted(root_keys: RootKeyFolder, key: PrivateKey) -> None:
    root_keys.add(key)
    (file,) = root_keys.folder.iterdir()
    assert file.name == f"{key_fingerprint(key.public_key())}.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(root_keys.folder.stat().st_mode) == 0o700
    assert private_key_to_der(key)[-40:] not in file.read_bytes()


def test_key_that_was_taken_away_is_asked_for_by_file_name(
    root_keys: RootKeyFolder, key: PrivateKey, tmp_path: Path
) -> None:
    root_keys.add(key)
    (file,) = root_keys.folder.iterdir()
    safe = file.rename(tmp_path / "safe.key")
    fingerprint = key_fingerprint(key.public_key())
    with pytest.raises(CertwrightError) as error:
        root_keys.get(fingerprint)
    assert error.value.code is ErrorCode.NO_PRIVATE_KEY
    assert file.name in error.value.remedy
    safe.rename(file)
    assert key_fingerprint(root_keys.get(fingerprint).public_key()) == fingerprint


def test_damaged_file_and_wrong_key_are_told_of(
    root_keys: RootKeyFolder, key: PrivateKey, tmp_path: Path
) -> None:
    root_keys.add(key)
    fingerprint = key_fingerprint(key.public_key())
    stranger = RootKeyFolder(root_keys.folder, KeyEncryptionKey(bytes(KEY_LENGTH)))
    (file,) = root_keys.folder.iterdir()
    for folder in (stranger, root_keys):
        with pytest.raises(CertwrightError) as error:
            folder.get(fingerprint)
        assert error.value.code is ErrorCode.WRONG_KEY_ENCRYPTION_KEY
        file.write_bytes(file.read_bytes()[:-1])


def test_key_in_anothers_file_is_refused(root_keys: RootKeyFolder, key: PrivateKey) -> None:
    other = generate_private_key(KeyType.EC_P384)
    root_keys.add(key)
    root_keys.add(other)
    one, two = (root_keys.folder / f"{key_fingerprint(k.public_key())}.key" for k in (key, other))
    one.write_bytes(two.read_bytes())
    with pytest.raises(CertwrightError) as error:
        root_keys.get(key_fingerprint(key.public_key()))
    assert error.value.code is ErrorCode.WRONG_KEY_ENCRYPTION_KEY


def test_folders_are_told_apart(tmp_path: Path, key: PrivateKey) -> None:
    (tmp_path / "other").mkdir()
    root_key_folder(tmp_path).add(key)
    with pytest.raises(CertwrightError):
        root_key_folder(tmp_path / "other").get(key_fingerprint(key.public_key()))
