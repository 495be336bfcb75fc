"""What is used of advapi32.dll: keys of CAPI, and accounts."""

from ctypes import POINTER, c_char_p, c_void_p, c_wchar_p
from ctypes.wintypes import BOOL, DWORD

from ...windows_libraries import Library

_advapi32 = Library("advapi32")

RSA_AND_AES = 24
"""PROV_RSA_AES. Type 1, which a PFX import chooses by itself, cannot sign with SHA-256."""
RSA_AND_AES_NAME = "Microsoft Enhanced RSA and AES Cryptographic Provider"

NEW_KEY_SET = 0x8
DELETE_KEY_SET = 0x10
MACHINE_KEY_SET = 0x20
SILENT = 0x40

KEY_EXCHANGE = 1
SIGNATURE = 2
EXPORTABLE = 1
PRIVATE_KEY_BLOB = 7
KEY_SET_SECURITY = 8
"""PP_KEYSET_SEC_DESCR."""
ACCESS_LIST = 4
"""DACL_SECURITY_INFORMATION."""
SHA_256 = 0x800C

acquire_context = _advapi32.function(
    "CryptAcquireContextW", BOOL, POINTER(c_void_p), c_wchar_p, c_wchar_p, DWORD, DWORD
)
release_context = _advapi32.function("CryptReleaseContext", BOOL, c_void_p, DWORD)
get_user_key = _advapi32.function("CryptGetUserKey", BOOL, c_void_p, DWORD, POINTER(c_void_p))
import_key = _advapi32.function(
    "CryptImportKey", BOOL, c_void_p, c_char_p, DWORD, c_void_p, DWORD, POINTER(c_void_p)
)
export_key = _advapi32.function(
    "CryptExportKey", BOOL, c_void_p, c_void_p, DWORD, DWORD, c_void_p, POINTER(DWORD)
)
destroy_key = _advapi32.function("CryptDestroyKey", BOOL, c_void_p)
get_provider_parameter = _advapi32.function(
    "CryptGetProvParam", BOOL, c_void_p, DWORD, c_void_p, POINTER(DWORD), DWORD
)
set_provider_parameter = _advapi32.function(
    "CryptSetProvParam", BOOL, c_void_p, DWORD, c_void_p, DWORD
)
create_hash = _advapi32.function(
    "CryptCreateHash", BOOL, c_void_p, DWORD, c_void_p, DWORD, POINTER(c_void_p)
)
hash_data = _advapi32.function("CryptHashData", BOOL, c_void_p, c_char_p, DWORD, DWORD)
destroy_hash = _advapi32.function("CryptDestroyHash", BOOL, c_void_p)
sign_hash = _advapi32.function(
    "CryptSignHashW", BOOL, c_void_p, DWORD, c_wchar_p, DWORD, c_void_p, POINTER(DWORD)
)
verify_signature = _advapi32.function(
    "CryptVerifySignatureW", BOOL, c_void_p, c_void_p, DWORD, c_void_p, c_wchar_p, DWORD
)
get_user_name = _advapi32.function("GetUserNameW", BOOL, c_wchar_p, POINTER(DWORD))
lookup_account_name = _advapi32.function(
    "LookupAccountNameW",
    BOOL,
    c_wchar_p,
    c_wchar_p,
    c_void_p,
    POINTER(DWORD),
    c_wchar_p,
    POINTER(DWORD),
    POINTER(DWORD),
)
lookup_account_sid = _advapi32.function(
    "LookupAccountSidW",
    BOOL,
    c_wchar_p,
    c_void_p,
    c_wchar_p,
    POINTER(DWORD),
    c_wchar_p,
    POINTER(DWORD),
    POINTER(DWORD),
)
