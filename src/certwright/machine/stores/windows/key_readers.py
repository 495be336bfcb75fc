"""Which accounts may read a private key: listed, granted, revoked, and read back each time.

A service whose account lacks Read starts, and its TLS does not.
"""

from collections.abc import Callable, Sequence

from ...failures import FailureCode, MachineError
from ...tasks import (
    CheckKeyAccess,
    GrantKeyRead,
    KeyAccess,
    KeyReader,
    KeyReaders,
    ListKeyReaders,
    RevokeKeyRead,
)
from . import private_keys
from .accounts import ADMINISTRATORS, EVERYONE, SYSTEM, identities_of, name_of, sid_of
from .properties import KeyPlace
from .security_descriptors import (
    DENIED,
    AccessEntry,
    MalformedDescriptorError,
    allow_reading,
    forbid_reading,
    read_access_list,
    write_access_list,
)
from .system_store import found, opened
from .turns import turn

_OWNERS = frozenset({SYSTEM, ADMINISTRATORS})
"""SYSTEM and Administrators: without them nobody can change the key any more."""


def list_readers(task: ListKeyReaders) -> KeyReaders:
    """Everybody whom the key's access list names."""
    return _readers(_entries(_place(task)))


def grant(task: GrantKeyRead) -> KeyReaders:
    """Let an account read the key."""
    sid = sid_of(task.account)
    with turn(task.location):
        place = _place(task)
        _replace(place, lambda entries: allow_reading(entries, sid))
        after = _readers(_entries(place))
    if not _may_read(after.readers, sid):
        raise _not_taken("A denial stands before it, or Windows did not keep the change.")
    return after


def revoke(task: RevokeKeyRead) -> KeyReaders:
    """Take the right from an account; refuses SYSTEM and Administrators."""
    sid = sid_of(task.account)
    if sid in _OWNERS:
        raise MachineError(
            FailureCode.INVALID_INPUT,
            "SYSTEM and Administrators own the key: without them nobody could change it any more.",
            "Take the right from the accounts of services only.",
        )
    with turn(task.location):
        place = _place(task)
        _replace(place, lambda entries: forbid_reading(entries, sid))
        after = _readers(_entries(place))
    if any(reader.sid == sid and reader.reads for reader in after.readers):
        raise _not_taken("The account's right is inherited from the folder of the keys.")
    return after


def check(task: CheckKeyAccess) -> KeyAccess:
    """Whether an account may read the key, by itself or by one of its groups."""
    sid = sid_of(task.account)
    readers = _readers(_entries(_place(task))).readers
    return KeyAccess(sid, _may_read(readers, sid), readers)


def _may_read(readers: Sequence[KeyReader], sid: str) -> bool:
    identities = identities_of(sid)
    named = [reader for reader in readers if reader.sid in identities]
    return any(reader.reads for reader in named) and not any(reader.denied for reader in named)


def _place(task: ListKeyReaders | GrantKeyRead | RevokeKeyRead | CheckKeyAccess) -> KeyPlace:
    with opened(task.location, task.store) as store, found(store, task.fingerprint) as context:
        return private_keys.required(context)


def _entries(place: KeyPlace) -> tuple[AccessEntry, ...] | None:
    try:
        return read_access_list(private_keys.security(place))
    except MalformedDescriptorError:
        raise MachineError(
            FailureCode.STORE_FAILED,
            "Windows described the rights on the private key in a way that is not known here.",
            "Look at them with certlm.msc: All Tasks > Manage Private Keys.",
        ) from None


def _replace(
    place: KeyPlace, change: Callable[[Sequence[AccessEntry]], tuple[AccessEntry, ...]]
) -> None:
    before = _entries(place)
    # Without a list everybody may do all; one with a single entry would shut the others out.
    if before is None:
        return
    after = change(before)
    if after != before:
        private_keys.set_security(place, write_access_list(after))


def _readers(entries: tuple[AccessEntry, ...] | None) -> KeyReaders:
    if entries is None:
        return KeyReaders((KeyReader(EVERYONE, name_of(EVERYONE), reads=True, denied=False),))
    effective = [entry for entry in entries if entry.applies and entry.reads]
    sids = dict.fromkeys(entry.sid for entry in effective)
    return KeyReaders(
        tuple(
            KeyReader(
                sid=sid,
                account=name_of(sid),
                reads=any(e.sid == sid and e.kind != DENIED for e in effective),
                denied=any(e.sid == sid and e.kind == DENIED for e in effective),
            )
            for sid in sids
        )
    )


def _not_taken(why: str) -> MachineError:
    return MachineError(
        FailureCode.STORE_FAILED,
        f"The right on the private key did not take effect. {why}",
        "Change it with certlm.msc: All Tasks > Manage Private Keys.",
    )
