"""What Windows keeps beside a certificate: friendly name, archived flag, where its key is."""

from ctypes import (
    POINTER,
    Array,
    byref,
    c_char,
    c_void_p,
    cast,
    create_string_buffer,
    create_unicode_buffer,
    sizeof,
)
from ctypes.wintypes import DWORD
from dataclasses import dataclass

from ...failures import FailureCode, MachineError
from . import advapi32, crypt32
from .structures import Blob, KeyProviderInfo
from .system_store import Context

_LONGEST_FRIENDLY_NAME = 1024


@dataclass(frozen=True)
class KeyPlace:
    """Where a private key is: a container of a provider. Type 0 means CNG."""

    container: str
    provider: str
    provider_type: int
    flags: int
    key_specification: int

    @property
    def is_cng(self) -> bool:
        """Whether CNG keeps it, not CAPI."""
        return self.provider_type == 0

    @property
    def key_set(self) -> int:
        """The flag of the machine's key set, or 0 for the user's."""
        return self.flags & advapi32.MACHINE_KEY_SET

    @property
    def identity(self) -> tuple[str, int, bool]:
        """The same for two certificates that share one key."""
        return self.container.lower(), self.key_set, self.is_cng


def friendly_name(context: Context) -> str:
    """What people call it, or ""."""
    data = _get(context, crypt32.PROPERTY_FRIENDLY_NAME)
    return "" if data is None else data.raw.decode("utf-16-le", "replace").rstrip("\0")


def set_friendly_name(context: Context, name: str) -> None:
    """Change it, or take it away with ""; raises INVALID_INPUT."""
    if len(name) > _LONGEST_FRIENDLY_NAME or "\0" in name:
        raise MachineError(
            FailureCode.INVALID_INPUT,
            f"A friendly name has at most {_LONGEST_FRIENDLY_NAME} characters.",
            "Choose a shorter one.",
        )
    if not name:
        _clear(context, crypt32.PROPERTY_FRIENDLY_NAME)
        return
    text = create_unicode_buffer(name)
    blob = Blob(sizeof(text), cast(text, c_void_p))
    crypt32.set_property(context, crypt32.PROPERTY_FRIENDLY_NAME, 0, byref(blob))


def is_archived(context: Context) -> bool:
    """The property is there or not; what it holds says nothing."""
    return _get(context, crypt32.PROPERTY_ARCHIVED) is not None


def set_archived(context: Context, archived: bool) -> None:
    """Hide it from those who list the store, or show it again."""
    if archived:
        crypt32.set_property(context, crypt32.PROPERTY_ARCHIVED, 0, byref(Blob(0, None)))
    else:
        _clear(context, crypt32.PROPERTY_ARCHIVED)


def key_place(context: Context) -> KeyPlace | None:
    """Where the certificate says that its key is; the key may be gone nevertheless."""
    data = _get(context, crypt32.PROPERTY_KEY_PROVIDER_INFO)
    if data is None:
        return None
    info = cast(data, POINTER(KeyProviderInfo)).contents
    return KeyPlace(
        container=info.container or "",
        provider=info.provider or "",
        provider_type=info.provider_type,
        flags=info.flags,
        key_specification=info.key_specification,
    )


def set_key_place(context: Context, place: KeyPlace) -> None:
    """Tie a certificate to its key."""
    info = KeyProviderInfo(
        place.container,
        place.provider,
        place.provider_type,
        place.flags,
        0,
        None,
        place.key_specification,
    )
    crypt32.set_property(context, crypt32.PROPERTY_KEY_PROVIDER_INFO, 0, byref(info))


def _get(context: Context, identifier: int) -> Array[c_char] | None:
    size = DWORD(0)
    if not crypt32.get_property.attempt(context, identifier, None, byref(size)):
        return None
    data = create_string_buffer(size.value)
    crypt32.get_property(context, identifier, data, byref(size))
    return data


def _clear(context: Context, identifier: int) -> None:
    if _get(context, identifier) is not None:
        crypt32.set_property(context, identifier, 0, None)
