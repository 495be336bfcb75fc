"""The names a server goes by, and whether a certificate's entry covers one of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address

import idna

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.text import printable

_LONGEST_NAME = 253
"""RFC 1035 2.3.4: 255 octets on the wire, which are 253 characters of text."""
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""RFC 1123 2.1: letters, digits and hyphens, 63 at most, no hyphen at either end.

No underscore, although Windows lets a machine have one: public authorities must not put it in a
certificate (CA/Browser Forum ballot SC12), and strict clients refuse such a name.
"""
_FEWEST_LABELS_UNDER_WILDCARD = 2
_WILDCARD = "*."


class NameKind(StrEnum):
    """What kind of name it is."""

    DNS = "dns"
    IP = "ip"


@dataclass(frozen=True, order=True)
class ServerName:
    """A DNS name (A-labels, lower case, no trailing dot) or an IP address (shortest text)."""

    kind: NameKind
    value: str

    @property
    def display(self) -> str:
        """As a person reads it: U-labels instead of `xn--...`."""
        return ".".join(
            printable(idna.decode(label)) if label.startswith("xn--") else label
            for label in self.value.split(".")
        )

    def __str__(self) -> str:
        return self.value


def parse_server_name(text: str) -> ServerName:
    """Read a DNS name or an IP address as a person types it; brackets around IPv6 are fine.

    Raises INVALID_INPUT that says what is wrong with it.
    """
    bare = text.strip()
    unbracketed = bare[1:-1] if bare.startswith("[") and bare.endswith("]") else bare
    if address := canonical_address(unbracketed):
        return ServerName(NameKind.IP, address)
    if not bare:
        raise _invalid(text, "it is empty")
    if "/" in bare or ":" in bare:
        raise _invalid(text, "it holds more than a name (no https://, no port, no path)")
    if "*" in bare:
        raise _invalid(text, "a server has a name of its own, not a wildcard")
    return ServerName(NameKind.DNS, _parse_dns_name(bare))


def server_names(texts: Iterable[str]) -> tuple[ServerName, ...]:
    """Those of `texts` that a server can be asked for by; wildcards, for instance, cannot."""
    return tuple(name for text in texts if (name := _server_name(text)) is not None)


def _server_name(text: str) -> ServerName | None:
    try:
        return parse_server_name(text)
    except CertwrightError:
        return None


def parse_certificate_name(text: str) -> ServerName:
    """As `parse_server_name`, for a name that is to stand in a certificate: a wildcard is fine.

    RFC 6125 6.4.3: only as the whole of the left-most label.
    """
    bare = text.strip()
    if not bare.startswith(_WILDCARD):
        return parse_server_name(bare)
    parent = parse_server_name(bare.removeprefix(_WILDCARD))
    if parent.kind is NameKind.IP or parent.value.count(".") + 1 < _FEWEST_LABELS_UNDER_WILDCARD:
        raise _invalid(text, "a wildcard needs a domain of its own below it, as *.corp.example has")
    return ServerName(NameKind.DNS, _WILDCARD + parent.value)


def canonical_address(text: str) -> str | None:
    """The shortest text of an IPv4 or IPv6 address, or None if it is none."""
    try:
        # A zone ("fe80::1%eth0") means something on one machine only: RFC 4007 11.2.
        return None if "%" in text else str(ip_address(text))
    except ValueError:
        return None


def pattern_matches(pattern: str, name: ServerName) -> bool:
    """Whether one entry of a certificate covers `name`.

    `pattern` is an entry of the kind that `name` is: a dNSName for DNS, an iPAddress for IP.
    RFC 9525 6.3: "case-insensitive ASCII comparison", the wildcard "only as the complete content
    of the left-most label", which stands for exactly one label. Two labels at least must follow
    it, as OpenSSL and NSS demand, so `*.example` covers nothing.
    """
    if name.kind is NameKind.IP:
        # RFC 9525 6.4: octet for octet; no wildcards, no text of a dNSName.
        return canonical_address(pattern) == name.value
    entry = _to_ascii(pattern)
    if entry is None:
        return False
    if entry == name.value:
        return True
    first, _, parent = entry.partition(".")
    _, _, parent_of_name = name.value.partition(".")
    return (
        first == "*"
        and parent == parent_of_name
        and parent.count(".") + 1 >= _FEWEST_LABELS_UNDER_WILDCARD
    )


def _to_ascii(pattern: str) -> str | None:
    """Lower-case A-labels. A Common Name may hold U-labels; a dNSName is ASCII already."""
    if pattern.isascii():
        return pattern.lower()
    wildcard, rest = ("*.", pattern[2:]) if pattern.startswith("*.") else ("", pattern)
    try:
        return wildcard + _parse_dns_name(rest)
    except CertwrightError:
        return None


def _parse_dns_name(text: str) -> str:
    ascii_name = text if text.isascii() else _encode(text)
    name = ascii_name.lower().removesuffix(".")
    if len(name) > _LONGEST_NAME:
        raise _invalid(text, f"it is longer than {_LONGEST_NAME} characters")
    labels = name.split(".")
    for label in labels:
        _check_label(text, label)
    if labels[-1].isdigit():
        # The top of the tree is never numeric, so this is an IP address with a slip.
        raise _invalid(text, "it ends in a number, yet is no IP address")
    return name


def _check_label(text: str, label: str) -> None:
    if not _LABEL.fullmatch(label):
        raise _invalid(
            text,
            "each part between dots takes 1 to 63 letters, digits and hyphens, "
            "and no hyphen at either end",
        )
    if label.startswith("xn--"):
        try:
            idna.decode(label)
        except idna.IDNAError:
            raise _invalid(text, f"{label} is no international name (IDNA 2008)") from None


def _encode(text: str) -> str:
    try:
        return idna.encode(text, uts46=True, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise _invalid(text, "it has characters that no name may have (IDNA 2008)") from None


def _invalid(text: str, reason: str) -> CertwrightError:
    shown = printable(text.strip())[:100]
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        f'"{shown}" is no name of a server: {reason}.',
        "Give a DNS name such as todd.corp.example, or an IP address.",
    )
