"""Extensions of Microsoft and Netscape, and some of the standards', that the library leaves raw.

Sources: [MS-WCCE] 2.2.2.7 (Microsoft's), RFC 5280 4.2.1.5 (policy mappings), RFC 3739 3.2.6
(qualified certificates), RFC 9608 (no revocation), Netscape's "Certificate Extensions".
"""

from collections.abc import Callable, Iterator

from certwright.x509.asn1_tree import (
    BIT_STRING,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    Asn1Node,
    asn1_tree,
    dotted_number,
    read_elements,
    text_of,
)
from certwright.x509.details_names import lines
from certwright.x509.details_purpose import purpose
from certwright.x509.object_identifiers import named_object_identifier
from certwright.x509.text import printable

Fields = tuple[tuple[str, str], ...]

_OBJECT_SID = "1.3.6.1.4.1.311.25.2.1"
_NETSCAPE_TYPES = (
    "TLS client",
    "TLS server",
    "S/MIME",
    "Object signing",
    "Reserved",
    "TLS authority",
    "S/MIME authority",
    "Object signing authority",
)


def vendor_fields(dotted: str, value: bytes) -> Fields:
    """Label and value of each part of the extension `dotted`; () for what is not known here."""
    read = _READERS.get(dotted)
    return () if read is None else read(value)


def _text(label: str) -> Callable[[bytes], Fields]:
    def read(value: bytes) -> Fields:
        node = asn1_tree(value)
        text = text_of(node.tag, node.content(value))
        return () if text is None else ((label, text or "empty"),)

    return read


def _application_policies(value: bytes) -> Fields:
    found = lines(purpose(dotted) for dotted in _first_identifiers(value))
    return (("Good for", found),) if found else ()


def _statements(value: bytes) -> Fields:
    found = lines(named_object_identifier(dotted) for dotted in _first_identifiers(value))
    return (("Statements", found),) if found else ()


def _policy_mappings(value: bytes) -> Fields:
    mapped = []
    for pair in _sequences(value):
        identifiers = [
            dotted
            for node in read_elements(pair)
            if (dotted := _identifier(node, pair)) is not None
        ]
        mapped.append(" is ".join(map(named_object_identifier, identifiers)))
    return (("Policies", lines(mapped)),) if mapped else ()


def _authority_version(value: bytes) -> Fields:
    number = asn1_tree(value)
    if number.tag != INTEGER:
        return ()
    version = int.from_bytes(number.content(value)[:8], "big")
    # [MS-WCCE] 2.2.2.7.5: the lower 16 bits count certificates, the higher ones keys.
    return (("Certificate and key of the authority", f"V{version & 0xFFFF}.{version >> 16}"),)


def _previous_certificate(value: bytes) -> Fields:
    node = asn1_tree(value)
    if node.tag != OCTET_STRING:
        return ()
    return (("Thumbprint of its former certificate", node.content(value)[:64].hex()),)


def _security_identifier(value: bytes) -> Fields:
    """[MS-WCCE] 2.2.2.7.7.4: an other name with the account's SID as text."""
    told = []
    for node in read_elements(value):
        parts = read_elements(node.whole(value))
        whole = node.whole(value)
        if len(parts) != 2 or _identifier(parts[0], whole) != _OBJECT_SID:
            continue
        held = parts[1].content(whole)
        text = asn1_tree(held).content(held)
        told.append(("Account (SID)", printable(text.decode("ascii", "replace"))))
    return tuple(told)


def _netscape_type(value: bytes) -> Fields:
    node = asn1_tree(value)
    bits = node.content(value)
    if node.tag != BIT_STRING or len(bits) < 2:
        return ()
    types = (name for index, name in enumerate(_NETSCAPE_TYPES) if bits[1] & 0x80 >> index)
    return (("Good for", lines(types) or "nothing"),)


def _no_revocation(_value: bytes) -> Fields:
    return (("Meaning", "The issuer tells no revocation of it (RFC 9608)"),)


def _first_identifiers(value: bytes) -> Iterator[str]:
    for sequence in _sequences(value):
        for node in read_elements(sequence)[:1]:
            if (dotted := _identifier(node, sequence)) is not None:
                yield dotted


def _sequences(value: bytes) -> Iterator[bytes]:
    return (node.whole(value) for node in read_elements(value) if node.tag == SEQUENCE)


def _identifier(node: Asn1Node, data: bytes) -> str | None:
    return dotted_number(node.content(data)) if node.tag == OBJECT_IDENTIFIER else None


_READERS: dict[str, Callable[[bytes], Fields]] = {
    "1.3.6.1.4.1.311.20.2": _text("Template"),
    "1.3.6.1.4.1.311.21.1": _authority_version,
    "1.3.6.1.4.1.311.21.2": _previous_certificate,
    "1.3.6.1.4.1.311.21.10": _application_policies,
    "1.3.6.1.4.1.311.21.11": _policy_mappings,
    "1.3.6.1.4.1.311.25.2": _security_identifier,
    "1.3.6.1.5.5.7.1.3": _statements,
    "2.5.29.33": _policy_mappings,
    "2.5.29.56": _no_revocation,
    "2.16.840.1.113730.1.1": _netscape_type,
    "2.16.840.1.113730.1.2": _text("Base URL"),
    "2.16.840.1.113730.1.3": _text("Revocation URL"),
    "2.16.840.1.113730.1.4": _text("Revocation URL of the authority"),
    "2.16.840.1.113730.1.7": _text("Renewal URL"),
    "2.16.840.1.113730.1.8": _text("Policy URL"),
    "2.16.840.1.113730.1.12": _text("Server name"),
    "2.16.840.1.113730.1.13": _text("Comment"),
}
