"""Accounts of Windows: from what people call them to their SID, and back."""

from ctypes import byref, create_string_buffer, create_unicode_buffer
from ctypes.wintypes import DWORD

from ..failures import FailureCode, MachineError
from . import advapi32
from .libraries import SystemCallError
from .security_descriptors import MalformedDescriptorError, sid_to_bytes, sid_to_text

_LONGEST_SID = 68
"""SECURITY_MAX_SID_SIZE."""
_LONGEST_NAME = 512


def sid_of(account: str) -> str:
    """The SID of an account, given by SID or by name.

    A SID is taken as it is: those of services and of other domains' users may be unknown here.
    Names of Windows' own accounts are localised ("Netzwerkdienst"), their SIDs are not. Raises
    NOT_FOUND.
    """
    if account.upper().startswith("S-1-"):
        try:
            return sid_to_text(sid_to_bytes(account.upper()))
        except MalformedDescriptorError:
            raise _unknown(account) from None
    sid = create_string_buffer(_LONGEST_SID)
    domain = create_unicode_buffer(_LONGEST_NAME)
    sid_size, domain_size, use = DWORD(_LONGEST_SID), DWORD(_LONGEST_NAME), DWORD()
    try:
        advapi32.lookup_account_name(
            None, account, sid, byref(sid_size), domain, byref(domain_size), byref(use)
        )
    except SystemCallError:
        raise _unknown(account) from None
    return sid_to_text(sid.raw)


def name_of(sid: str) -> str:
    """What this machine calls the account, such as "NT AUTHORITY\\SYSTEM"; "" if unknown."""
    name, domain = create_unicode_buffer(_LONGEST_NAME), create_unicode_buffer(_LONGEST_NAME)
    name_size, domain_size, use = DWORD(_LONGEST_NAME), DWORD(_LONGEST_NAME), DWORD()
    found = advapi32.lookup_account_sid.attempt(
        None,
        create_string_buffer(sid_to_bytes(sid)),
        name,
        byref(name_size),
        domain,
        byref(domain_size),
        byref(use),
    )
    if not found:
        return ""
    return f"{domain.value}\\{name.value}" if domain.value else name.value


def _unknown(account: str) -> MachineError:
    shown = "".join(c if c.isprintable() else "?" for c in account[:100])
    return MachineError(
        FailureCode.NOT_FOUND,
        f'This machine knows no account "{shown}".',
        "Give the account that the service logs on as (services.msc shows it), such as "
        "NT SERVICE\\XtractUniversal, NT AUTHORITY\\NETWORK SERVICE or CORP\\name, or its SID.",
    )
