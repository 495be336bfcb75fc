"""Who listens on a port, as far as /proc lets this account see."""

from collections.abc import Iterator
from pathlib import Path

from certwright.x509.text import printable

_LISTEN = "0A"
_PROC = Path("/proc")


def describe_holder(port: int) -> str | None:
    """For a sentence, such as "nginx (process 812)"; None if nobody is found.

    Sources: proc(5) for /proc/net/tcp and /proc/PID/fd; the processes of other accounts are
    visible to root only.
    """
    inodes = set(_listening_inodes(port))
    if not inodes:
        return None
    for process in _PROC.iterdir():
        if process.name.isdecimal() and inodes & set(_socket_inodes(process)):
            return f"{_name(process)} (process {process.name})"
    return None


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
