"""Names in certificates, entry by entry, as a person reads them."""

from collections.abc import Iterable
from uuid import UUID

from cryptography import x509

from certwright.x509.asn1_tree import OCTET_STRING, asn1_tree, text_of
from certwright.x509.names import NameKind, ServerName
from certwright.x509.object_identifiers import named_object_identifier, object_identifier_name
from certwright.x509.text import printable

_MOST_ENTRIES = 200
_USER_PRINCIPAL_NAME = "1.3.6.1.4.1.311.20.2.3"
_DIRECTORY_GUID = "1.3.6.1.4.1.311.25.1"
_ATTRIBUTES = {
    "2.5.4.3": "Common Name (CN)",
    "2.5.4.4": "Surname (SN)",
    "2.5.4.5": "Serial number",
    "2.5.4.6": "Country (C)",
    "2.5.4.7": "Locality (L)",
    "2.5.4.8": "State or province (ST)",
    "2.5.4.9": "Street",
    "2.5.4.10": "Organization (O)",
    "2.5.4.11": "Organizational unit (OU)",
    "2.5.4.12": "Title",
    "2.5.4.15": "Business category",
    "2.5.4.17": "Postal code",
    "2.5.4.42": "Given name",
    "2.5.4.97": "Organization identifier",
    "0.9.2342.19200300.100.1.1": "User ID (UID)",
    "0.9.2342.19200300.100.1.25": "Domain component (DC)",
    "1.2.840.113549.1.9.1": "E-mail address",
    "1.3.6.1.4.1.311.60.2.1.1": "Jurisdiction: locality",
    "1.3.6.1.4.1.311.60.2.1.2": "Jurisdiction: state or province",
    "1.3.6.1.4.1.311.60.2.1.3": "Jurisdiction: country",
}
_OTHER_NAMES = {
    _USER_PRINCIPAL_NAME: "User principal name",
    _DIRECTORY_GUID: "Directory object (GUID)",
}


def lines(texts: Iterable[str], at_most: int = _MOST_ENTRIES) -> str:
    """One a line, the rest of a long list as a number."""
    listed = list(texts)
    left = len(listed) - at_most
    shown = listed[:at_most] + ([f"and {left} more"] if left > 0 else [])
    return "\n".join(shown)


def name_attributes(name: x509.Name) -> tuple[tuple[str, str], ...]:
    """Each attribute of a distinguished name with its label, in the certificate's order."""
    return tuple(
        (_attribute_label(attribute.oid.dotted_string), _attribute_value(attribute.value))
        for attribute in name
    )


def directory_name(name: x509.Name) -> str:
    """A distinguished name in one line (RFC 4514), "empty" for one without attributes."""
    return printable(name.rfc4514_string()) or "empty"


def general_name(name: x509.GeneralName) -> str:
    """Kind and value of one entry, such as `DNS name: todd.corp.example`."""
    match name:
        case x509.DNSName():
            return f"DNS name: {_dns_name(name.value)}"
        case x509.IPAddress():
            return f"IP address: {name.value}"
        case x509.RFC822Name():
            return f"E-mail address: {printable(name.value)}"
        case x509.UniformResourceIdentifier():
            return f"URL: {printable(name.value)}"
        case x509.DirectoryName():
            return f"Directory name: {directory_name(name.value)}"
        case x509.RegisteredID():
            return f"Registered ID: {named_object_identifier(name.value.dotted_string)}"
        case x509.OtherName():
            return _other_name(name.type_id.dotted_string, name.value)
        case _:
            return "A name of another kind"


def general_names(names: Iterable[x509.GeneralName]) -> str:
    """One entry a line."""
    return lines(general_name(name) for name in names)


def _attribute_label(dotted: str) -> str:
    return _ATTRIBUTES.get(dotted) or object_identifier_name(dotted) or dotted


def _attribute_value(value: str | bytes) -> str:
    return (printable(value) if isinstance(value, str) else value.hex()) or "empty"


def _dns_name(value: str) -> str:
    text = printable(value)
    if "xn--" not in text.lower():
        return text
    readable = _readable(text.lower())
    return text if readable in (None, text) else f"{text} ({readable})"


def _readable(name: str) -> str | None:
    try:
        return ServerName(NameKind.DNS, name).display
    except UnicodeError:  # also idna's own: an A-label that stands for nothing
        return None


def _other_name(dotted: str, value: bytes) -> str:
    label = _OTHER_NAMES.get(dotted) or f"Other name {named_object_identifier(dotted)}"
    node = asn1_tree(value)
    content = node.content(value)
    if node.problem:
        return f"{label}: {printable(value.hex())}"
    if dotted == _DIRECTORY_GUID and node.tag == OCTET_STRING and len(content) == 16:
        return f"{label}: {UUID(bytes_le=content)}"
    text = text_of(node.tag, content)
    return f"{label}: {printable(value.hex()) if text is None else text}"
