"""Which virtual hosts of an Apache configuration serve TLS, where, and with which files."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from ..configuration.directives import Directive, values
from ..pem.endpoints import FoundServers, TlsServer, absolute, dns_names, reachable
from ..pem.files import PemFiles
from ..service import Address
from .configuration import Configuration

_HOST_AND_PORT = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]]*?))(?::(\d{1,5}|\*))?")
_HTTPS = 443
_EVERYWHERE = ("", "*", "_default_", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
_HOST = "virtualhost"


@dataclass(frozen=True)
class _Listen:
    host: str
    port: int
    is_https: bool


@dataclass(frozen=True)
class _Way:
    """How a virtual host is reached.

    Apache takes the protocol of a `Listen` for a virtual host of the very same address only.
    """

    listen: _Listen
    address: Address
    has_tls_by_default: bool


def tls_servers(configuration: Configuration) -> FoundServers:
    """The main server and every virtual host with TLS."""
    main = [one for one in configuration.directives if one.name != _HOST]
    listens = tuple(filter(None, (_listen(one) for one in main if one.name == "listen")))
    hosts = [one for one in configuration.directives if one.name == _HOST]
    servers: list[TlsServer] = []
    notes: list[str] = []
    taken: set[_Listen] = set()
    for host in hosts:
        reached = _reached(host.arguments, listens)
        taken |= {way.listen for way in reached}
        by_default = any(way.has_tls_by_default for way in reached)
        if _has_tls(host.block, main, by_default=by_default):
            addresses = tuple(dict.fromkeys(way.address for way in reached))
            servers += _server(host.block, main, addresses, configuration.server_root, notes)
    if values(main, "sslengine")[-1:] == ("on",):
        free = tuple(_address(one, "") for one in listens if one not in taken)
        if free:
            servers += _server(main, main, free, configuration.server_root, notes)
    if any(one.name == "use" for one in main):
        notes.append("The configuration uses macros (mod_macro), which Certwright does not read.")
    return FoundServers(tuple(servers), tuple(dict.fromkeys(notes)))


def _server(
    host: Sequence[Directive],
    main: Sequence[Directive],
    addresses: tuple[Address, ...],
    folder: Path,
    notes: list[str],
) -> Iterable[TlsServer]:
    names = _names(host)
    label = names[0] if names else "without a name"
    certificates = _inherited(host, main, "sslcertificatefile")
    keys = _inherited(host, main, "sslcertificatekeyfile")[: len(certificates)]
    chain = _inherited(host, main, "sslcertificatechainfile")[-1:]
    if not certificates:
        notes.append(
            f"The virtual host {label} was left out: it has no SSLCertificateFile; "
            "perhaps mod_md looks after its certificate."
        )
    for certificate, key in zip_longest(certificates, keys):
        strange = next((one for one in (certificate, key or "") if _is_no_file(one)), None)
        if strange is None:
            files = PemFiles(
                absolute(certificate, folder),
                absolute(key or certificate, folder),
                absolute(chain[0], folder) if chain else None,
            )
            yield TlsServer(names, addresses, files)
        else:
            notes.append(
                f"A certificate of the virtual host {label} was left out: {strange[:80]} is no "
                "file, and Certwright writes files only."
            )


def _is_no_file(value: str) -> bool:
    return value.startswith("pkcs11:") or "${" in value


def _inherited(host: Sequence[Directive], main: Sequence[Directive], name: str) -> tuple[str, ...]:
    return values(host, name) or values(main, name)


def _has_tls(host: Sequence[Directive], main: Sequence[Directive], *, by_default: bool) -> bool:
    """Without `SSLEngine` it is TLS where the port is one of https, if there is a certificate."""
    said = _inherited(host, main, "sslengine")
    if said:
        return said[-1].lower() != "off"
    return by_default and bool(values(host, "sslcertificatefile"))


def _names(host: Sequence[Directive]) -> tuple[str, ...]:
    given = [name.rpartition("//")[2].partition(":")[0] for name in values(host, "servername")]
    aliases = [name for one in host if one.name == "serveralias" for name in one.arguments]
    return dns_names([*given, *aliases])


def _listen(directive: Directive) -> _Listen | None:
    """[ADDRESS:]PORT [PROTOCOL]; the protocol is https at 443 if it is not said."""
    if not directive.arguments:
        return None
    found = _HOST_AND_PORT.fullmatch(
        f":{text}" if (text := directive.arguments[0]).isdigit() else text
    )
    if found is None or not (found[3] or "").isdigit():
        return None
    port, protocol = int(found[3]), directive.arguments[1:2]
    is_https = protocol == ("https",) or (port == _HTTPS and not protocol)
    return _Listen(found[1] or found[2] or "", port, is_https)


def _reached(addresses: Sequence[str], listens: Sequence[_Listen]) -> list[_Way]:
    """Through which `Listen` each address of a virtual host is reached."""
    reached = []
    for text in addresses:
        found = _HOST_AND_PORT.fullmatch(text)
        if found is None:
            continue
        host, port = found[1] or found[2] or "", found[3] or "*"
        for listen in listens:
            everywhere = {host in _EVERYWHERE, listen.host in _EVERYWHERE}
            is_same = host == listen.host or everywhere == {True}
            if port in ("*", str(listen.port)) and (is_same or True in everywhere):
                by_default = listen.is_https and is_same
                reached.append(_Way(listen, _address(listen, host), by_default))
    return reached


def _address(listen: _Listen, host: str) -> Address:
    wanted = listen.host if host in _EVERYWHERE else host
    return Address(reachable(wanted), listen.port)
