"""The structures of Windows' headers, field by field as there."""

from ctypes import POINTER, Structure, c_byte, c_char_p, c_void_p, c_wchar_p
from ctypes.wintypes import BOOL, DWORD, FILETIME


class Blob(Structure):
    """CRYPT_DATA_BLOB and its many names."""

    _fields_ = [("size", DWORD), ("data", c_void_p)]


class BitBlob(Structure):
    """CRYPT_BIT_BLOB."""

    _fields_ = [("size", DWORD), ("data", c_void_p), ("unused_bits", DWORD)]


class AlgorithmIdentifier(Structure):
    """CRYPT_ALGORITHM_IDENTIFIER."""

    _fields_ = [("identifier", c_char_p), ("parameters", Blob)]


class PublicKeyInfo(Structure):
    """CERT_PUBLIC_KEY_INFO."""

    _fields_ = [("algorithm", AlgorithmIdentifier), ("public_key", BitBlob)]


class CertificateInfo(Structure):
    """CERT_INFO."""

    _fields_ = [
        ("version", DWORD),
        ("serial_number", Blob),
        ("signature_algorithm", AlgorithmIdentifier),
        ("issuer", Blob),
        ("not_before", FILETIME),
        ("not_after", FILETIME),
        ("subject", Blob),
        ("public_key_info", PublicKeyInfo),
        ("issuer_unique_id", BitBlob),
        ("subject_unique_id", BitBlob),
        ("extension_count", DWORD),
        ("extensions", c_void_p),
    ]


class CertificateContext(Structure):
    """CERT_CONTEXT."""

    _fields_ = [
        ("encoding", DWORD),
        ("encoded", POINTER(c_byte)),
        ("encoded_size", DWORD),
        ("info", POINTER(CertificateInfo)),
        ("store", c_void_p),
    ]


class SecurityAttributes(Structure):
    """SECURITY_ATTRIBUTES."""

    _fields_ = [("size", DWORD), ("descriptor", c_void_p), ("inherited", BOOL)]


ContextPointer = POINTER(CertificateContext)


class KeyProviderInfo(Structure):
    """CRYPT_KEY_PROV_INFO."""

    _fields_ = [
        ("container", c_wchar_p),
        ("provider", c_wchar_p),
        ("provider_type", DWORD),
        ("flags", DWORD),
        ("parameter_count", DWORD),
        ("parameters", c_void_p),
        ("key_specification", DWORD),
    ]
