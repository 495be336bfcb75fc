"""RSA keys whose private half anybody can work out from the public one."""

from enum import StrEnum
from functools import lru_cache, reduce
from hashlib import sha1
from math import gcd, isqrt
from operator import mul

_FERMAT_ROUNDS = 100
"""CA/Browser Forum Baseline Requirements 6.1.1.3: "at least 100 rounds of Fermat's Factorization
Method"."""
_SMALLEST_FACTOR = 752
"""NIST SP 800-89 5.3.3 by way of the Baseline Requirements 6.1.6: "no factors smaller than 752"."""
_LARGEST_ROCA_PRIME = 167
_GENERATOR = 65537


class KeyWeakness(StrEnum):
    """How it can be worked out."""

    ROCA = "ROCA"
    CLOSE_PRIMES = "close primes"
    SMALL_FACTOR = "small factor"


def _primes(below: int) -> tuple[int, ...]:
    return tuple(n for n in range(2, below) if all(n % d for d in range(2, isqrt(n) + 1)))


def _powers(prime: int) -> frozenset[int]:
    """What the generator's powers leave modulo `prime`."""
    found, power = set(), 1
    while power not in found:
        found.add(power)
        power = power * _GENERATOR % prime
    return frozenset(found)


_SMALL_PRIMES_PRODUCT = reduce(mul, _primes(_SMALLEST_FACTOR))
_ROCA_MARKS = tuple((prime, _powers(prime)) for prime in _primes(_LARGEST_ROCA_PRIME + 1)[1:])
_ROCA_PRODUCT = reduce(mul, (prime for prime, _ in _ROCA_MARKS))


@lru_cache(maxsize=4096)
def rsa_weakness(modulus: int) -> KeyWeakness | None:
    """Look at a modulus; takes some 50 microseconds, once for each."""
    if gcd(modulus, _SMALL_PRIMES_PRODUCT) != 1:
        return KeyWeakness.SMALL_FACTOR
    if _is_roca(modulus):
        return KeyWeakness.ROCA
    if _has_close_primes(modulus):
        return KeyWeakness.CLOSE_PRIMES
    return None


def debian_list_entry(modulus: int) -> str:
    """How the lists of Debian's package openssl-blacklist name a modulus (CVE-2008-0166).

    The last 20 hex digits of SHA-1 over the line that `openssl rsa -noout -modulus` prints.
    """
    return sha1(f"Modulus={modulus:X}\n".encode(), usedforsecurity=False).hexdigest()[20:]


def _is_roca(modulus: int) -> bool:
    # CVE-2017-15361: the library's primes were k * M + (65537 ** a mod M) with M a product of small
    # primes, so the modulus too is a power of 65537 modulo each of them. A sound modulus is that
    # by chance once in some 2 ** 28 times.
    rest = modulus % _ROCA_PRODUCT
    return all(rest % prime in powers for prime, powers in _ROCA_MARKS)


def _has_close_primes(modulus: int) -> bool:
    # CVE-2022-26320. With a the mean of both primes and b half their distance, n = a² - b²: so a
    # little above the root of n, a² - n is a square.
    middle = isqrt(modulus - 1) + 1
    square = middle * middle - modulus
    for _ in range(_FERMAT_ROUNDS):
        # A square's last four bits are 0, 1, 4 or 9, which spares most of the roots.
        if square & 15 in (0, 1, 4, 9) and isqrt(square) ** 2 == square:
            return True
        square += 2 * middle + 1
        middle += 1
    return False
