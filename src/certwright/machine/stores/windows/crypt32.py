"""What is used of crypt32.dll: stores, certificates and their properties, PFX."""

import ctypes
from ctypes import POINTER, c_char_p, c_void_p, c_wchar_p
from ctypes.wintypes import BOOL, DWORD

from ...windows_libraries import Library
from .structures import Blob, ContextPointer, PublicKeyInfo

_crypt32 = Library("crypt32")

ENCODING = 0x00010001
"""X509_ASN_ENCODING | PKCS_7_ASN_ENCODING."""

PROVIDER_MEMORY = 2
PROVIDER_SYSTEM = 10
"""CERT_STORE_PROV_MEMORY and CERT_STORE_PROV_SYSTEM_W."""

OPEN_EXISTING = 0x00004000
OPEN_ENUM_ARCHIVED = 0x00000200
OPEN_READ_ONLY = 0x00008000

ADD_ALWAYS = 4

CONTROL_RESYNC = 1
CONTROL_NOTIFY_CHANGE = 2
CONTROL_COMMIT = 3
COMMIT_FORCE = 1

PROPERTY_KEY_PROVIDER_INFO = 2
PROPERTY_FRIENDLY_NAME = 11
PROPERTY_ARCHIVED = 19

NAME_X500_REVERSED = 3 | 0x02000000
"""CERT_X500_NAME_STR | CERT_NAME_STR_REVERSE_FLAG: the Common Name first, as people read it."""

PFX_EXPORTABLE = 0x1
PFX_USER_KEYS = 0x1000
PFX_MACHINE_KEYS = 0x20
PFX_ALWAYS_CNG = 0x200
EXPORT_PRIVATE_KEYS = 0x4
EXPORT_OR_FAIL = 0x2
"""REPORT_NOT_ABLE_TO_EXPORT_PRIVATE_KEY."""

EnumerateCallback = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)(
    BOOL, c_void_p, DWORD, c_void_p, c_void_p, c_void_p
)

open_store = _crypt32.function(
    "CertOpenStore", c_void_p, c_void_p, DWORD, c_void_p, DWORD, c_void_p
)
close_store = _crypt32.function("CertCloseStore", BOOL, c_void_p, DWORD)
control_store = _crypt32.function("CertControlStore", BOOL, c_void_p, DWORD, DWORD, c_void_p)
enumerate_system_stores = _crypt32.function(
    "CertEnumSystemStore", BOOL, DWORD, c_void_p, c_void_p, EnumerateCallback
)
enumerate_certificates = _crypt32.function(
    "CertEnumCertificatesInStore", ContextPointer, c_void_p, ContextPointer
)
create_context = _crypt32.function(
    "CertCreateCertificateContext", ContextPointer, DWORD, c_char_p, DWORD
)
duplicate_context = _crypt32.function(
    "CertDuplicateCertificateContext", ContextPointer, ContextPointer
)
free_context = _crypt32.function("CertFreeCertificateContext", BOOL, ContextPointer)
add_context = _crypt32.function(
    "CertAddCertificateContextToStore",
    BOOL,
    c_void_p,
    ContextPointer,
    DWORD,
    POINTER(ContextPointer),
)
delete_certificate = _crypt32.function("CertDeleteCertificateFromStore", BOOL, ContextPointer)
get_property = _crypt32.function(
    "CertGetCertificateContextProperty", BOOL, ContextPointer, DWORD, c_void_p, POINTER(DWORD)
)
set_property = _crypt32.function(
    "CertSetCertificateContextProperty", BOOL, ContextPointer, DWORD, DWORD, c_void_p
)
name_to_text = _crypt32.function(
    "CertNameToStrW", DWORD, DWORD, POINTER(Blob), DWORD, c_wchar_p, DWORD
)
import_pfx = _crypt32.function("PFXImportCertStore", c_void_p, POINTER(Blob), c_wchar_p, DWORD)
export_pfx = _crypt32.function(
    "PFXExportCertStoreEx", BOOL, c_void_p, POINTER(Blob), c_wchar_p, c_void_p, DWORD
)
import_public_key = _crypt32.function(
    "CryptImportPublicKeyInfo", BOOL, c_void_p, DWORD, POINTER(PublicKeyInfo), POINTER(c_void_p)
)
import_public_key_for_cng = _crypt32.function(
    "CryptImportPublicKeyInfoEx2",
    BOOL,
    DWORD,
    POINTER(PublicKeyInfo),
    DWORD,
    c_void_p,
    POINTER(c_void_p),
)
