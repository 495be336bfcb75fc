"""Everything that stands in a certificate, by name and in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509

from certwright.x509.asn1_tree import (
    BOOLEAN,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    dotted_number,
    read_elements,
)
from certwright.x509.certificate import PARSER_ERRORS, Certificate, reading_oddities
from certwright.x509.details_extensions import extension_fields
from certwright.x509.details_keys import key_pin, public_key_fields, signature_parameters
from certwright.x509.details_names import name_attributes
from certwright.x509.details_vendors import vendor_fields
from certwright.x509.object_identifiers import object_identifier_name

_EXTENSIONS_TAG = 0xA3
_MOST_EXTENSIONS = 100
_MOST_OCTETS = 16_384
_TITLES = {
    "2.5.29.9": "Subject directory attributes",
    "2.5.29.14": "Subject key identifier",
    "2.5.29.15": "Key usage",
    "2.5.29.16": "Private key usage period",
    "2.5.29.17": "Subject Alternative Name",
    "2.5.29.18": "Issuer alternative name",
    "2.5.29.19": "Basic constraints",
    "2.5.29.30": "Name constraints",
    "2.5.29.31": "CRL distribution points",
    "2.5.29.32": "Certificate policies",
    "2.5.29.33": "Policy mappings",
    "2.5.29.35": "Authority key identifier",
    "2.5.29.36": "Policy constraints",
    "2.5.29.37": "Extended key usage",
    "2.5.29.46": "Freshest CRL",
    "2.5.29.54": "Inhibit anyPolicy",
    "2.5.29.56": "No revocation available",
    "1.3.6.1.5.5.7.1.1": "Authority information access",
    "1.3.6.1.5.5.7.1.3": "Qualified certificate statements",
    "1.3.6.1.5.5.7.1.11": "Subject information access",
    "1.3.6.1.5.5.7.1.24": "TLS feature",
    "1.3.6.1.5.5.7.48.1.5": "OCSP no check",
    "1.3.6.1.4.1.11129.2.4.2": "Signed certificate timestamps",
    "1.3.6.1.4.1.11129.2.4.3": "Precertificate poison",
    "1.3.36.8.3.3": "Admission",
    "1.3.6.1.4.1.311.20.2": "Certificate template name",
    "1.3.6.1.4.1.311.21.1": "CA version",
    "1.3.6.1.4.1.311.21.2": "Previous CA certificate",
    "1.3.6.1.4.1.311.21.7": "Certificate template",
    "1.3.6.1.4.1.311.21.10": "Application policies",
    "1.3.6.1.4.1.311.21.11": "Application policy mappings",
    "1.3.6.1.4.1.311.25.2": "Security identifier of the account",
    "2.16.840.1.113730.1.1": "Netscape certificate type",
    "2.16.840.1.113730.1.13": "Netscape comment",
}
_NOT_READ = "This extension cannot be read; here is what stands in it."
_UNKNOWN = "Certwright does not know this extension; here is what stands in it."


@dataclass(frozen=True)
class DetailField:
    """One thing that stands in the certificate; a `value` of several lines is a list.

    `raw_hex` are its octets where the value does not say them all.
    """

    label: str
    value: str
    raw_hex: str | None = None


@dataclass(frozen=True)
class DetailSection:
    """Fields that belong together: a part of the certificate, or one extension.

    Extensions have an `object_identifier`, and a `note` where they could not be told in words. The
    last of very many has neither identifier nor fields, and its note says how many are left out.
    """

    title: str
    fields: tuple[DetailField, ...]
    is_extension: bool = False
    object_identifier: str = ""
    is_critical: bool = False
    note: str = ""


def details(certificate: Certificate) -> tuple[DetailSection, ...]:
    """All of `certificate`, extensions in its own order; never an error, all text safe to show."""
    return (
        DetailSection("Subject", _name_fields(certificate.cryptography.subject)),
        DetailSection("Issuer", _name_fields(certificate.cryptography.issuer)),
        DetailSection("Validity", _validity(certificate)),
        DetailSection("Certificate", _basics(certificate)),
        DetailSection(
            "Public key", tuple(DetailField(*field) for field in public_key_fields(certificate))
        ),
        *_extensions(certificate.der),
        DetailSection("Fingerprints", _fingerprints(certificate)),
        DetailSection("Signature", _signature(certificate)),
    )


def _name_fields(name: x509.Name) -> tuple[DetailField, ...]:
    attributes = name_attributes(name)
    return tuple(DetailField(*one) for one in attributes) or (DetailField("Name", "empty"),)


def _validity(certificate: Certificate) -> tuple[DetailField, ...]:
    lifetime = certificate.not_after - certificate.not_before
    return (
        DetailField("Good from", f"{certificate.not_before:%Y-%m-%d %H:%M:%S} UTC"),
        DetailField("Good until", f"{certificate.not_after:%Y-%m-%d %H:%M:%S} UTC"),
        DetailField("Lifetime", "1 day" if lifetime.days == 1 else f"{lifetime.days} days"),
    )


def _basics(certificate: Certificate) -> tuple[DetailField, ...]:
    return (
        DetailField("Version", f"{certificate.cryptography.version.value + 1}"),
        DetailField("Serial number", certificate.serial),
        *(DetailField(*one) for one in signature_parameters(certificate)),
    )


def _fingerprints(certificate: Certificate) -> tuple[DetailField, ...]:
    return (
        DetailField("Thumbprint (SHA-1)", certificate.thumbprint),
        DetailField("Fingerprint (SHA-256)", certificate.fingerprint),
        DetailField("Key fingerprint (SHA-256)", certificate.key_fingerprint),
        DetailField("Key pin (SHA-256, base64)", key_pin(certificate)),
    )


def _signature(certificate: Certificate) -> tuple[DetailField, ...]:
    signature = certificate.cryptography.signature
    return (DetailField("Value", f"{len(signature)} octets", _hexadecimal(signature)),)


@dataclass(frozen=True)
class _RawExtension:
    object_identifier: str
    is_critical: bool
    value: bytes
    whole: bytes


def _extensions(der: bytes) -> Iterator[DetailSection]:
    # One by one: the library refuses all of them when one is damaged or there twice.
    raw = tuple(_raw_extensions(der))
    for extension in raw[:_MOST_EXTENSIONS]:
        yield _extension_section(der, extension)
    if len(raw) > _MOST_EXTENSIONS:
        left = len(raw) - _MOST_EXTENSIONS
        yield DetailSection(
            "Further extensions", (), is_extension=True, note=f"{left} more are not shown."
        )


def _extension_section(der: bytes, extension: _RawExtension) -> DetailSection:
    dotted = extension.object_identifier
    note, decoded = "", vendor_fields(dotted, extension.value)
    if not decoded:
        try:
            with reading_oddities():
                value = _only_with(der, extension)
                decoded = tuple(extension_fields(value))
                is_known = not isinstance(value, x509.UnrecognizedExtension)
                note = "" if decoded or is_known else _UNKNOWN
        except PARSER_ERRORS:
            note = _NOT_READ
    raw = _hexadecimal(extension.value)
    fields = tuple(DetailField(label, value or "none") for label, value in decoded)
    return DetailSection(
        title=_TITLES.get(dotted) or object_identifier_name(dotted) or dotted,
        fields=fields or (DetailField("Value", f"{len(extension.value)} octets", raw),),
        is_extension=True,
        object_identifier=dotted,
        is_critical=extension.is_critical,
        note=note,
    )


def _only_with(der: bytes, extension: _RawExtension) -> x509.ExtensionType:
    """Let the library read one extension, in a copy of the certificate that has no other.

    The copy's signature is wrong; nobody looks at it.
    """
    signed, algorithm, signature = read_elements(der)
    content = signed.whole(der)
    parts = [part.whole(content) for part in read_elements(content) if part.tag != _EXTENSIONS_TAG]
    alone = _element(_EXTENSIONS_TAG, _element(0x30, extension.whole))
    copy = _element(
        0x30,
        _element(0x30, b"".join(parts) + alone) + algorithm.whole(der) + signature.whole(der),
    )
    found: x509.Extension[x509.ExtensionType]
    (found,) = x509.load_der_x509_certificate(copy).extensions
    return found.value


def _raw_extensions(der: bytes) -> Iterator[_RawExtension]:
    for signed in read_elements(der)[:1]:
        content = signed.whole(der)
        for part in read_elements(content):
            if part.tag == _EXTENSIONS_TAG:
                sequence = part.content(content)
                for element in read_elements(sequence):
                    yield _raw_extension(element.whole(sequence))


def _raw_extension(whole: bytes) -> _RawExtension:
    """RFC 5280 4.1: extnID, critical (false where it is not said), extnValue."""
    dotted, is_critical, value = "unknown", False, b""
    for node in read_elements(whole):
        content = node.content(whole)
        if node.tag == OBJECT_IDENTIFIER:
            dotted = dotted_number(content) or dotted
        elif node.tag == BOOLEAN:
            is_critical = content != b"\0"
        elif node.tag == OCTET_STRING:
            value = content
    return _RawExtension(dotted, is_critical, value, whole)


def _element(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def _hexadecimal(octets: bytes) -> str:
    shown = octets[:_MOST_OCTETS].hex()
    return shown if len(octets) <= _MOST_OCTETS else shown + "…"
