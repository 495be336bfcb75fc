"""Private keys that CNG keeps: of any algorithm, in a key storage provider."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import Structure, byref, c_void_p, c_wchar_p, cast, create_string_buffer, pointer
from ctypes.wintypes import DWORD

from ...failures import FailureCode, MachineError
from ...windows_libraries import SystemCallError
from . import advapi32, crypt32, ncrypt
from .capi_keys import not_exportable
from .properties import KeyPlace
from .structures import Blob
from .system_store import Context, add, memory_store

_NO_SUCH_KEY_SET = 0x80090016
_NOT_SUPPORTED = frozenset({0x80090029, 0x8009000B, 0x80090009, 0x80070005})
"""NTE_NOT_SUPPORTED, NTE_BAD_KEY_STATE, NTE_BAD_FLAGS, access denied: not exportable."""
_RSA = b"1.2.840.113549.1.1.1"


class _Padding(Structure):
    """BCRYPT_PKCS1_PADDING_INFO."""

    _fields_ = [("algorithm", c_wchar_p)]


def is_there(place: KeyPlace) -> bool:
    """Whether the key still is. One that may not be opened counts as there."""
    try:
        with _key(place):
            return True
    except SystemCallError as error:
        return error.code != _NO_SUCH_KEY_SET


def export(context: Context, password: str) -> bytes:
    """A PFX of the certificate with its key; raises KEY_NOT_EXPORTABLE.

    CNG gives an exportable key out only encrypted, so it cannot be had in another form.
    """
    with memory_store() as store:
        add(store, context)
        flags = crypt32.EXPORT_PRIVATE_KEYS | crypt32.EXPORT_OR_FAIL
        blob = Blob(0, None)
        try:
            crypt32.export_pfx(store, byref(blob), password, None, flags)
            data = create_string_buffer(blob.size)
            blob.data = cast(data, c_void_p)
            crypt32.export_pfx(store, byref(blob), password, None, flags)
        except SystemCallError as error:
            if error.code in _NOT_SUPPORTED:
                raise not_exportable() from None
            raise
        if not blob.size:
            raise MachineError(
                FailureCode.STORE_FAILED,
                "Windows wrote an empty PFX file.",
                "Export the certificate with certlm.msc on that machine.",
            )
        return data.raw[: blob.size]


def delete(place: KeyPlace) -> bool:
    """Destroy the key. True if it was there."""
    try:
        with _provider(place) as provider:
            key = c_void_p()
            ncrypt.open_key(provider, byref(key), place.container, 0, _flags(place))
            try:
                ncrypt.delete_key(key, 0)
            except SystemCallError:
                # Only a deletion that succeeds frees the handle (NCryptDeleteKey, Remarks).
                ncrypt.free_object(key)
                raise
    except SystemCallError as error:
        if error.code == _NO_SUCH_KEY_SET:
            return False
        raise
    return True


def matches(place: KeyPlace, context: Context) -> bool:
    """Sign with the key and verify with the certificate: is it really there, and this one's?"""
    information = context.contents.info.contents.public_key_info
    is_rsa = information.algorithm.identifier == _RSA
    padding = byref(_Padding("SHA256")) if is_rsa else None
    flags = ncrypt.PADDING_PKCS1 if is_rsa else 0
    digest = hashlib.sha256(os.urandom(32)).digest()
    try:
        with _key(place) as key:
            size = DWORD(0)
            ncrypt.sign_hash(key, padding, digest, len(digest), None, 0, byref(size), flags)
            signature = create_string_buffer(size.value)
            ncrypt.sign_hash(
                key,
                padding,
                digest,
                len(digest),
                signature,
                size.value,
                byref(size),
                flags | ncrypt.SILENT,
            )
        with _public_key(context) as public_key:
            ncrypt.verify_signature(
                public_key, padding, digest, len(digest), signature, size.value, flags
            )
    except SystemCallError:
        return False
    return True


def security(place: KeyPlace) -> bytes:
    """The access list of the key, as a self-relative security descriptor."""
    with _key(place) as key:
        name, part = ncrypt.SECURITY_DESCRIPTOR, advapi32.ACCESS_LIST
        size = DWORD(0)
        ncrypt.get_key_property(key, name, None, 0, byref(size), part)
        data = create_string_buffer(size.value)
        ncrypt.get_key_property(key, name, data, size.value, byref(size), part)
        return data.raw[: size.value]


def set_security(place: KeyPlace, descriptor: bytes) -> None:
    """Replace the access list of the key."""
    with _key(place) as key:
        ncrypt.set_key_property(
            key,
            ncrypt.SECURITY_DESCRIPTOR,
            descriptor,
            len(descriptor),
            advapi32.ACCESS_LIST,
        )


def _flags(place: KeyPlace) -> int:
    return ncrypt.SILENT | (ncrypt.MACHINE_KEY if place.key_set else 0)


@contextmanager
def _provider(place: KeyPlace) -> Iterator[c_void_p]:
    provider = c_void_p()
    ncrypt.open_provider(byref(provider), place.provider, 0)
    try:
        yield provider
    finally:
        ncrypt.free_object(provider)


@contextmanager
def _key(place: KeyPlace) -> Iterator[c_void_p]:
    with _provider(place) as provider:
        key = c_void_p()
        ncrypt.open_key(provider, byref(key), place.container, 0, _flags(place))
        try:
            yield key
        finally:
            ncrypt.free_object(key)


@contextmanager
def _public_key(context: Context) -> Iterator[c_void_p]:
    key = c_void_p()
    crypt32.import_public_key_for_cng(
        crypt32.ENCODING,
        pointer(context.contents.info.contents.public_key_info),
        0,
        None,
        byref(key),
    )
    try:
        yield key
    finally:
        ncrypt.destroy_public_key(key)
