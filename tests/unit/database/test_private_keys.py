"""The vault: private keys go in, come out with the right key, and lie there encrypted."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, func, select, update

from certwright.database.encryption import KEY_LENGTH, KeyEncryptionKey
from certwright.database.private_keys import PrivateKeyVault
from certwright.database.tables import private_keys
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.keys import (
    KeyType,
    PrivateKey,
    generate_private_key,
    key_fingerprint,
    private_key_to_der,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
VAULT = PrivateKeyVault(KeyEncryptionKey(bytes(range(KEY_LENGTH))))
STRANGE_VAULT = PrivateKeyVault(KeyEncryptionKey(bytes(KEY_LENGTH)))


@pytest.fixture
def key() -> PrivateKey:
    return generate_private_key(KeyType.EC_P256)


@pytest.mark.parametrize("key_type", [KeyType.EC_P256, KeyType.EC_P384, KeyType.RSA_2048])
def test_what_goes_in_comes_out(database: Engine, key_type: KeyType) -> None:
    key = generate_private_key(key_type)
    with database.begin() as connection:
        fingerprint = VAULT.add(connection, key, NOW)
    with database.connect() as connection:
        found = VAULT.get(connection, fingerprint)
    assert fingerprint == key_fingerprint(key.public_key())
    assert private_key_to_der(found) == private_key_to_der(key)


def test_the_row_holds_nothing_in_the_clear(database: Engine, key: PrivateKey) -> None:
    with database.begin() as connection:
        VAULT.add(connection, key, NOW)
        row = connection.execute(select(private_keys)).one()
    der = private_key_to_der(key)
    assert len(row.encrypted) > len(der)
    assert der[-32:] not in row.encrypted
    assert der[:16] not in row.encrypted


def test_the_same_key_twice_is_one(database: Engine, key: PrivateKey) -> None:
    with database.begin() as connection:
        assert VAULT.add(connection, key, NOW) == VAULT.add(connection, key, NOW)
        assert connection.scalar(select(func.count()).select_from(private_keys)) == 1


def test_missing_key_is_told_of(database: Engine) -> None:
    with database.connect() as connection, pytest.raises(CertwrightError) as error:
        VAULT.get(connection, "ab" * 32)
    assert error.value.code is ErrorCode.NO_PRIVATE_KEY


def test_a_key_stays_as_exportable_as_it_came(database: Engine, key: PrivateKey) -> None:
    free = generate_private_key(KeyType.EC_P256)
    with database.begin() as connection:
        kept = VAULT.add(connection, key, NOW, exportable=False)
        VAULT.add(connection, key, NOW, exportable=True)
        assert not VAULT.is_exportable(connection, kept)
        assert VAULT.is_exportable(connection, VAULT.add(connection, free, NOW))


def test_deleted_key_is_gone(database: Engine, key: PrivateKey) -> None:
    with database.begin() as connection:
        fingerprint = VAULT.add(connection, key, NOW)
        assert VAULT.delete(connection, fingerprint)
        assert not VAULT.delete(connection, fingerprint)
        for ask in (VAULT.get, VAULT.is_exportable):
            with pytest.raises(CertwrightError) as error:
                ask(connection, fingerprint)
            assert error.value.code is ErrorCode.NO_PRIVATE_KEY


def test_another_key_encryption_key_opens_nothing(database: Engine, key: PrivateKey) -> None:
    with database.begin() as connection:
        fingerprint = VAULT.add(connection, key, NOW)
        with pytest.raises(CertwrightError) as error:
            STRANGE_VAULT.get(connection, fingerprint)
    assert error.value.code is ErrorCode.WRONG_KEY_ENCRYPTION_KEY


def test_a_row_put_in_anothers_place_is_refused(database: Engine, key: PrivateKey) -> None:
    other = generate_private_key(KeyType.EC_P256)
    with database.begin() as connection:
        fingerprint = VAULT.add(connection, key, NOW)
        foreign = VAULT.key.encrypt(private_key_to_der(other), key_fingerprint(other.public_key()))
        connection.execute(update(private_keys).values(encrypted=foreign))
        with pytest.raises(CertwrightError) as error:
            VAULT.get(connection, fingerprint)
    assert error.value.code is ErrorCode.WRONG_KEY_ENCRYPTION_KEY


def test_a_database_remembers_whose_key_it_is_encrypted_with(database: Engine) -> None:
    with database.begin() as connection:
        VAULT.confirm(connection)
        VAULT.confirm(connection)
        with pytest.raises(CertwrightError) as error:
            STRANGE_VAULT.confirm(connection)
    assert error.value.code is ErrorCode.WRONG_KEY_ENCRYPTION_KEY
