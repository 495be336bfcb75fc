"""An installation folder as the vendor's pages describe it, and settings of the tests' making.

The pages name `config\\servers` (on some pages `config\\server`), `tls.json` in it, `config` and
`web` below it with a `general.json` each, and `version.txt`. They show the content of none: that
is assumed here.
"""

import json
from pathlib import Path

from certwright.machine.services.service import Option, ServiceReference
from certwright.machine.services.theobald.service import Product, TheobaldService

OLD = "720e95c1a4d38b5f6e0a9b7c2d4f8a1b3c5d7e9f"
OTHER = "5d1f3b7c9e0a2c4e6f8a0b1c3d5e7f9a1b2c3d4e"
NEW = "0badcafe00112233445566778899aabbccddeeff"
NEWER = "feedface0123456789abcdef0123456789abcdef"


def make_installation(folder: Path, settings: bytes, servers: str = "servers") -> Path:
    """The folder with these `tls.json`; returns that file."""
    config = folder / "config"
    for name in ("extractions/plants", "connections/sap", f"{servers}/config", f"{servers}/web"):
        (config / name).mkdir(parents=True)
    (config / "version.txt").write_text("6.14.2\r\n", encoding="utf-8-sig")
    (config / "extractions/plants/general.json").write_text('{"table": "T001W"}')
    (config / "connections/sap/general.json").write_text('{"host": "sap.corp.example"}')
    (config / servers / "config/general.json").write_text('{"port": 9064}')
    ports = {"protocol": "https", "httpPort": 9065, "httpsPort": 9165}
    (config / servers / "web/general.json").write_text(json.dumps(ports), encoding="utf-8-sig")
    tls = config / servers / "tls.json"
    tls.write_bytes(settings)
    return tls


def both(web: str, configuration: str) -> bytes:
    """Settings of both tabs in one file, as UTF-16 with Windows' line endings."""
    document = {
        "webServer": {"storeLocation": "LocalMachine", "thumbprint": web.upper()},
        "configServer": {"storeLocation": "LocalMachine", "thumbprint": configuration.upper()},
    }
    return json.dumps(document, indent=2).replace("\n", "\r\n").encode("utf-16")


def service(product: Product, folder: Path, **options: str) -> TheobaldService:
    """The service that is installed there."""
    return TheobaldService(product, reference(product, folder, **options))


def reference(product: Product, folder: Path, **options: str) -> ServiceReference:
    """What the node knows it by."""
    named = tuple(Option(name.replace("_", "-"), value) for name, value in options.items())
    return ServiceReference(product.kind, str(folder), named)
