"""What is used of ncrypt.dll and bcrypt.dll: keys of CNG."""

from ctypes import POINTER, c_char_p, c_void_p, c_wchar_p
from ctypes.wintypes import DWORD

from ...windows_libraries import Library

_ncrypt = Library("ncrypt")
_bcrypt = Library("bcrypt")

MACHINE_KEY = 0x20
SILENT = 0x40
SECURITY_DESCRIPTOR = "Security Descr"
"""NCRYPT_SECURITY_DESCR_PROPERTY."""
PADDING_PKCS1 = 2

open_provider = _ncrypt.status_function(
    "NCryptOpenStorageProvider", POINTER(c_void_p), c_wchar_p, DWORD
)
open_key = _ncrypt.status_function(
    "NCryptOpenKey", c_void_p, POINTER(c_void_p), c_wchar_p, DWORD, DWORD
)
free_object = _ncrypt.status_function("NCryptFreeObject", c_void_p)
delete_key = _ncrypt.status_function("NCryptDeleteKey", c_void_p, DWORD)
get_key_property = _ncrypt.status_function(
    "NCryptGetProperty", c_void_p, c_wchar_p, c_void_p, DWORD, POINTER(DWORD), DWORD
)
set_key_property = _ncrypt.status_function(
    "NCryptSetProperty", c_void_p, c_wchar_p, c_char_p, DWORD, DWORD
)
sign_hash = _ncrypt.status_function(
    "NCryptSignHash",
    c_void_p,
    c_void_p,
    c_char_p,
    DWORD,
    c_void_p,
    DWORD,
    POINTER(DWORD),
    DWORD,
)
verify_signature = _bcrypt.status_function(
    "BCryptVerifySignature", c_void_p, c_void_p, c_char_p, DWORD, c_void_p, DWORD, DWORD
)
destroy_public_key = _bcrypt.status_function("BCryptDestroyKey", c_void_p)
