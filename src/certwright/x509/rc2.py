"""RC2 in CBC mode (RFC 2268), to read only: PFX files of old Windows versions are encrypted so.

The cryptographic library's RC2 takes keys of 128 bits only, and these files cut theirs to 40.
"""

from collections.abc import Iterator
from struct import unpack

# RFC 2268 2: the table PITABLE, "based on the digits of PI".
_PITABLE = bytes.fromhex(
    "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2"
    "179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82"
    "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626"
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7"
    "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec"
    "c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731"
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9"
    "0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad"
)
_BLOCK = 8
_MIXING_ROUNDS = 16
_MASHED_AFTER = frozenset({11, 5})
"""RFC 2268 3: five mixing rounds, one mashing, six mixing, one mashing, five mixing."""


def decrypt_rc2(key: bytes, effective_bits: int, initial: bytes, ciphertext: bytes) -> bytes:
    """The text, still padded; raises ValueError if `ciphertext` is no whole blocks."""
    if len(ciphertext) % _BLOCK or len(initial) != _BLOCK:
        raise ValueError("not whole blocks")
    words = _expanded(key, effective_bits)
    blocks = [ciphertext[at : at + _BLOCK] for at in range(0, len(ciphertext), _BLOCK)]
    return b"".join(_chained(words, initial, blocks))


def _chained(words: tuple[int, ...], previous: bytes, blocks: list[bytes]) -> Iterator[bytes]:
    for block in blocks:
        mask = int.from_bytes(previous, "little")
        yield (_decrypted(words, block) ^ mask).to_bytes(_BLOCK, "little")
        previous = block


def _expanded(key: bytes, effective_bits: int) -> tuple[int, ...]:
    """RFC 2268 2: 64 words from a key of 1 to 128 octets."""
    size = len(key)
    octets = bytearray(key)
    for i in range(size, 128):
        octets.append(_PITABLE[(octets[i - 1] + octets[i - size]) % 256])
    effective = (effective_bits + 7) // 8
    octets[128 - effective] = _PITABLE[octets[128 - effective] & (255 >> (-effective_bits % 8))]
    for i in range(127 - effective, -1, -1):
        octets[i] = _PITABLE[octets[i + 1] ^ octets[i + effective]]
    return unpack("<64H", octets)


def _decrypted(words: tuple[int, ...], block: bytes) -> int:
    """RFC 2268 4, one block; the result as a little-endian number."""
    a, b, c, d = (int(word) for word in unpack("<4H", block))
    for number in range(_MIXING_ROUNDS - 1, -1, -1):
        at = 4 * number
        d = (d << 11 | d >> 5) & 0xFFFF
        d = d - words[at + 3] - (c & b) - (~c & a) & 0xFFFF
        c = (c << 13 | c >> 3) & 0xFFFF
        c = c - words[at + 2] - (b & a) - (~b & d) & 0xFFFF
        b = (b << 14 | b >> 2) & 0xFFFF
        b = b - words[at + 1] - (a & d) - (~a & c) & 0xFFFF
        a = (a << 15 | a >> 1) & 0xFFFF
        a = a - words[at] - (d & c) - (~d & b) & 0xFFFF
        if number in _MASHED_AFTER:
            d = d - words[c & 63] & 0xFFFF
            c = c - words[b & 63] & 0xFFFF
            b = b - words[a & 63] & 0xFFFF
            a = a - words[d & 63] & 0xFFFF
    return a | b << 16 | c << 32 | d << 48
