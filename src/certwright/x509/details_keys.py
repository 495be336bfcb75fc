"""The public key and the signature of a certificate, with their parameters."""

from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certwright.x509.asn1_tree import (
    INTEGER,
    OBJECT_IDENTIFIER,
    asn1_tree,
    dotted_number,
    read_elements,
)
from certwright.x509.certificate import Certificate
from certwright.x509.object_identifiers import named_object_identifier, object_identifier_name

_PSS = "1.2.840.113549.1.1.10"
_DEFAULT_SALT = 20
_DEFAULT_HASH = "sha1"
_HASH_FIELD, _MASK_FIELD, _SALT_FIELD = 0xA0, 0xA1, 0xA2


def public_key_fields(certificate: Certificate) -> tuple[tuple[str, str, str | None], ...]:
    """Label, value and, where the value is a number or a point, all its octets in hex."""
    key = certificate.public_key
    algorithm = ("Algorithm", certificate.key_description, None)
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        modulus = f"{numbers.n:x}"
        return (
            algorithm,
            ("Size", f"{key.key_size} bits", None),
            ("Exponent", str(numbers.e), None),
            ("Modulus", f"{key.key_size} bits", modulus.zfill(len(modulus) + len(modulus) % 2)),
        )
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return (
            algorithm,
            ("Curve", f"{key.curve.name}, {key.key_size} bits", None),
            ("Point", f"{len(point)} octets", point.hex()),
        )
    octets = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return algorithm, ("Public key", f"{len(octets)} octets", octets.hex())


def key_pin(certificate: Certificate) -> str:
    """The SHA-256 of the SubjectPublicKeyInfo in base64, as pins are written (RFC 7469 2.4)."""
    return b64encode(bytes.fromhex(certificate.key_fingerprint)).decode("ascii")


def signature_parameters(certificate: Certificate) -> tuple[tuple[str, str], ...]:
    """The algorithm of the signature, and for RSASSA-PSS its hash, mask and salt."""
    dotted = certificate.cryptography.signature_algorithm_oid.dotted_string
    algorithm = ("Signature algorithm", named_object_identifier(dotted))
    if dotted != _PSS:
        return (algorithm,)
    hash_name, mask_hash, salt = _pss_parameters(certificate.der)
    return (
        algorithm,
        ("PSS hash", hash_name),
        ("PSS mask", f"MGF1 with {mask_hash}"),
        ("PSS salt", f"{salt} octets"),
    )


def _pss_parameters(der: bytes) -> tuple[str, str, int]:
    """RFC 8017 A.2.3: what is not said is SHA-1, MGF1 with SHA-1, and a salt of 20 octets."""
    hash_name, mask_hash, salt = _DEFAULT_HASH, _DEFAULT_HASH, _DEFAULT_SALT
    _, algorithm, _ = read_elements(der)
    identifier = algorithm.whole(der)
    for parameters in read_elements(identifier)[1:]:
        sequence = parameters.whole(identifier)
        for field in read_elements(sequence):
            inner = field.content(sequence)
            if field.tag == _HASH_FIELD:
                hash_name = _algorithm_name(inner)
            elif field.tag == _MASK_FIELD:
                mask_hash = _algorithm_name(_second_element(inner))
            elif field.tag == _SALT_FIELD and (number := asn1_tree(inner)).tag == INTEGER:
                salt = int.from_bytes(number.content(inner), "big")
    return hash_name, mask_hash, salt


def _algorithm_name(identifier: bytes) -> str:
    for element in read_elements(identifier)[:1]:
        dotted = dotted_number(element.content(identifier))
        if element.tag == OBJECT_IDENTIFIER and dotted is not None:
            return object_identifier_name(dotted) or dotted
    return "an unknown hash"


def _second_element(sequence: bytes) -> bytes:
    elements = read_elements(sequence)
    return elements[1].whole(sequence) if len(elements) > 1 else b""
