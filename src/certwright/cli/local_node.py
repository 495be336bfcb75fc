"""How to reach the node that runs in a data folder: it leaves a note there, 0600."""

import json
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

from certwright.errors import CertwrightError, ErrorCode

NOTE = Path("node", "local.json")
"""Within the data folder: `{"pid": ..., "socket": ..., "token": ...}`."""


@dataclass(frozen=True)
class LocalNode:
    """A running node's Unix socket, and the token that whoever owns the folder may use."""

    socket: Path
    token: str = field(repr=False)


def find_local_node(data: Path) -> LocalNode:
    """The node that runs with `data` as its data folder.

    Raises `CertwrightError` NODE_NOT_RUNNING, or NOT_PERMITTED for somebody else's folder.
    """
    try:
        note = json.loads((data / NOTE).read_text("utf-8"))
        process, path, token = int(note["pid"]), Path(note["socket"]), str(note["token"])
    except (FileNotFoundError, NotADirectoryError):
        raise node_not_running(data) from None
    except PermissionError:
        raise CertwrightError(
            ErrorCode.NOT_PERMITTED,
            f"The data folder {data} belongs to another user.",
            "Run the command as the user who runs the node, or use --server and --token-file.",
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise CertwrightError(
            ErrorCode.NODE_NOT_RUNNING,
            f"What the node left in {data / NOTE} cannot be read.",
            f"Start the node again: certwright up --data {data}",
        ) from None
    if not _is_running(process) or not _answers(path):
        raise node_not_running(data)
    return LocalNode(path, token)


def node_not_running(data: Path) -> CertwrightError:
    """The error for a data folder without a running node."""
    return CertwrightError(
        ErrorCode.NODE_NOT_RUNNING,
        f"No node is running with the data folder {data}.",
        "Name the folder of the one that runs (--data DIR, or CERTWRIGHT_DATA), or start it: "
        f"certwright up --data {data}",
    )


def _is_running(process: int) -> bool:
    if process <= 0:
        return False
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


def _answers(path: Path) -> bool:
    # The process may be another one by now, with the number of a node that was killed.
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
