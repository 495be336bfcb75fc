"""Accounts of Windows: from what people call them to their SID, and back."""

from ctypes import POINTER, byref, c_wchar_p, create_string_buffer, create_unicode_buffer
from ctypes.wintypes import DWORD

from ...failures import FailureCode, MachineError
from ...windows_libraries import SystemCallError
from . import advapi32, netapi32
from .security_descriptors import MalformedDescriptorError, sid_to_bytes, sid_to_text

EVERYONE = "S-1-1-0"
_AUTHENTICATED_USERS = "S-1-5-11"
_USERS = "S-1-5-32-545"
_SERVICE = "S-1-5-6"
_SERVICES = "S-1-5-80-"
_ALL_SERVICES = "S-1-5-80-0"
_BUILT_IN_SERVICES = frozenset({"S-1-5-19", "S-1-5-20"})
"""LOCAL SERVICE and NETWORK SERVICE."""
SYSTEM = "S-1-5-18"
ADMINISTRATORS = "S-1-5-32-544"
_KINDS = frozenset({1, 2, 4, 5})
"""SidTypeUser, SidTypeGroup, SidTypeAlias, SidTypeWellKnownGroup: a domain is no account."""
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
    if use.value not in _KINDS:
        raise _unknown(account)
    return sid_to_text(sid.raw)


def user_name() -> str:
    """The account that this process runs under, without its domain."""
    name = create_unicode_buffer(_LONGEST_NAME)
    advapi32.get_user_name(name, byref(DWORD(_LONGEST_NAME)))
    return name.value


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


def identities_of(sid: str) -> frozenset[str]:
    """The SIDs that an account has when it logs on: its own and those of its groups here.

    Of a domain's groups those that lie in a group of this machine count; rights on private keys
    are seldom given to others.
    """
    found = {sid, EVERYONE, _AUTHENTICATED_USERS, _USERS, *_groups(name_of(sid))}
    if sid.startswith(_SERVICES):
        found |= {_SERVICE, _ALL_SERVICES}
    if sid in _BUILT_IN_SERVICES:
        found.add(_SERVICE)
    if sid == SYSTEM:
        found.add(ADMINISTRATORS)
    return frozenset(found)


def _groups(account: str) -> list[str]:
    """The groups of this machine that an account is in, also by way of another group."""
    if not account:
        return []
    names, read, total = POINTER(c_wchar_p)(), DWORD(), DWORD()
    status = netapi32.get_local_groups.attempt(
        None, account, 0, netapi32.INDIRECT, byref(names), -1, byref(read), byref(total)
    )
    # Services' virtual accounts are in no group and unknown to this function.
    if status != 0 or not names:
        return []
    try:
        found = [str(names[number]) for number in range(read.value) if names[number]]
    finally:
        netapi32.free(names)
    return [sid_of(name) for name in found]


def _unknown(account: str) -> MachineError:
    shown = "".join(c if c.isprintable() else "?" for c in account[:100])
    return MachineError(
        FailureCode.NOT_FOUND,
        f'This machine knows no account "{shown}".',
        "Give the account that the service logs on as (services.msc shows it), such as "
        "NT SERVICE\\XtractUniversal, NT AUTHORITY\\NETWORK SERVICE or CORP\\name, or its SID.",
    )
