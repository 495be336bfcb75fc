"""How many log-ins may fail before one has to wait, counted in the database for all processes.

Three counts, since each alone can be got round or turned against the users:
- a user at one address, strict: guessing one password from one place;
- an address with any names: spraying a password over many names, known or not;
- a user from all addresses, soft: guessing from many places. She herself is let past it where
  she logged in lately, so that nobody can lock her out from her own place by guessing elsewhere.

An attempt is counted before its password is looked at and taken back if it was right, so that
many attempts at one moment are not all looked at.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from certwright.database.access_tables import log_in_attempts

FORGET_AFTER = timedelta(hours=24)
"""Failures are forgotten when none has followed for so long."""

KNOWN_FOR = timedelta(days=30)
"""How long an address counts as a user's own after she logged in there."""


@dataclass(frozen=True)
class Limit:
    """How many failures are free, and the waits that follow, each twice the one before."""

    free_failures: int
    first_wait: timedelta
    longest_wait: timedelta

    def wait_after(self, failures: int) -> timedelta:
        """How long no log-in is tried after so many failures."""
        beyond = failures - self.free_failures
        if beyond < 0:
            return timedelta(0)
        # Ten doublings are beyond every longest wait; the bound keeps the number small for ever.
        doublings: int = 2 ** min(beyond, 10)
        return min(self.longest_wait, self.first_wait * doublings)


USER_AT_ADDRESS = Limit(5, timedelta(seconds=30), timedelta(minutes=15))
ADDRESS = Limit(20, timedelta(seconds=30), timedelta(minutes=15))
USER = Limit(50, timedelta(seconds=5), timedelta(minutes=1))


@dataclass(frozen=True)
class Counted:
    """An attempt that was counted as failed until it is taken back: new locks by key."""

    own_key: str
    locks: dict[str, datetime | None]


@dataclass(frozen=True)
class LockedOut:
    """No attempt may be made before `until`."""

    until: datetime


def count_attempt(
    connection: Connection, user: str, address: str, now: datetime
) -> Counted | LockedOut:
    """Count an attempt of `user` (any text) at `address` (of the client), if it may be made."""
    own_key, limits = _limits(user, _network(address))
    connection.execute(
        delete(log_in_attempts).where(
            log_in_attempts.c.last_at < now - FORGET_AFTER,
            (log_in_attempts.c.known_until < now) | log_in_attempts.c.known_until.is_(None),
            log_in_attempts.c.key.not_in(limits),
        )
    )
    connection.execute(
        insert(log_in_attempts)
        .values([{"key": key, "failures": 0, "last_at": now} for key in sorted(limits)])
        .on_conflict_do_nothing()
    )
    rows = connection.execute(
        select(log_in_attempts)
        .where(log_in_attempts.c.key.in_(limits))
        .order_by(log_in_attempts.c.key)
        .with_for_update()
    ).all()
    known = any(row.key == own_key and _later(row.known_until, now) for row in rows)
    heeded = [row for row in rows if not (known and limits[row.key] is USER)]
    locked = max((row.locked_until for row in heeded if row.locked_until), default=now)
    if locked > now:
        return LockedOut(locked)
    locks: dict[str, datetime | None] = {}
    for row in rows:
        failures = 1 if row.last_at < now - FORGET_AFTER else row.failures + 1
        wait = limits[row.key].wait_after(failures)
        locks[row.key] = now + wait if wait else None
        connection.execute(
            update(log_in_attempts)
            .where(log_in_attempts.c.key == row.key)
            .values(failures=failures, last_at=now, locked_until=locks[row.key])
        )
    return Counted(own_key, locks)


def take_back(connection: Connection, counted: Counted) -> None:
    """Undo `count_attempt` for an attempt that did not fail."""
    for key, lock in sorted(counted.locks.items()):
        connection.execute(
            update(log_in_attempts)
            .where(log_in_attempts.c.key == key, log_in_attempts.c.failures > 0)
            .values(failures=log_in_attempts.c.failures - 1)
        )
        if lock is not None:
            connection.execute(
                update(log_in_attempts)
                .where(log_in_attempts.c.key == key, log_in_attempts.c.locked_until == lock)
                .values(locked_until=None)
            )


def remember_success(connection: Connection, counted: Counted, now: datetime) -> None:
    """Take the attempt back, forget the user's failures there, and know her there from now on.

    What others at her address or elsewhere did is not forgiven: a guesser with an account of
    his own could else start his counts again as often as he likes.
    """
    take_back(connection, counted)
    connection.execute(
        update(log_in_attempts)
        .where(log_in_attempts.c.key == counted.own_key)
        .values(failures=0, locked_until=None, known_until=now + KNOWN_FOR)
    )


def _limits(user: str, network: str) -> tuple[str, dict[str, Limit]]:
    own_key = _key("user-at-address", user, network)
    return own_key, {
        own_key: USER_AT_ADDRESS,
        _key("address", network): ADDRESS,
        _key("user", user): USER,
    }


def _key(*parts: str) -> str:
    # Names may be of any length and may hold a password typed into the wrong field.
    lengths_keep_apart = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(lengths_keep_apart.encode("utf-8", "surrogatepass")).hexdigest()


def _network(address: str) -> str:
    """What one client can choose its addresses from: an IPv4 address, a /64 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(parsed), 64), strict=False))
    return str(parsed)


def _later(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment > now
