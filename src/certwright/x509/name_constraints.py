"""Which name of a certificate an authority above it may not vouch for (RFC 5280 4.2.1.10).

For telling why a chain was refused; the refusing itself is the verifier's, but for directory
names, which it does not judge.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from cryptography import x509

from certwright.x509.certificate import Certificate
from certwright.x509.text import printable

_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network


def name_out_of_bounds(certificate: Certificate, issuer: Certificate) -> str | None:
    """The first name of `certificate` that `issuer` may not vouch for, or None.

    A DNS name, an address, or a whole directory name such as its subject.
    """
    constraints = issuer.name_constraints
    if constraints is None:
        return None
    permitted = constraints.permitted_subtrees or ()
    excluded = constraints.excluded_subtrees or ()
    return (
        _dns_name_outside(certificate.dns_names, _domains(permitted), _domains(excluded))
        or _address_outside(certificate.ip_addresses, _networks(permitted), _networks(excluded))
        or _directory_name_outside(
            certificate.directory_names, _directories(permitted), _directories(excluded)
        )
    )


def is_limited_loosely(path: Sequence[Certificate]) -> bool:
    """Whether limits in `path` (leaf first) are such as the verifier does not take, but all are
    looked at by `name_out_of_bounds`: those on directory names, and domains with a dot in front.
    """
    _, *above = path
    limits = [limit for issuer in above for limit in _subtrees(issuer)]
    kinds = {type(limit) for limit in limits}
    had = {kind for certificate in path for kind in certificate.kinds_of_names}
    # What no certificate has, no limit can exclude.
    overlooked = (kinds - {x509.DirectoryName, x509.DNSName, x509.IPAddress}) & had
    domains = [limit.value for limit in limits if isinstance(limit, x509.DNSName)]
    is_loose = x509.DirectoryName in kinds or any(domain[:1] in ("", ".") for domain in domains)
    return is_loose and not overlooked


def _subtrees(issuer: Certificate) -> tuple[x509.GeneralName, ...]:
    constraints = issuer.name_constraints
    if constraints is None:
        return ()
    return (*(constraints.permitted_subtrees or ()), *(constraints.excluded_subtrees or ()))


def _dns_name_outside(
    names: Iterable[str], permitted: frozenset[str], excluded: frozenset[str]
) -> str | None:
    # A wildcard stands for a name that is excluded, too.
    out_of_wildcards = {subtree.partition(".")[2] for subtree in excluded}
    for name in names:
        subtrees = _subtrees_over(name)
        if name.startswith("*.") and name[2:].lower() in out_of_wildcards:
            return name
        # 4.2.1.10: "If no name of the type is in the certificate, the certificate is acceptable";
        # likewise what is not constrained at all is permitted.
        if (permitted and permitted.isdisjoint(subtrees)) or not excluded.isdisjoint(subtrees):
            return name
    return None


def _subtrees_over(name: str) -> list[str]:
    # "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand
    # side of the name satisfies the name constraint." A leading dot is no part of the standard,
    # but widely written, and then asks for one label at least.
    labels = name.lower().removeprefix("*.").rstrip(".").split(".")
    parents = [".".join(labels[position:]) for position in range(len(labels))]
    return ["", *parents, *(f".{parent}" for parent in parents[1:])]


def _address_outside(
    texts: Iterable[str], permitted: frozenset[_Network], excluded: frozenset[_Network]
) -> str | None:
    lengths = sorted({(network.version, network.prefixlen) for network in permitted | excluded})
    for text in texts:
        networks = _networks_around(text, lengths)
        if (permitted and permitted.isdisjoint(networks)) or not excluded.isdisjoint(networks):
            return text
    return None


def _networks_around(text: str, lengths: Iterable[tuple[int, int]]) -> list[_Network]:
    try:
        address: _Address = ip_address(text)
    except ValueError:
        return []
    return [
        ip_network((address, length), strict=False)
        for version, length in lengths
        if version == address.version
    ]


def _directory_name_outside(
    names: Iterable[x509.Name], permitted: Sequence[x509.Name], excluded: Sequence[x509.Name]
) -> str | None:
    for name in names:
        parts = _folded(name)
        outside = bool(permitted) and not any(_begins(parts, _folded(one)) for one in permitted)
        if outside or any(_begins(parts, _folded(one)) for one in excluded):
            return printable(name.rfc4514_string())
    return None


_Part = frozenset[tuple[str, str]]


def _folded(name: x509.Name) -> list[_Part]:
    # RFC 5280 7.1: compared whatever the case, the blanks and the kind of string.
    return [
        frozenset(
            (one.oid.dotted_string, " ".join(str(one.value).split()).casefold()) for one in part
        )
        for part in name.rdns
    ]


def _begins(subject: list[_Part], subtree: list[_Part]) -> bool:
    return subject[: len(subtree)] == subtree


def _domains(subtrees: Sequence[x509.GeneralName]) -> frozenset[str]:
    return frozenset(
        one.value.lower().rstrip(".") for one in subtrees if isinstance(one, x509.DNSName)
    )


def _networks(subtrees: Sequence[x509.GeneralName]) -> frozenset[_Network]:
    return frozenset(
        one.value
        for one in subtrees
        if isinstance(one, x509.IPAddress) and isinstance(one.value, _Network)
    )


def _directories(subtrees: Sequence[x509.GeneralName]) -> list[x509.Name]:
    return [one.value for one in subtrees if isinstance(one, x509.DirectoryName)]
