"""RSA keys for the tests, each made once: making one takes longer than most tests."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa


@cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The key of that number, the same one at every call."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)
