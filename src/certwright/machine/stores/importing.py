"""Taking certificates and their private keys into Windows' stores."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import byref, c_void_p, cast, create_string_buffer
from dataclasses import replace

from ..failures import FailureCode, MachineError
from ..tasks import AddCertificate, Added, ImportPfx, ImportRsaKey, KeyProvider
from . import advapi32, capi_keys, crypt32, private_keys
from .kernel32 import turn
from .libraries import SystemCallError
from .properties import KeyPlace, key_place, set_friendly_name, set_key_place
from .structures import Blob
from .system_store import (
    LOCAL_MACHINE,
    Context,
    add,
    contexts,
    encoded,
    fingerprint_of,
    new_context,
    opened,
    opened_for_change,
)

_WRONG_PASSWORD = frozenset({0x56, 0x80070056})
"""ERROR_INVALID_PASSWORD."""


def add_certificate(task: AddCertificate) -> Added:
    """Put a certificate there, if it is not."""
    with new_context(task.certificate) as context, turn():
        return _add(task, context, lambda: None)


def import_rsa_key(task: ImportRsaKey) -> Added:
    """Put a certificate there with its key, which CAPI keeps."""

    def keep() -> KeyPlace:
        return capi_keys.keep(
            task.private_key,
            machine=task.location == LOCAL_MACHINE,
            exportable=task.exportable,
        )

    with new_context(task.certificate) as context, turn():
        return _add(task, context, keep)


def import_pfx(task: ImportPfx) -> Added:
    """Put the first certificate of a PFX file that has its key there, with the key."""
    with turn(), _pfx_store(task) as store:
        # Opening the file persisted every key in it, before anything was decided.
        persisted = [place for context in contexts(store) if (place := key_place(context))]
        kept: list[KeyPlace] = []
        try:
            for context in contexts(store):
                if place := key_place(context):
                    return _add_from_pfx(task, context, place, kept)
        finally:
            for place in persisted:
                if place not in kept:
                    private_keys.delete(place)
    raise MachineError(
        FailureCode.NO_PRIVATE_KEY,
        "The PFX file holds no certificate with a private key.",
        "Export it again, with its private key.",
    )


def _add_from_pfx(
    task: ImportPfx, context: Context, place: KeyPlace, kept: list[KeyPlace]
) -> Added:
    def keep() -> KeyPlace:
        if task.provider is KeyProvider.CNG:
            kept.append(place)
            return place
        # Windows opens a PFX into a CAPI provider of type 1, which cannot sign with SHA-256, and
        # wine into one container for all files: the key moves to where it shall be.
        return capi_keys.keep(
            capi_keys.export(_readable(place)),
            machine=task.location == LOCAL_MACHINE,
            exportable=task.exportable,
        )

    with new_context(encoded(context)) as bare:
        return _add(task, bare, keep)


def _readable(place: KeyPlace) -> KeyPlace:
    if place.is_cng:
        raise MachineError(
            FailureCode.INVALID_INPUT,
            "CAPI cannot keep this key: the PFX file says that it is CNG's, or it is no RSA key.",
            "Let CNG keep the key.",
        )
    # wine tells a key specification that no key has.
    known = place.key_specification in (advapi32.KEY_EXCHANGE, advapi32.SIGNATURE)
    return place if known else replace(place, key_specification=advapi32.KEY_EXCHANGE)


def _add(
    task: AddCertificate | ImportRsaKey | ImportPfx,
    context: Context,
    keep: Callable[[], KeyPlace | None],
) -> Added:
    fingerprint = fingerprint_of(context)
    is_new = not _tie_present(task, fingerprint, keep)
    if is_new:
        place = keep()
        with _undone_on_failure(place):
            if place is not None:
                _tie(context, place)
            set_friendly_name(context, task.friendly_name)
            with opened_for_change(task.location, task.store) as store:
                add(store, context)
    with opened(task.location, task.store) as store:
        if fingerprint not in map(fingerprint_of, contexts(store)):
            raise MachineError(
                FailureCode.STORE_FAILED,
                "Windows took the certificate, and yet it is not in the store.",
                "Look whether a group policy or a security program guards this store.",
            )
    return Added(fingerprint, is_new)


def _tie_present(
    task: AddCertificate | ImportRsaKey | ImportPfx,
    fingerprint: str,
    keep: Callable[[], KeyPlace | None],
) -> bool:
    """Whether the certificate is there; its missing key is added to it then."""
    with opened(task.location, task.store) as store:
        if fingerprint not in map(fingerprint_of, contexts(store)):
            return False
    with opened_for_change(task.location, task.store) as store:
        for context in contexts(store):
            if fingerprint_of(context) != fingerprint:
                continue
            former = key_place(context)
            if former is None or not private_keys.is_there(former):
                place = keep()
                with _undone_on_failure(place):
                    if place is not None:
                        _tie(context, place)
            break
    return True


def _tie(context: Context, place: KeyPlace) -> None:
    if not private_keys.matches(place, context):
        raise MachineError(
            FailureCode.INVALID_INPUT,
            "The private key is not that of the certificate, or Windows cannot sign with it.",
            "Import the certificate together with its own private key.",
        )
    set_key_place(context, place)


@contextmanager
def _undone_on_failure(place: KeyPlace | None) -> Iterator[None]:
    """No key may stay behind that no certificate leads to."""
    try:
        yield
    except BaseException:
        if place is not None:
            private_keys.delete(place)
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
            "Its encryption may be too new for this Windows, or its kind of key unknown there: "
            "export it again with 3DES, or take an RSA key.",
        ) from None
    try:
        yield store
    finally:
        crypt32.close_store(store, 0)
