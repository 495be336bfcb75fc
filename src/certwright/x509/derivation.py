"""Keys made from passwords, each paid for before it is made.

A file itself says how often its key derivation goes round, and libraries obey whatever it says:
a forged file could occupy the process for hours. So every derivation of a file, however deep
within an encrypted part it shows, and of all files that come together, is taken from one budget
first.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from certwright.errors import CertwrightError, ErrorCode

_MOST_ROUNDS = 2_500_000
"""About 1 s on a usual processor: a PFX file with 600,000 rounds for each of its parts is read."""
_ROUNDS_A_SCRYPT_BLOCK = 2
_MOST_SCRYPT_MEMORY = 64 * 1024 * 1024
_LONGEST_SALT = 1024

HASHES = {
    "1.3.14.3.2.26": hashlib.sha1,
    "2.16.840.1.101.3.4.2.1": hashlib.sha256,
    "2.16.840.1.101.3.4.2.2": hashlib.sha384,
    "2.16.840.1.101.3.4.2.3": hashlib.sha512,
    "2.16.840.1.101.3.4.2.4": hashlib.sha224,
}
"""Those that a derivation or a MAC may stand on, by their identifier."""
Hash = Any
"""A constructor of hashlib's; the standard library has no type for them in common."""
_SLOW = (hashlib.sha384, hashlib.sha512)


@dataclass
class Budget:
    """How many rounds of derivation are left for one file, or several that are read together."""

    rounds: int = _MOST_ROUNDS

    def spend(self, rounds: int) -> None:
        """Take them off; raises TOO_LARGE if that many are not left, ValueError for none."""
        # A count that reads as negative is taken by some readers for a huge one.
        if rounds < 1:
            raise ValueError("fewer than one round")
        if rounds > self.rounds:
            raise CertwrightError(
                ErrorCode.TOO_LARGE,
                "The file asks for so many rounds of key derivation that it may be an attack.",
                "Take one file at a time, made with a usual number of rounds: 2,048 or 600,000.",
            )
        self.rounds -= rounds


def derive_pbkdf2(
    budget: Budget, password: bytes, salt: bytes, rounds: int, size: int, algorithm: Hash
) -> bytes:
    """`size` octets by PBKDF2 (RFC 8018 5.2) with HMAC and a hash of `HASHES`."""
    sample = algorithm(usedforsecurity=False)
    blocks = -(-size // sample.digest_size)
    budget.spend(rounds * blocks * (2 if algorithm in _SLOW else 1))
    return hashlib.pbkdf2_hmac(sample.name, password, salt, rounds, size)


def derive_scrypt(
    budget: Budget, password: bytes, salt: bytes, cost: int, block: int, parallel: int, size: int
) -> bytes:
    """`size` octets by scrypt (RFC 7914); raises ValueError where the numbers make no sense."""
    if min(cost, block, parallel) < 1:
        raise ValueError("scrypt with numbers below one")
    budget.spend(cost * block * parallel * _ROUNDS_A_SCRYPT_BLOCK)
    memory = 128 * block * (cost + parallel + 2)
    if memory > _MOST_SCRYPT_MEMORY:
        raise CertwrightError(
            ErrorCode.TOO_LARGE,
            "The file asks for so much memory for its key derivation that it may be an attack.",
            "Export it again with the usual numbers of scrypt: N = 16384, r = 8, p = 1.",
        )
    return hashlib.scrypt(
        password, salt=salt, n=cost, r=block, p=parallel, maxmem=2 * memory, dklen=size
    )


def derive_pkcs12(
    budget: Budget, password: bytes, salt: bytes, rounds: int, size: int, algorithm: Hash, use: int
) -> bytes:
    """`size` octets as RFC 7292 appendix B.2 makes them from a password in its own encoding.

    `use` is 1 for a key, 2 for an initial value, 3 for a MAC (appendix B.3).
    """
    sample = algorithm(usedforsecurity=False)
    block_size = sample.block_size
    blocks = -(-size // sample.digest_size)
    # In Python each round takes about twice as long as one of PBKDF2 in the library.
    budget.spend(rounds * blocks * 2)
    if not salt or len(salt) > _LONGEST_SALT:
        raise ValueError("a salt of an absurd length")
    state = bytearray(_stretched(salt, block_size) + _stretched(password, block_size))
    diversifier = bytes([use]) * block_size
    derived = b""
    for _ in range(blocks):
        digest = algorithm(diversifier + state, usedforsecurity=False).digest()
        for _ in range(rounds - 1):
            digest = algorithm(digest, usedforsecurity=False).digest()
        derived += digest
        _add_to_blocks(state, _stretched(digest, block_size), block_size)
    return derived[:size]


def _stretched(value: bytes, block_size: int) -> bytes:
    """Repeated to whole blocks, none of them if it is empty (B.2 steps 2 and 3)."""
    size = -(-len(value) // block_size) * block_size
    return (value * (size // len(value) + 1))[:size] if value else b""


def _add_to_blocks(state: bytearray, addend: bytes, block_size: int) -> None:
    """I_j = (I_j + B + 1) mod 2^v for every block of the state (B.2 step 6C)."""
    plus = int.from_bytes(addend, "big") + 1
    for start in range(0, len(state), block_size):
        end = start + block_size
        total = int.from_bytes(state[start:end], "big") + plus
        state[start:end] = (total % (1 << 8 * block_size)).to_bytes(block_size, "big")
