"""Private keys that CAPI keeps: RSA keys in containers of a cryptographic provider."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import byref, c_void_p, create_string_buffer
from ctypes.wintypes import DWORD

from ...failures import FailureCode, MachineError
from ...windows_libraries import SystemCallError
from . import advapi32, crypt32
from .properties import KeyPlace
from .system_store import Context

_NO_SUCH_KEY_SET = 0x80090016
"""NTE_BAD_KEYSET: the container is not there."""
_NO_SUCH_KEY = 0x8009000D
"""NTE_NO_KEY."""
_NOT_EXPORTABLE = frozenset({0x8009000B, 0x80090009, 0x80090003})
"""NTE_BAD_KEY_STATE, NTE_BAD_FLAGS, NTE_BAD_KEY: what providers say of such a key."""
_CONTAINER_PREFIX = "certwright-"


def keep(private_key: bytes, *, machine: bool, exportable: bool) -> KeyPlace:
    """Persist an RSA key (PRIVATEKEYBLOB) in a new container, and say where.

    In the provider of type 24: the one that programs of the .NET Framework reach and that signs
    with SHA-256. Raises INVALID_INPUT for bytes that are no such key, and leaves nothing then.
    """
    key_set = advapi32.MACHINE_KEY_SET if machine else 0
    place = KeyPlace(
        container=f"{_CONTAINER_PREFIX}{uuid.uuid4()}",
        provider=advapi32.RSA_AND_AES_NAME,
        provider_type=advapi32.RSA_AND_AES,
        flags=key_set,
        key_specification=advapi32.KEY_EXCHANGE,
    )
    key = c_void_p()
    with _context(place, advapi32.NEW_KEY_SET) as provider:
        flags = advapi32.EXPORTABLE if exportable else 0
        taken = advapi32.import_key.attempt(
            provider, private_key, len(private_key), None, flags, byref(key)
        )
        if taken:
            advapi32.destroy_key(key)
    if taken:
        return place
    delete(place)
    raise MachineError(
        FailureCode.INVALID_INPUT,
        "Windows does not take the private key: it is damaged, or no RSA key.",
        "Use an RSA key of 2048 to 4096 bits, or let CNG keep the key.",
    )


def is_there(place: KeyPlace) -> bool:
    """Whether the container still is. One that may not be opened counts as there."""
    try:
        with _context(place):
            return True
    except SystemCallError as error:
        return error.code != _NO_SUCH_KEY_SET


def export(place: KeyPlace) -> bytes:
    """The PRIVATEKEYBLOB; raises KEY_NOT_EXPORTABLE or NO_PRIVATE_KEY."""
    try:
        with _context(place) as provider, _key(provider, place) as key:
            size = DWORD(0)
            blob = advapi32.PRIVATE_KEY_BLOB
            advapi32.export_key(key, None, blob, 0, None, byref(size))
            data = create_string_buffer(size.value)
            advapi32.export_key(key, None, blob, 0, data, byref(size))
            return data.raw[: size.value]
    except SystemCallError as error:
        if error.code in _NOT_EXPORTABLE:
            raise not_exportable() from None
        if error.code in (_NO_SUCH_KEY, _NO_SUCH_KEY_SET):
            raise no_private_key() from None
        raise


def delete(place: KeyPlace) -> bool:
    """Destroy the key. True if it was there."""
    try:
        # With this flag the call opens nothing: there is no context to release.
        advapi32.acquire_context(
            byref(c_void_p()),
            place.container,
            place.provider,
            place.provider_type,
            advapi32.DELETE_KEY_SET | place.key_set | advapi32.SILENT,
        )
    except SystemCallError as error:
        if error.code == _NO_SUCH_KEY_SET:
            return False
        raise
    return True


def matches(place: KeyPlace, context: Context) -> bool:
    """Sign with the key and verify with the certificate: is it really there, and this one's?"""
    try:
        with _context(place) as provider, _hash(provider) as digest:
            size = DWORD(0)
            number = place.key_specification
            advapi32.sign_hash(digest, number, None, 0, None, byref(size))
            signature = create_string_buffer(size.value)
            advapi32.sign_hash(digest, number, None, 0, signature, byref(size))
            public_key = c_void_p()
            crypt32.import_public_key(
                provider,
                crypt32.ENCODING,
                byref(context.contents.info.contents.public_key_info),
                byref(public_key),
            )
            try:
                return bool(
                    advapi32.verify_signature.attempt(
                        digest, signature, size.value, public_key, None, 0
                    )
                )
            finally:
                advapi32.destroy_key(public_key)
    except SystemCallError:
        return False


def security(place: KeyPlace) -> bytes:
    """The access list of the key, as a self-relative security descriptor."""
    with _context(place) as provider:
        which, part = advapi32.KEY_SET_SECURITY, advapi32.ACCESS_LIST
        size = DWORD(0)
        advapi32.get_provider_parameter(provider, which, None, byref(size), part)
        data = create_string_buffer(size.value)
        advapi32.get_provider_parameter(provider, which, data, byref(size), part)
        return data.raw[: size.value]


def set_security(place: KeyPlace, descriptor: bytes) -> None:
    """Replace the access list of the key."""
    with _context(place) as provider:
        advapi32.set_provider_parameter(
            provider,
            advapi32.KEY_SET_SECURITY,
            create_string_buffer(descriptor, len(descriptor)),
            advapi32.ACCESS_LIST,
        )


def not_exportable() -> MachineError:
    """For a key that was imported so that it never comes out again."""
    return MachineError(
        FailureCode.KEY_NOT_EXPORTABLE,
        "The private key was imported as not exportable: Windows never gives it out again.",
        "Take it from where it was made, or request a new certificate with a new key.",
    )


def no_private_key() -> MachineError:
    """For a certificate whose key is not, or no longer, on this machine."""
    return MachineError(
        FailureCode.NO_PRIVATE_KEY,
        "The private key of this certificate is not on this machine.",
        "Import the certificate again, from a PFX file that holds its private key.",
    )


@contextmanager
def _context(place: KeyPlace, more: int = 0) -> Iterator[c_void_p]:
    provider = c_void_p()
    advapi32.acquire_context(
        byref(provider),
        place.container,
        place.provider,
        place.provider_type,
        place.key_set | advapi32.SILENT | more,
    )
    try:
        yield provider
    finally:
        advapi32.release_context(provider, 0)


@contextmanager
def _key(provider: c_void_p, place: KeyPlace) -> Iterator[c_void_p]:
    key = c_void_p()
    advapi32.get_user_key(provider, place.key_specification, byref(key))
    try:
        yield key
    finally:
        advapi32.destroy_key(key)


@contextmanager
def _hash(provider: c_void_p) -> Iterator[c_void_p]:
    digest = c_void_p()
    advapi32.create_hash(provider, advapi32.SHA_256, None, 0, byref(digest))
    try:
        advapi32.hash_data(digest, os.urandom(32), 32, 0)
        yield digest
    finally:
        advapi32.destroy_hash(digest)
