"""Where the account of each ACME authority is kept: its key in the vault, its address beside."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects.postgresql import insert

from certwright.database.private_keys import PrivateKeyVault
from certwright.database.tables import authorities, node_facts
from certwright.x509.keys import KeyType, PrivateKey, generate_private_key, key_fingerprint


@dataclass(frozen=True)
class AcmeAccount:
    """The account's key, and where its address at the directory is kept.

    `find` has the address for the fingerprint of a key; `keep` remembers one, "" that it has none.
    """

    key: PrivateKey = field(repr=False)
    find: Callable[[str], str | None]
    keep: Callable[[str, str], None]

    @property
    def fingerprint(self) -> str:
        """Of its key."""
        return key_fingerprint(self.key.public_key())


@dataclass(frozen=True)
class AcmeAccounts:
    """The accounts, one for each authority on record."""

    database: Engine
    vault: PrivateKeyVault
    now: Callable[[], datetime]

    def open(self, authority: str, directory: str) -> AcmeAccount:
        """The account of `authority`; its key is made when it is first opened.

        One that is not on record, since it is only looked at, gets a key that nobody keeps. An
        address counts for the `directory` that gave it only.
        """
        with self.database.begin() as connection:
            key = self._key(connection, authority)
        if key is None:
            return AcmeAccount(generate_private_key(KeyType.EC_P256), lambda _: None, _keep_nothing)
        with self.database.connect() as connection:
            private_key = self.vault.get(connection, key)
        return AcmeAccount(
            private_key,
            partial(self._find, authority, directory),
            partial(self._keep, authority, directory),
        )

    def _key(self, connection: Connection, authority: str) -> str | None:
        # Held, so that of two who open it at the same moment one makes the key.
        is_there = connection.execute(
            select(authorities.c.name).where(authorities.c.name == authority).with_for_update()
        ).one_or_none()
        if is_there is None:
            return None
        known = _fact(connection, authority)
        if "key" in known:
            return known["key"]
        key = self.vault.add(
            connection, generate_private_key(KeyType.EC_P256), self.now(), exportable=False
        )
        _keep_fact(connection, authority, {"key": key})
        return key

    def _find(self, authority: str, directory: str, fingerprint: str) -> str | None:
        with self.database.connect() as connection:
            known = _fact(connection, authority)
        is_it = (known.get("key"), known.get("directory")) == (fingerprint, directory)
        return known.get("address") if is_it else None

    def _keep(self, authority: str, directory: str, fingerprint: str, address: str) -> None:
        fact = {"key": fingerprint, "directory": directory, "address": address}
        with self.database.begin() as connection:
            _keep_fact(connection, authority, fact)


def forget_account(connection: Connection, vault: PrivateKeyVault, authority: str) -> None:
    """Forget an account for good, key and address; nothing happens where there is none."""
    if "key" in (known := _fact(connection, authority)):
        vault.delete(connection, known["key"])
    connection.execute(delete(node_facts).where(node_facts.c.name == _name(authority)))


def _name(authority: str) -> str:
    return f"acme-account {authority}"


def _fact(connection: Connection, authority: str) -> dict[str, str]:
    known: dict[str, str] | None = connection.execute(
        select(node_facts.c.value).where(node_facts.c.name == _name(authority))
    ).scalar_one_or_none()
    return known or {}


def _keep_fact(connection: Connection, authority: str, fact: dict[str, str]) -> None:
    connection.execute(
        insert(node_facts)
        .values(name=_name(authority), value=fact)
        .on_conflict_do_update(index_elements=[node_facts.c.name], set_={"value": fact})
    )


def _keep_nothing(_fingerprint: str, _address: str) -> None:
    """The key is gone as soon as it was looked."""
