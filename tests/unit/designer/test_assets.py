"""Style sheet, scripts and icon."""

import gzip
import re
from importlib.resources import files

from certwright.designer.assets import asset_address, load_assets


def test_addresses_change_with_the_content() -> None:
    addresses = [asset.address for asset in load_assets().values()]
    assert len(set(addresses)) == len(addresses)
    assert re.fullmatch(r"/static/[0-9a-f]{16}/designer\.css", asset_address("designer.css"))


def test_compressed_is_the_same() -> None:
    for asset in load_assets().values():
        assert gzip.decompress(asset.compressed) == asset.content


def test_every_file_is_served_or_is_a_licence() -> None:
    folder = files("certwright.designer") / "static"
    names = {item.name for item in folder.iterdir() if item.is_file()}
    names |= {f"vendor/{item.name}" for item in (folder / "vendor").iterdir()}
    assert names - load_assets().keys() == {"vendor/htmx.LICENSE.txt"}
