"""Names that mean something inside one network only, so that nobody can vouch for them outside."""

from ipaddress import ip_address, ip_network

_PRIVATE_ENDINGS = {
    # RFC 6762 appendix G: top-level names that people use in their own networks, and "local".
    **dict.fromkeys(
        ("local", "intranet", "internal", "private", "corp", "home", "lan", "localdomain"),
        "belongs to no one on the Internet",
    ),
    # RFC 6761 6 and RFC 8375. Of RFC 2606 "example" is not here: it stands for a real name.
    **dict.fromkeys(("localhost", "test", "invalid", "home.arpa"), "is reserved"),
}
_FOR_DOCUMENTATION = tuple(
    ip_network(text)
    for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
"""RFC 5737 and RFC 3849: they stand for real addresses, like "example" for a real name."""


def why_internal(name: str) -> str | None:
    """What makes `name` (DNS name, wildcard or address) an internal one; None if it is none.

    The answer continues a sentence that begins with the name.
    """
    try:
        address = ip_address(name)
    except ValueError:
        return _why_internal_name(name)
    is_for_documentation = any(
        address.version == network.version and address in network for network in _FOR_DOCUMENTATION
    )
    if address.is_global or is_for_documentation:
        return None
    return "is an address of a private network"


def _why_internal_name(name: str) -> str | None:
    labels = name.lower().rstrip(".").split(".")
    if len(labels) == 1:
        return "is a short host name"
    for ending in (".".join(labels[-2:]), labels[-1]):
        if reason := _PRIVATE_ENDINGS.get(ending):
            return f"ends in .{ending}, which {reason}"
    return None
