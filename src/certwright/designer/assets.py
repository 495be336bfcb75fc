"""Style sheet, scripts and icon: read once, at addresses that change with their content."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_MEDIA_TYPES = {
    "certificate.css": "text/css; charset=utf-8",
    "certificate.js": "text/javascript; charset=utf-8",
    "designer.css": "text/css; charset=utf-8",
    "designer.js": "text/javascript; charset=utf-8",
    "manager.css": "text/css; charset=utf-8",
    "manager.js": "text/javascript; charset=utf-8",
    "renewals.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "vendor/htmx.min.js": "text/javascript; charset=utf-8",
}
_HASH_DIGITS = 16


@dataclass(frozen=True)
class Asset:
    """A file that pages load, with the address it is served at."""

    content: bytes
    compressed: bytes
    media_type: str
    address: str


@cache
def load_assets() -> dict[str, Asset]:
    """All assets by name."""
    folder = files("certwright.designer") / "static"
    return {
        name: _asset(name, (folder / name).read_bytes(), media_type)
        for name, media_type in _MEDIA_TYPES.items()
    }


def asset_address(name: str) -> str:
    """Where the asset `name` is served; a KeyError is a mistake in a template."""
    return load_assets()[name].address


def _asset(name: str, content: bytes, media_type: str) -> Asset:
    digest = hashlib.sha256(content).hexdigest()[:_HASH_DIGITS]
    return Asset(
        content=content,
        compressed=gzip.compress(content, mtime=0),
        media_type=media_type,
        address=f"/static/{digest}/{name}",
    )
