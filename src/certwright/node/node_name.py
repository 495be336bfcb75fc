"""What a node is called among those that share its database; kept with its data."""

import re
import secrets
import socket
from collections.abc import Callable
from pathlib import Path

from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.whole_files import write_whole

_FILE = "node-name"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_LONGEST_HOST = 57


def node_name(data: Path, of_database: Callable[[], tuple[str, ...]]) -> str:
    """The name in the data folder; at a first start one is made of the machine's and chance.

    By chance too: machines made from one image have one name. `of_database` tells whose rows lie
    in a database that is this node's alone, should the file be lost. Raises INVALID_INPUT for a
    file that somebody wrote something else into.
    """
    file = data / _FILE
    if not file.exists():
        known = of_database()
        name = known[0] if len(known) == 1 else _new_name()
        write_whole(file, f"{name}\n".encode(), 0o644)
    name = file.read_text(errors="replace").strip()
    if not _NAME.fullmatch(name):
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {file} does not hold a node's name.",
            "Put the former name back: small letters, digits and hyphens. Without it the node "
            "does not find its endpoints.",
        )
    return name


def _new_name() -> str:
    host = re.sub(r"[^a-z0-9]+", "-", socket.gethostname().partition(".")[0].lower()).strip("-")
    return f"{host[:_LONGEST_HOST] or 'node'}-{secrets.token_hex(2)}"
