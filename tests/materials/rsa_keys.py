"""RSA keys for the tests, each made once: making one takes longer than most tests."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa


@cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The key of that number, the same one at every call."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def rsa_key_of_full_length(number: int = 0) -> rsa.RSAPrivateKey:
    """A key none of whose numbers begins with a zero octet, as one does in one key of twelve.

    Of such a key wine's own import of PFX files keeps a wrong number.
    """
    while not _is_of_full_length(key := rsa.generate_private_key(65537, 2048)):
        pass
    return key


def _is_of_full_length(key: rsa.RSAPrivateKey) -> bool:
    numbers, half = key.private_numbers(), key.key_size // 2
    halves = (numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp)
    return numbers.d.bit_length() > key.key_size - 8 and all(
        one.bit_length() > half - 8 for one in halves
    )
