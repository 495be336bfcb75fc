"""Where the account of each ACME authority is kept: its key in the vault, its address beside.

And what every node of the database has to know of it: for how long it leaves the directory alone,
and which proofs could not be taken away when their order was over.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, delete, select

from certwright.authorities.acme.challenges import (
    Challenge,
    challenge_from_json,
    challenge_to_json,
)
from certwright.authorities.acme.pause import Pause
from certwright.database.facts import keep_fact, read_fact
from certwright.database.node_tables import node_facts
from certwright.database.private_keys import PrivateKeyVault
from certwright.database.tables import authorities
from certwright.x509.keys import KeyType, PrivateKey, generate_private_key, key_fingerprint

_MOST_LEFT = 100
"""Who never can take any away keeps the latest."""


@dataclass(frozen=True)
class AcmeAccount:
    """The account's key, and where its address at the directory is kept.

    `find` has the address for the fingerprint of a key; `keep` remembers one, "" that it has none.
    `paused` says how long the directory is left alone at that moment; `pause` remembers it. `left`
    has the proofs that are still up for nothing, and `leave` remembers those, and no others.
    `contact` is what the directory was told last, None where nobody knows.
    """

    key: PrivateKey = field(repr=False)
    find: Callable[[str], str | None]
    keep: Callable[[str, str], None]
    paused: Callable[[datetime], Pause | None]
    pause: Callable[[Pause], None]
    left: Callable[[], tuple[Challenge, ...]]
    leave: Callable[[tuple[Challenge, ...]], None]
    contact: Callable[[], tuple[str, ...] | None]
    keep_contact: Callable[[tuple[str, ...]], None]

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
            return _account_of_nobody()
        with self.database.connect() as connection:
            private_key = self.vault.get(connection, key)
        return AcmeAccount(
            private_key,
            partial(self._find, authority, directory),
            partial(self._keep, authority, directory),
            partial(self._paused, authority, directory),
            partial(self._pause, authority, directory),
            partial(self._left, authority),
            partial(self._leave, authority),
            partial(self._contact, authority),
            partial(self._keep_contact, authority),
        )

    def _key(self, connection: Connection, authority: str) -> str | None:
        # Held, so that of two who open it at the same moment one makes the key.
        is_there = connection.execute(
            select(authorities.c.name).where(authorities.c.name == authority).with_for_update()
        ).one_or_none()
        if is_there is None:
            return None
        known = _fact(connection, _account(authority))
        if "key" in known:
            return str(known["key"])
        key = self.vault.add(
            connection, generate_private_key(KeyType.EC_P256), self.now(), exportable=False
        )
        keep_fact(connection, _account(authority), {"key": key})
        return key

    def _find(self, authority: str, directory: str, fingerprint: str) -> str | None:
        with self.database.connect() as connection:
            known = _fact(connection, _account(authority))
        is_it = (known.get("key"), known.get("directory")) == (fingerprint, directory)
        address: str | None = known.get("address")
        return address if is_it else None

    def _keep(self, authority: str, directory: str, fingerprint: str, address: str) -> None:
        fact = {"key": fingerprint, "directory": directory, "address": address}
        with self.database.begin() as connection:
            keep_fact(connection, _account(authority), fact)

    def _contact(self, authority: str) -> tuple[str, ...] | None:
        with self.database.connect() as connection:
            known = _fact(connection, _account(authority))
        return tuple(known["contact"]) if "contact" in known else None

    def _keep_contact(self, authority: str, contact: tuple[str, ...]) -> None:
        with self.database.begin() as connection:
            known = _fact(connection, _account(authority))
            keep_fact(connection, _account(authority), known | {"contact": list(contact)})

    def _paused(self, authority: str, directory: str, now: datetime) -> Pause | None:
        with self.database.connect() as connection:
            return find_pause(connection, authority, directory, now)

    def _pause(self, authority: str, directory: str, pause: Pause) -> None:
        fact = {
            "directory": directory,
            "until": pause.until.isoformat(),
            "sentence": pause.sentence,
        }
        with self.database.begin() as connection:
            keep_fact(connection, _pause_of(authority), fact)

    def _left(self, authority: str) -> tuple[Challenge, ...]:
        with self.database.connect() as connection:
            known = _fact(connection, _left_of(authority))
        return tuple(map(challenge_from_json, known.get("proofs", ())))

    def _leave(self, authority: str, proofs: tuple[Challenge, ...]) -> None:
        fact = {"proofs": [challenge_to_json(one) for one in proofs[-_MOST_LEFT:]]}
        with self.database.begin() as connection:
            keep_fact(connection, _left_of(authority), fact)


def find_pause(
    connection: Connection, authority: str, directory: str, now: datetime
) -> Pause | None:
    """For how long `authority` leaves the `directory` (its address) alone; None if it does not."""
    known = _fact(connection, _pause_of(authority))
    if known.get("directory") != directory:
        return None
    until = datetime.fromisoformat(known["until"])
    return Pause(until, known["sentence"]) if until > now else None


def forget_account(connection: Connection, vault: PrivateKeyVault, authority: str) -> None:
    """Forget an account for good, key and address; nothing happens where there is none."""
    if "key" in (known := _fact(connection, _account(authority))):
        vault.delete(connection, known["key"])
    names = (_account(authority), _pause_of(authority), _left_of(authority))
    connection.execute(delete(node_facts).where(node_facts.c.name.in_(names)))


def _account(authority: str) -> str:
    return f"acme-account {authority}"


def _pause_of(authority: str) -> str:
    return f"acme-pause {authority}"


def _left_of(authority: str) -> str:
    return f"acme-left {authority}"


def _fact(connection: Connection, name: str) -> dict[str, Any]:
    known: dict[str, Any] | None = read_fact(connection, name)
    return known or {}


def _account_of_nobody() -> AcmeAccount:
    """Its key is gone as soon as it was looked."""
    key = generate_private_key(KeyType.EC_P256)
    return AcmeAccount(
        *(key, lambda _: None, lambda *_: None, lambda _: None, lambda _: None),
        *(lambda: (), lambda _: None, lambda: None, lambda _: None),
    )
