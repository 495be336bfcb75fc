"""Taking certificates and their private keys into Windows' stores."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ctypes import byref, c_void_p, cast, create_string_buffer
from dataclasses import replace

from ...failures import FailureCode, MachineError
from ...tasks import AddCertificate, Added, ImportPfx, ImportRsaKey, KeyProvider
from ...windows_libraries import SystemCallError
from . import advapi32, capi_keys, crypt32, private_keys
from .properties import KeyPlace, key_place, set_friendly_name, set_key_place
from .structures import Blob
from .system_store import (
    LOCAL_MACHINE,
    Context,
    add,
    contexts,
    encoded,
    fingerprint_of,
    found,
    new_context,
    opened,
    opened_for_change,
    remove,
)
from .turns import turn

_WRONG_PASSWORD = frozenset({0x56, 0x80070056})
"""ERROR_INVALID_PASSWORD."""
_Import = AddCertificate | ImportRsaKey | ImportPfx


def add_certificate(task: AddCertificate) -> Added:
    """Put a certificate there, if it is not."""
    with new_context(task.certificate) as context, turn(task.location):
        return _add(task, context, lambda: None)


def import_rsa_key(task: ImportRsaKey) -> Added:
    """Put a certificate there with its key, which CAPI keeps."""

    def keep() -> KeyPlace:
        return capi_keys.keep(
            task.private_key,
            machine=task.location == LOCAL_MACHINE,
            exportable=task.exportable,
        )

    with new_context(task.certificate) as context, turn(task.location):
        return _add(task, context, keep)


def import_pfx(task: ImportPfx) -> Added:
    """Put the first certificate of a PFX file that has its key there, with the key."""
    with turn(task.location), _pfx_store(task) as store:
        # Opening the file persisted every key in it, before anything was decided.
        places = [_place_in_pfx(task, context) for context in contexts(store)]
        try:
            for context, place in zip(contexts(store), places, strict=True):
                if place is not None:
                    return _add_from_pfx(task, context, place)
        finally:
            # What a certificate leads to stays, be it this one's or that of another file before.
            for place in places:
                if place is not None and not private_keys.is_used(place, task.location):
                    private_keys.delete(place)
    raise MachineError(
        FailureCode.NO_PRIVATE_KEY,
        "The PFX file holds no certificate with a private key.",
        "Export it again, with its private key.",
    )


def _place_in_pfx(task: ImportPfx, context: Context) -> KeyPlace | None:
    place = key_place(context)
    if place is None or place.is_cng:
        return place
    # wine says neither that the key is the machine's nor what kind of key it is.
    key_set = advapi32.MACHINE_KEY_SET if task.location == LOCAL_MACHINE else 0
    is_known = place.key_specification in (advapi32.KEY_EXCHANGE, advapi32.SIGNATURE)
    return replace(
        place,
        flags=place.flags | key_set,
        key_specification=place.key_specification if is_known else advapi32.KEY_EXCHANGE,
    )


def _add_from_pfx(task: ImportPfx, context: Context, place: KeyPlace) -> Added:
    def keep() -> KeyPlace:
        if task.provider is KeyProvider.CNG:
            return place
        if place.is_cng:
            raise _kept_by_cng_only()
        # Windows opens a PFX into a CAPI provider of type 1, which cannot sign with SHA-256, and
        # wine into one container for all files: the key moves to where it shall be.
        return capi_keys.keep(
            capi_keys.export(place),
            machine=task.location == LOCAL_MACHINE,
            exportable=task.exportable,
        )

    with new_context(encoded(context)) as bare:
        return _add(task, bare, keep)


def _kept_by_cng_only() -> MachineError:
    return MachineError(
        FailureCode.INVALID_INPUT,
        "CAPI cannot keep this key: the PFX file says that it is CNG's, or it is no RSA key.",
        "Let CNG keep the key.",
    )


def _add(task: _Import, context: Context, keep: Callable[[], KeyPlace | None]) -> Added:
    fingerprint = fingerprint_of(context)
    with opened_for_change(task.location, task.store) as store:
        is_new, place = _put(task, store, context, keep)
    with _key_undone_on_failure(place), _removed_on_failure(task, fingerprint if is_new else None):
        _require_there(task, fingerprint, place)
    return Added(fingerprint, is_new)


def _put(
    task: _Import, store: c_void_p, context: Context, keep: Callable[[], KeyPlace | None]
) -> tuple[bool, KeyPlace | None]:
    """Whether the certificate was not there, and where the key is that it was given, if any."""
    fingerprint = fingerprint_of(context)
    for present in contexts(store):
        if fingerprint_of(present) == fingerprint:
            former = key_place(present)
            if former is not None and private_keys.is_there(former):
                return False, None
            place = keep()
            with _key_undone_on_failure(place):
                _tie(present, place)
            return False, place
    place = keep()
    with _key_undone_on_failure(place):
        _tie(context, place)
        set_friendly_name(context, task.friendly_name)
        add(store, context)
    return True, place


def _tie(context: Context, place: KeyPlace | None) -> None:
    if place is None:
        return
    if not private_keys.matches(place, context):
        raise MachineError(
            FailureCode.INVALID_INPUT,
            "The private key is not that of the certificate, or Windows cannot sign with it.",
            "Import the certificate together with its own private key.",
        )
    set_key_place(context, place)


def _require_there(task: _Import, fingerprint: str, place: KeyPlace | None) -> None:
    """Read back that the certificate is in the store, and leads to the key it was given."""
    with opened(task.location, task.store) as store:
        for context in contexts(store):
            if fingerprint_of(context) == fingerprint:
                kept = key_place(context)
                if place is None or (kept is not None and kept.identity == place.identity):
                    return
    raise MachineError(
        FailureCode.STORE_FAILED,
        "Windows took the certificate, and yet it is not in the store as it was given.",
        "Look whether a group policy or a security program guards this store.",
    )


@contextmanager
def _key_undone_on_failure(place: KeyPlace | None) -> Iterator[None]:
    """No key may stay behind that no certificate leads to."""
    try:
        yield
    except BaseException:
        if place is not None:
            private_keys.delete(place)
        raise


@contextmanager
def _removed_on_failure(task: _Import, new: str | None) -> Iterator[None]:
    """No certificate may stay behind without the key that it came with."""
    try:
        yield
    except BaseException:
        if new is not None:
            with (
                suppress(MachineError, SystemCallError),
                opened_for_change(task.location, task.store) as store,
                found(store, new) as context,
            ):
                remove(context)
        raise


@contextmanager
def _pfx_store(task: ImportPfx) -> Iterator[c_void_p]:
    data = create_string_buffer(task.pfx, len(task.pfx))
    is_machine = task.location == LOCAL_MACHINE
    flags = crypt32.PFX_MACHINE_KEYS if is_machine else crypt32.PFX_USER_KEYS
    if task.provider is KeyProvider.CNG:
        flags |= crypt32.PFX_ALWAYS_CNG
    if task.exportable or task.provider is KeyProvider.CAPI:
        flags |= crypt32.PFX_EXPORTABLE
    try:
        store = c_void_p(
            crypt32.import_pfx(
                byref(Blob(len(task.pfx), cast(data, c_void_p))), task.password, flags
            )
        )
    except SystemCallError as error:
        if error.code in _WRONG_PASSWORD:
            raise MachineError(
                FailureCode.WRONG_PASSWORD,
                "The password does not open the PFX file.",
                "Give the password that the file was exported with.",
            ) from None
        raise MachineError(
            FailureCode.STORE_FAILED,
            f"Windows cannot import the PFX file (0x{error.code:08x}).",
            "Check its password; else its encryption may be too new for this Windows, or its kind "
            "of key unknown there: export it again with 3DES, or take an RSA key.",
        ) from None
    try:
        yield store
    finally:
        crypt32.close_store(store, 0)
