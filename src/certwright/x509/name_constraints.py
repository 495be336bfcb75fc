"""Which name of a certificate an authority above it may not vouch for (RFC 5280 4.2.1.10).

For telling why a chain was refused; the refusing itself is the verifier's.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from cryptography import x509

from certwright.x509.certificate import Certificate

_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network


def name_out_of_bounds(certificate: Certificate, issuer: Certificate) -> str | None:
    """The first DNS name or address of `certificate` that `issuer` may not vouch for, or None."""
    constraints = issuer.name_constraints
    if constraints is None:
        return None
    permitted, excluded = constraints.permitted_subtrees or (), constraints.excluded_subtrees or ()
    for name in certificate.dns_names:
        under = _dns_subtrees(permitted)
        # 4.2.1.10: "If no name of the type is in the certificate, the certificate is acceptable";
        # likewise what is not constrained at all is permitted.
        outside = bool(under) and not any(_lies_under(name, subtree) for subtree in under)
        if outside or any(_lies_under(name, subtree) for subtree in _dns_subtrees(excluded)):
            return name
    for text in certificate.ip_addresses:
        within = _networks(permitted)
        outside = bool(within) and not any(_lies_in(text, network) for network in within)
        if outside or any(_lies_in(text, network) for network in _networks(excluded)):
            return text
    return None


def _dns_subtrees(subtrees: Sequence[x509.GeneralName]) -> list[str]:
    return [one.value for one in subtrees if isinstance(one, x509.DNSName)]


def _networks(subtrees: Sequence[x509.GeneralName]) -> list[_Network]:
    return [
        one.value
        for one in subtrees
        if isinstance(one, x509.IPAddress) and isinstance(one.value, _Network)
    ]


def _lies_under(name: str, subtree: str) -> bool:
    # "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand
    # side of the name satisfies the name constraint." A leading dot is no part of the standard,
    # but widely written, and then asks for one label at least.
    bare, above = name.lower().removeprefix("*.").rstrip("."), subtree.lower().rstrip(".")
    if above.startswith("."):
        return bare.endswith(above)
    return not above or bare == above or bare.endswith("." + above)


def _lies_in(text: str, network: _Network) -> bool:
    try:
        address: _Address = ip_address(text)
    except ValueError:
        return False
    return address in network
