"""Windows' certificate stores: opened, walked through, written to the registry."""

import hashlib
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from ctypes import c_void_p, c_wchar_p, cast, string_at, wstring_at
from typing import Any

from ...failures import FailureCode, MachineError
from ...windows_libraries import SystemCallError
from . import crypt32

LOCAL_MACHINE = "LocalMachine"
CURRENT_USER = "CurrentUser"
ROOT = "Root"
_LOCATIONS = {CURRENT_USER: 1 << 16, LOCAL_MACHINE: 2 << 16}
"""CERT_SYSTEM_STORE_CURRENT_USER and _LOCAL_MACHINE."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")
"""No backslash: "other\\My" is the store My of the computer "other"."""
_NO_SUCH_FILE = 2
Context = Any
"""A POINTER(CertificateContext); ctypes' pointers have no type that can be named."""


def list_stores(location: str) -> tuple[str, ...]:
    """The system names of the stores of `location`, sorted."""
    names: set[str] = set()

    def collect(name: int, _flags: int, _info: int, _reserved: int, _argument: int) -> bool:
        names.add(wstring_at(name))
        return True

    callback = crypt32.EnumerateCallback(collect)
    try:
        crypt32.enumerate_system_stores(_flags(location), None, None, callback)
    except SystemCallError as error:
        # An account that never had a certificate has no stores: no failure.
        if error.code != _NO_SUCH_FILE:
            raise
    return tuple(sorted(names))


@contextmanager
def opened(location: str, store: str, *, with_archived: bool = True) -> Iterator[c_void_p | None]:
    """A store, to be read; None where there is no such store yet."""
    flags = _flags(location) | crypt32.OPEN_READ_ONLY | crypt32.OPEN_EXISTING
    flags |= crypt32.OPEN_ENUM_ARCHIVED if with_archived else 0
    try:
        handle = _open(store, flags)
    except SystemCallError as error:
        if error.code != _NO_SUCH_FILE:
            raise
        yield None
        return
    try:
        yield handle
    finally:
        crypt32.close_store(handle, 0)


@contextmanager
def opened_for_change(location: str, store: str) -> Iterator[c_void_p]:
    """A store, to be changed; made if it is not there. Every change is in the registry after."""
    if (location, store.lower()) == (CURRENT_USER, ROOT.lower()):
        raise MachineError(
            FailureCode.NOT_PERMITTED,
            "Windows changes the Trusted Root store of a user only after a question on the screen, "
            "which nobody would see here.",
            "Use Local Machine > Trusted Root, which counts for all users.",
        )
    handle = _open(store, _flags(location) | crypt32.OPEN_ENUM_ARCHIVED)
    try:
        yield handle
        # Windows writes each change at once. wine does so only for what was added, and is told
        # here to write the rest; whether it was written is read back.
        crypt32.control_store.attempt(handle, crypt32.COMMIT_FORCE, crypt32.CONTROL_COMMIT, None)
    finally:
        crypt32.close_store(handle, 0)


@contextmanager
def memory_store() -> Iterator[c_void_p]:
    """A store that is nowhere but here."""
    handle = c_void_p(crypt32.open_store(crypt32.PROVIDER_MEMORY, 0, None, 0, None))
    try:
        yield handle
    finally:
        crypt32.close_store(handle, 0)


@contextmanager
def new_context(certificate: bytes) -> Iterator[Context]:
    """A certificate that lies in no store; raises UNREADABLE_CERTIFICATE."""
    context = crypt32.create_context.attempt(crypt32.ENCODING, certificate, len(certificate))
    if not context:
        raise MachineError(
            FailureCode.UNREADABLE_CERTIFICATE,
            "Windows cannot read the certificate.",
            "Give one certificate, in DER.",
        )
    try:
        yield context
    finally:
        crypt32.free_context(context)


def contexts(store: c_void_p | None) -> Generator[Context, None, None]:
    """All certificates in an open store; each is good until the next is asked for."""
    context: Context = None
    try:
        while store is not None:
            context = crypt32.enumerate_certificates.attempt(store, context)
            if not context:
                break
            yield context
    finally:
        # The call above frees the one before; a caller that stops early leaves one.
        if context:
            crypt32.free_context(context)


@contextmanager
def found(store: c_void_p | None, fingerprint: str) -> Iterator[Context]:
    """The certificate with this fingerprint; raises NOT_FOUND."""
    walk = contexts(store)
    try:
        for context in walk:
            if fingerprint_of(context) == fingerprint:
                yield context
                return
    finally:
        walk.close()
    raise MachineError(
        FailureCode.NOT_FOUND,
        f"There is no certificate {fingerprint[:64]} in this store.",
        "List the store anew: it may have been changed by another program.",
    )


def encoded(context: Context) -> bytes:
    """The certificate in DER."""
    return string_at(context.contents.encoded, context.contents.encoded_size)


def fingerprint_of(context: Context) -> str:
    """Lower-case hex SHA-256."""
    return hashlib.sha256(encoded(context)).hexdigest()


def fingerprints(location: str, store: str) -> frozenset[str]:
    """Of all that lies in a store, archived ones too."""
    with opened(location, store) as handle:
        return frozenset(map(fingerprint_of, contexts(handle)))


def add(store: c_void_p, context: Context) -> None:
    """Put a certificate with its properties into an open store that does not have it."""
    crypt32.add_context(store, context, crypt32.ADD_ALWAYS, None)


def remove(context: Context) -> None:
    """Take a certificate out of the open store that it was found in."""
    # The call frees the context that it is given, whether it succeeds or not.
    crypt32.delete_certificate(crypt32.duplicate_context(context))


def _open(store: str, flags: int) -> c_void_p:
    if not _NAME.fullmatch(store):
        raise MachineError(
            FailureCode.INVALID_INPUT,
            "That is no name of a store.",
            "Use a system name such as My, Root, CA, TrustedPeople or WebHosting.",
        )
    name = cast(c_wchar_p(store), c_void_p)
    return c_void_p(crypt32.open_store(crypt32.PROVIDER_SYSTEM, 0, None, flags, name))


def _flags(location: str) -> int:
    if location not in _LOCATIONS:
        raise MachineError(
            FailureCode.INVALID_INPUT,
            "That is no location of a store.",
            f"Use {LOCAL_MACHINE} or {CURRENT_USER}.",
        )
    return _LOCATIONS[location]
