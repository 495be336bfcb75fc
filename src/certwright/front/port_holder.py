"""Who listens on a port, as far as /proc lets this account see."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from certwright.x509.text import printable

_LISTEN = "0A"
_PROC = Path("/proc")
_NODES_FRONT = re.compile(rb"/certwright-[0-9]+-[0-9a-f]{12}/front/bootstrap\.json\0")
"""In the command line of the front of any node of this machine: a file in its runtime folder."""


@dataclass(frozen=True)
class PortHolder:
    """Who listens on a port, in words such as "nginx (process 812)", and what is to be stopped.

    A front is never stopped by itself: its node would start it again.
    """

    words: str
    to_stop: str = "that program"


def find_holder(port: int) -> PortHolder | None:
    """None if nobody is found.

    Sources: proc(5) for /proc/net/tcp and /proc/PID/fd; the processes of other accounts are
    visible to root only.
    """
    inodes = set(_listening_inodes(port))
    if not inodes:
        return None
    for process in _PROC.iterdir():
        if process.name.isdecimal() and inodes & set(_socket_inodes(process)):
            return _described(process)
    return None


def _described(process: Path) -> PortHolder:
    words = f"{_name(process)} (process {process.name})"
    node = _node_behind(process)
    if node is None or node in {os.getpid(), os.getppid()}:
        return PortHolder(words)
    return PortHolder(f"{words}, the front of another node", f"that node (process {node})")


def _node_behind(process: Path) -> int | None:
    """The process of the node whose front that is, None if it is none."""
    try:
        if not _NODES_FRONT.search((process / "cmdline").read_bytes()):
            return None
        status = (process / "stat").read_text(errors="replace")
    except OSError:
        return None
    return int(status.rpartition(")")[2].split()[1])


def _listening_inodes(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _socket_inodes(process: Path) -> Iterator[str]:
    try:
        for descriptor in (process / "fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                yield target[len("socket:[") : -1]
    except OSError:  # gone meanwhile, or another account's
        return


def _name(process: Path) -> str:
    try:
        # Whoever runs it gave it the name, of any bytes.
        return printable((process / "comm").read_bytes().decode("utf-8", "replace").strip())
    except OSError:
        return "a program"
