"""The Windows Certificate Store of this machine: every task upon it, done."""

import ctypes
import hashlib
from collections.abc import Callable, Mapping
from ctypes import byref, create_unicode_buffer
from typing import Any

from ...failures import FailureCode, MachineError
from ...tasks import (
    AddCertificate,
    CertificateEntry,
    Certificates,
    CheckKeyAccess,
    DeleteCertificate,
    ExportedKey,
    ExportPrivateKey,
    FindCertificates,
    GrantKeyRead,
    ImportPfx,
    ImportRsaKey,
    KeyFormat,
    ListKeyReaders,
    ListStores,
    RevokeKeyRead,
    SetArchived,
    SetFriendlyName,
    StoreNames,
    StoreResult,
    StoreTask,
    WaitForChanges,
)
from ...windows_libraries import SystemCallError
from . import capi_keys, changing, cng_keys, crypt32, importing, key_readers, private_keys
from .properties import friendly_name, is_archived, key_place
from .structures import Blob
from .system_store import Context, contexts, encoded, fingerprint_of, found, list_stores, opened
from .watching import wait_for_changes

_EPOCH = 11_644_473_600
"""Seconds between 1601, where FILETIME starts, and 1970."""
_NOT_PERMITTED = frozenset({0x5, 0x80070005, 0x80090010})
"""ERROR_ACCESS_DENIED, E_ACCESSDENIED, NTE_PERM."""


def perform(task: StoreTask) -> StoreResult:
    """Do one task; raises MachineError, and leaves nothing half-done then."""
    try:
        return _PERFORMERS[type(task)](task)
    except SystemCallError as error:
        raise _explained(error) from None


def _list_stores(task: ListStores) -> StoreNames:
    return StoreNames(list_stores(task.location))


def _find(task: FindCertificates) -> Certificates:
    with opened(task.location, task.store, with_archived=task.with_archived) as store:
        return Certificates(
            tuple(_entry(context) for context in contexts(store) if _fits(context, task))
        )


def _entry(context: Context) -> CertificateEntry:
    place = key_place(context)
    return CertificateEntry(
        certificate=encoded(context),
        friendly_name=friendly_name(context),
        has_private_key=place is not None and private_keys.is_there(place),
        archived=is_archived(context),
    )


def _fits(context: Context, task: FindCertificates) -> bool:
    information = context.contents.info.contents
    limit = task.expires_before
    return (
        (limit is None or _seconds(information.not_after) < limit)
        and task.subject.lower() in _name(information.subject).lower()
        and task.issuer.lower() in _name(information.issuer).lower()
        and _identified(context, task.thumbprint)
    )


def _identified(context: Context, prefix: str) -> bool:
    return fingerprint_of(context).startswith(prefix) or _thumbprint(context).startswith(prefix)


def _thumbprint(context: Context) -> str:
    return hashlib.sha1(encoded(context), usedforsecurity=False).hexdigest()


def _seconds(time: Any) -> float:
    return float((time.dwHighDateTime << 32 | time.dwLowDateTime) / 10_000_000 - _EPOCH)


def _name(name: Blob) -> str:
    arguments = (crypt32.ENCODING, byref(name), crypt32.NAME_X500_REVERSED)
    size = crypt32.name_to_text.attempt(*arguments, None, 0)
    text = create_unicode_buffer(size)
    crypt32.name_to_text.attempt(*arguments, text, size)
    return text.value


def _export(task: ExportPrivateKey) -> ExportedKey:
    with opened(task.location, task.store) as store, found(store, task.fingerprint) as context:
        place = private_keys.required(context)
        if place.is_cng:
            return ExportedKey(KeyFormat.PFX, cng_keys.export(context, task.password))
        return ExportedKey(KeyFormat.RSA_BLOB, capi_keys.export(place))


_PERFORMERS: Mapping[type, Callable[[Any], StoreResult]] = {
    ListStores: _list_stores,
    FindCertificates: _find,
    AddCertificate: importing.add_certificate,
    ImportRsaKey: importing.import_rsa_key,
    ImportPfx: importing.import_pfx,
    ExportPrivateKey: _export,
    DeleteCertificate: changing.delete,
    SetFriendlyName: changing.rename,
    SetArchived: changing.archive,
    ListKeyReaders: key_readers.list_readers,
    GrantKeyRead: key_readers.grant,
    RevokeKeyRead: key_readers.revoke,
    CheckKeyAccess: key_readers.check,
    WaitForChanges: wait_for_changes,
}


def _explained(error: SystemCallError) -> MachineError:
    if error.code in _NOT_PERMITTED:
        return MachineError(
            FailureCode.NOT_PERMITTED,
            f"Windows does not let this account do that ({error.function}: access denied).",
            "Run it as an administrator, or as SYSTEM.",
        )
    text = str(vars(ctypes)["FormatError"](ctypes.c_int32(error.code).value)).strip().rstrip(".")
    return MachineError(
        FailureCode.STORE_FAILED,
        f"Windows refused: {text} ({error.function}, 0x{error.code:08x}).",
        "Look into that machine's event log, System and Application, at this moment.",
    )
