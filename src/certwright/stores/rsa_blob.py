"""RSA private keys in the form that Windows' CAPI takes and gives: PRIVATEKEYBLOB.

Microsoft, "RSA/Schannel Key BLOBs": BLOBHEADER, RSAPUBKEY, then the numbers, little-endian.
"""

import struct

from cryptography.hazmat.primitives.asymmetric import rsa

from certwright.x509.keys import PrivateKey, unreadable_key

_HEADER = struct.Struct("<BBHIIII")
_PRIVATE_KEY_BLOB = 7
_VERSION = 2
_KEY_EXCHANGE = 0xA400
"""CALG_RSA_KEYX; a key of CALG_RSA_SIGN could not be used for TLS without forward secrecy."""
_SIGNATURE = 0x2400
_MAGIC = int.from_bytes(b"RSA2", "little")
_UNIT = 16
_LARGEST = 16384


def fits_blob(key: PrivateKey) -> bool:
    """Whether a key can be written so: an RSA key without oddities."""
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size % _UNIT:
        return False
    numbers = key.private_numbers()
    half = key.key_size // 2
    return (
        key.key_size <= _LARGEST
        and numbers.public_numbers.e < 2**32
        and max(numbers.p.bit_length(), numbers.q.bit_length()) <= half
    )


def write_blob(key: rsa.RSAPrivateKey) -> bytes:
    """A key that `fits_blob`, not encrypted."""
    numbers = key.private_numbers()
    public = numbers.public_numbers
    whole, half = key.key_size // 8, key.key_size // _UNIT
    header = _HEADER.pack(
        _PRIVATE_KEY_BLOB, _VERSION, 0, _KEY_EXCHANGE, _MAGIC, key.key_size, public.e
    )
    sized = (
        (public.n, whole),
        *((number, half) for number in (numbers.p, numbers.q)),
        *((number, half) for number in (numbers.dmp1, numbers.dmq1, numbers.iqmp)),
        (numbers.d, whole),
    )
    return header + b"".join(number.to_bytes(size, "little") for number, size in sized)


def read_blob(blob: bytes) -> rsa.RSAPrivateKey:
    """The key; raises UNREADABLE_CERTIFICATE for anything else."""
    if len(blob) < _HEADER.size:
        raise unreadable_key()
    kind, version, _, algorithm, magic, bits, e = _HEADER.unpack_from(blob)
    whole, half = bits // 8, bits // _UNIT
    if (
        (kind, version, magic) != (_PRIVATE_KEY_BLOB, _VERSION, _MAGIC)
        or algorithm not in (_KEY_EXCHANGE, _SIGNATURE)
        or bits % _UNIT
        or bits > _LARGEST
        or len(blob) != _HEADER.size + 2 * whole + 5 * half
    ):
        raise unreadable_key()
    numbers = []
    start = _HEADER.size
    for size in (whole, half, half, half, half, half, whole):
        numbers.append(int.from_bytes(blob[start : start + size], "little"))
        start += size
    n, p, q, dmp1, dmq1, iqmp, d = numbers
    try:
        return rsa.RSAPrivateNumbers(
            p, q, d, dmp1, dmq1, iqmp, rsa.RSAPublicNumbers(e, n)
        ).private_key()
    except ValueError:
        raise unreadable_key() from None
