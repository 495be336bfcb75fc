"""What the front has to know about a node, and the upstream behind the Web Server."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from certwright.errors import CertwrightError, ErrorCode
from certwright.services.endpoints import WebServerProtocol
from certwright.x509.reading import LARGEST_FILE

LARGEST_REQUEST = LARGEST_FILE + 256 * 1024
"""Bytes of a request to our own pages: the largest certificate file, and the fields around it."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
# RFC 1123 2.1 labels; the underscore because names of Windows machines and containers have it.
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# RFC 3986 3.3: what may stand in a path, already percent-encoded.
_PATH = re.compile(r"(/([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*")


@dataclass(frozen=True)
class Upstream:
    """`scheme` is `http` or `https`; `host` is a lower-case name or an IP address without
    brackets; `path_prefix` is empty or starts with a slash and does not end with one."""

    scheme: str
    host: str
    port: int
    path_prefix: str = ""

    @property
    def is_tls(self) -> bool:
        return self.scheme == "https"

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address, which needs no look-up and sends no SNI."""
        return _is_address(self.host)

    @property
    def authority(self) -> str:
        """The value of the Host header for it: the port only where it is not the default one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path_prefix}"


@dataclass(frozen=True)
class FrontSettings:
    """Fixed for the life of one node process; ports are concrete, and held (see `ports.hold_port`).

    `server_name` is the node's first name, `app_socket` the Unix socket of the app,
    `runtime_folder` a folder on tmpfs of the front's own that only the node's account can enter.
    """

    bind: tuple[str, ...]
    configuration_port: int
    http_port: int
    https_port: int
    publication_port: int
    server_name: str
    upstream: Upstream | None
    runtime_folder: Path
    app_socket: Path

    @property
    def ports(self) -> frozenset[int]:
        """All that are held for the front, whether it listens there at the moment or not."""
        return frozenset(
            (self.configuration_port, self.http_port, self.https_port, self.publication_port)
        )

    def web_port(self, protocol: WebServerProtocol) -> int:
        """The one port on which the Web Server listens while it speaks `protocol`."""
        return self.https_port if protocol.is_encrypted else self.http_port


def parse_upstream(url: str) -> Upstream:
    """Read `http://host:port/prefix` or `https://...`.

    Raises `CertwrightError` (INVALID_INPUT) for everything else; the text of the URL is repeated
    only when it holds no user name or password.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise _refusal("The upstream is not a URL.") from None
    if parts.username is not None or parts.password is not None:
        raise _refusal("The upstream's URL holds a user name or password.")
    if parts.scheme not in _DEFAULT_PORTS:
        raise _refusal(f"The upstream {url!r} starts with neither http:// nor https://.")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise _refusal(f"The upstream {url!r} holds a query or a fragment.")
    if port == 0:
        raise _refusal(f"The upstream {url!r} names port 0.")
    return Upstream(
        scheme=parts.scheme,
        host=_host(parts, url),
        port=port or _DEFAULT_PORTS[parts.scheme],
        path_prefix=_path_prefix(parts, url),
    )


def _host(parts: SplitResult, url: str) -> str:
    host = (parts.hostname or "").rstrip(".")
    if _is_address(host):
        return str(ipaddress.ip_address(host))
    labels = host.split(".")
    # A last label of digits alone is a mistyped IPv4 address, never a name (RFC 1123 2.1).
    if len(host) > 253 or labels[-1].isdecimal() or not all(map(_LABEL.fullmatch, labels)):
        raise _refusal(f"The upstream {url!r} names no valid host.")
    return host


def _path_prefix(parts: SplitResult, url: str) -> str:
    prefix = parts.path.rstrip("/")
    if not _PATH.fullmatch(prefix) or {".", ".."} & set(prefix.split("/")):
        raise _refusal(f"The path of the upstream {url!r} is not a plain path.")
    return prefix


def _is_address(host: str) -> bool:
    try:
        # A zone ("fe80::1%eth0") would parse here, but no URL can carry it to Envoy.
        return ipaddress.ip_address(host) is not None and "%" not in host
    except ValueError:
        return False


def _refusal(message: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        message,
        "Give --upstream as http://HOST:PORT or https://HOST:PORT, with a path if need be, "
        "for example http://127.0.0.1:9000.",
    )
