"""RSA keys with the faults that rules look for. Nothing here is secret, or takes care to be."""

import random
from functools import reduce
from math import prod
from operator import mul

from cryptography.hazmat.primitives.asymmetric import rsa

_SMALL = tuple(n for n in range(3, 1000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2)))
_ROCA_PRIMES = (2, *_SMALL)[:126]
"""Of a 2048-bit key: CVE-2017-15361's M is the product of the first 126 primes."""
_random = random.Random(2026)  # noqa: S311 - the same keys each time


def public_key(modulus: int, exponent: int = 65537) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def roca_modulus() -> int:
    return _roca_prime() * _roca_prime()


def close_primes_modulus() -> int:
    first = _next_prime(_random.getrandbits(1024) | 3 << 1022)
    return first * _next_prime(first + 2)


def small_factor_modulus() -> int:
    return 751 * _next_prime(_random.getrandbits(2038) | 3 << 2037)


def sound_modulus(bits: int = 2048) -> int:
    """Two primes apart; for a very long key merely two odd numbers without small factors."""
    half = bits // 2
    if bits > 4096:
        return _coprime(half) * _coprime(half)
    primes = (_next_prime(_random.getrandbits(half) | 3 << half - 2) for _ in range(2))
    return prod(primes)


def _coprime(bits: int) -> int:
    number = _random.getrandbits(bits) | 3 << bits - 2 | 1
    while any(number % prime == 0 for prime in _SMALL):
        number += 2
    return number


def _roca_prime() -> int:
    base = reduce(mul, _ROCA_PRIMES)
    while True:
        factor = _random.getrandbits(1024 - base.bit_length()) | 1 << 1023 - base.bit_length()
        number = factor * base + pow(65537, _random.getrandbits(60), base)
        if number.bit_length() == 1024 and number >> 1022 == 3 and _is_prime(number):
            return number


def _next_prime(number: int) -> int:
    number |= 1
    while not _is_prime(number):
        number += 2
    return number


def _is_prime(number: int) -> bool:
    """By Miller and Rabin, with ten bases."""
    if any(number % prime == 0 for prime in _SMALL):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in _SMALL[:10]:
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True
