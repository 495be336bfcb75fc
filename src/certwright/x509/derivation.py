"""How much work a file asks for before its password can even be tried.

The file itself says how often the key derivation goes round, and the cryptographic library obeys
whatever it says: a forged file could occupy the process for hours. So the counts are read first.
Only those in the clear can be: one inside an encrypted part shows to nobody without the password.
"""

from collections.abc import Iterable

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.ber import OBJECT_IDENTIFIER, SEQUENCE, BerError, Element, parse_ber

_MOST_ROUNDS = 4_000_000
"""For all derivations of a file together: at most 1.6 s here (0.25 to 0.4 s a million), and six
times what the most cautious programs ask for."""
_MOST_SCRYPT_BLOCKS = 2**20
"""N * r * p; each block takes 128 octets, so 128 MiB at most."""

_PKCS5 = bytes.fromhex("2a864886f70d0105")
_PKCS12_PBE = bytes.fromhex("2a864886f70d010c01")
_SCRYPT = bytes.fromhex("2b06010401da47040b")
_PBES2, _PBMAC1 = 13, 14
"""Under PKCS#5; these two only name another derivation (RFC 8018 appendix A), which counts."""


def refuse_costly_derivation(der: bytes) -> None:
    """Raise TOO_LARGE if opening an encrypted PKCS#8 or PKCS#12 file would take absurdly long.

    What is no such file passes: the one who reads it will say so.
    """
    try:
        outline = parse_ber(der)
    except BerError:
        return
    rounds = _mac_rounds(outline)
    blocks = 0
    for element in outline.walk():
        match _derivation(element):
            case "rounds", count:
                rounds += count
            case "blocks", count:
                blocks += count
    if rounds > _MOST_ROUNDS or blocks > _MOST_SCRYPT_BLOCKS:
        raise CertwrightError(
            ErrorCode.TOO_LARGE,
            "The file asks for so many rounds of key derivation that it may be an attack.",
            f"Export it again with fewer than {_MOST_ROUNDS:,} rounds, such as the usual 2,048.",
        )


def _mac_rounds(outline: Element) -> int:
    # RFC 7292 4: PFX ::= SEQUENCE { version, authSafe, macData }, and
    # MacData ::= SEQUENCE { mac DigestInfo, macSalt OCTET STRING, iterations INTEGER DEFAULT 1 }
    if len(outline.children) != 3 or len(outline.children[2].children) != 3:
        return 0
    return _magnitude(outline.children[2].children[2])


def _derivation(element: Element) -> tuple[str, int]:
    """What an AlgorithmIdentifier costs, and in which coin; nothing for all other elements."""
    if element.tag != SEQUENCE or len(element.children) != 2:
        return "rounds", 0
    identifier, parameters = element.children
    if identifier.tag != OBJECT_IDENTIFIER:
        return "rounds", 0
    if identifier.content == _SCRYPT:
        return "blocks", _product(parameters.children[1:4])
    if _goes_round(identifier.content):
        return "rounds", _product(parameters.children[1:2])
    return "rounds", 0


def _goes_round(identifier: bytes) -> bool:
    if identifier.startswith(_PKCS12_PBE):
        return True
    return identifier.startswith(_PKCS5) and identifier[-1] not in (_PBES2, _PBMAC1)


def _product(elements: Iterable[Element]) -> int:
    product = 1
    for element in elements:
        product *= _magnitude(element)
    return product


def _magnitude(element: Element) -> int:
    # A count that reads as negative is taken by some readers for a huge one.
    return abs(element.number or 0)
