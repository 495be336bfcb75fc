"""A folder made as Xtract Universal's documentation says, and a stand-in that serves from it."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certwright.machine.services.service import Material
from certwright.machine.services.theobald.service import XTRACT_UNIVERSAL, TheobaldService
from certwright.x509.keys import private_key_to_pem

from ...interop.servers import free_port
from ...unit.foreign_authority import Issued
from ...unit.machine.services.theobald.installation import OTHER, both, make_installation, reference
from . import stand_in_for_theobald as stand_in
from .adapter import ServiceAdapter, pem_chain, served_at


@contextmanager
def running(folder: Path, issued: Issued) -> Iterator[ServiceAdapter]:
    """Its Web Server; the Configuration Server has another certificate in the same file."""
    port = free_port()
    store = folder / "store"
    store.mkdir()

    def material(one: Issued, _: Issued) -> Material:
        pem = pem_chain(one) + private_key_to_pem(one.key)
        (store / f"{one.leaf.thumbprint}.pem").write_text(pem)
        return Material(one.leaf.thumbprint)

    material(issued, issued)
    tls = make_installation(folder, both(issued.leaf.thumbprint, OTHER))
    restart = [sys.executable, stand_in.__file__, "restart", str(folder), f"webServer={port}"]
    subprocess.run(restart, check=True, timeout=60)
    try:
        known_by = reference(
            XTRACT_UNIVERSAL, folder, restart=shlex.join(restart), web_server_port=str(port)
        )
        yield ServiceAdapter(
            service=TheobaldService(XTRACT_UNIVERSAL, known_by),
            reference=known_by,
            endpoint="web-server",
            current=issued,
            served=served_at(port),
            material=material,
            files=(tls,),
        )
    finally:
        stand_in.end(folder)
