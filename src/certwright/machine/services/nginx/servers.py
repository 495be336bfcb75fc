"""Which servers of an nginx configuration serve TLS, where, and with which files."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..configuration.directives import Directive, values
from ..pem.endpoints import FoundServers, TlsServer, absolute, dns_names, reachable
from ..pem.files import PemFiles
from ..service import Address

_PORT = re.compile(r"(\d{1,5})(?:-\d{1,5})?")
_HOST_AND_PORT = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]]+))(?::(\d{1,5})(?:-\d{1,5})?)?")
_NO_FILE = ("engine:", "store:", "data:")
_CONTEXTS = ("http", "stream", "mail")


def tls_servers(tree: Sequence[Directive], folder: Path) -> FoundServers:
    """Every server with TLS of `http`, `stream` and `mail`; relative paths begin at `folder`."""
    servers: list[TlsServer] = []
    notes: list[str] = []
    for context in tree:
        if context.name in _CONTEXTS:
            blocks = [one.block for one in context.block if one.name == "server"]
            around = [one for one in context.block if one.name != "server"]
            # One `listen ... ssl` makes every server at that address one with TLS.
            secured = {
                address
                for block in blocks
                for address, has_tls in _listens(block, around)
                if has_tls
            }
            for block in blocks:
                addresses = [one for one, _ in _listens(block, around) if one in secured]
                if addresses:
                    servers += _server(block, around, addresses, folder, notes)
    return FoundServers(tuple(servers), tuple(dict.fromkeys(notes)))


def _server(
    block: Sequence[Directive],
    context: Sequence[Directive],
    addresses: Sequence[Address],
    folder: Path,
    notes: list[str],
) -> Iterable[TlsServer]:
    names = _names(block)
    label = names[0] if names else f"port {addresses[0].port}"
    certificates = _inherited(block, context, "ssl_certificate")
    keys = _inherited(block, context, "ssl_certificate_key")
    if not certificates or len(certificates) != len(keys):
        notes.append(
            f"The server {label} was left out: certificates and private keys do not come in "
            f"pairs there ({len(certificates)} and {len(keys)})."
        )
        return
    told: tuple[str, ...] = ()
    if _inherited(block, context, "ssl_password_file"):
        told = ("The private key may be encrypted now (ssl_password_file); a new one will not be.",)
    for certificate, key in zip(certificates, keys, strict=True):
        strange = next((one for one in (certificate, key) if _is_no_file(one)), None)
        if strange is None:
            files = PemFiles(absolute(certificate, folder), absolute(key, folder))
            yield TlsServer(names, tuple(addresses), files, told)
        else:
            notes.append(
                f"A certificate of the server {label} was left out: {strange[:80]} is no file, "
                "and Certwright writes files only."
            )


def _is_no_file(value: str) -> bool:
    return "$" in value or value.startswith(_NO_FILE)


def _inherited(
    block: Sequence[Directive], context: Sequence[Directive], name: str
) -> tuple[str, ...]:
    return values(block, name) or values(context, name)


def _names(block: Sequence[Directive]) -> tuple[str, ...]:
    given = (name for one in block if one.name == "server_name" for name in one.arguments)
    spelled = ((name[1:], f"*{name}") if name.startswith(".") else (name,) for name in given)
    return dns_names(name for names in spelled for name in names)


def _listens(
    block: Sequence[Directive], context: Sequence[Directive]
) -> Iterable[tuple[Address, bool]]:
    everywhere = "on" in _inherited(block, context, "ssl")  # before nginx 1.25.1
    for one in block:
        if one.name != "listen" or not one.arguments or {"quic", "udp"} & {*one.arguments}:
            continue
        address = _address(one.arguments[0])
        if address is not None:
            yield address, everywhere or "ssl" in one.arguments


def _address(listen: str) -> Address | None:
    """No host means everywhere, no port means 80; of a range of ports, the first one."""
    alone = _PORT.fullmatch(listen)
    if alone:
        return Address(reachable(""), int(alone[1]))
    found = None if listen.startswith("unix:") else _HOST_AND_PORT.fullmatch(listen)
    return Address(reachable(found[1] or found[2]), int(found[3] or 80)) if found else None
