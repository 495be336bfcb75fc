"""The way to a file of a service, gone step by step, and whom one would obey by going it.

Root may write everywhere. So what another account owns - a link, or a configuration that names a
file - may lead root only to what is that account's own (CWE-59, CWE-367).
"""

import errno
import os
import stat
import sys
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from ...failures import FailureCode, MachineError
from ...open_folders import OpenFolder

_MOST_LINKS = 40
"""As Linux follows (path_resolution(7))."""


@dataclass(frozen=True)
class Way:
    """The folder at a path's end, opened, a name in it, and the accounts that own links to there.

    The name stands for no link, or for one that was made since. Root is none of the accounts.
    `hosts` are the owners of folders in which root's own link stood for the file.
    """

    folder: OpenFolder
    name: str
    accounts: AbstractSet[int]
    hosts: AbstractSet[int] = frozenset()


def find_way(path: Path) -> Way:
    """Follow every link; no file need be there. Raises OSError where a folder is not there."""
    if sys.platform != "linux":
        try:
            resolved = path.resolve()
        except RuntimeError:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None
        return Way(OpenFolder(resolved.parent, None), resolved.name, frozenset())
    walk = _Walk(path)
    try:
        while walk.remaining:
            walk.step()
    except BaseException:
        os.close(walk.folder)
        raise
    if not walk.name:
        os.close(walk.folder)
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    accounts = frozenset(walk.owners) - {0}
    return Way(OpenFolder(walk.at, walk.folder), walk.name, accounts, walk.hosts)


class _Walk:
    """As Linux itself resolves a path; `name` is "" until its end is reached."""

    _LOOK = getattr(os, "O_PATH", 0) | getattr(os, "O_NOFOLLOW", 0)

    def __init__(self, path: Path) -> None:
        self.remaining: list[str] = []
        self.owners: list[int] = []
        self.hosts: set[int] = set()
        self.name = ""
        self.at, self.folder = Path("/"), os.open("/", self._LOOK)
        self._push(path.absolute())

    def step(self) -> None:
        """Go on by one name; raises OSError."""
        name = self.remaining.pop()
        try:
            found = os.open(name, self._LOOK, dir_fd=self.folder)
        except FileNotFoundError:
            if self.remaining:
                raise
            self.name = name
            return
        status = os.fstat(found)
        if stat.S_ISLNK(status.st_mode):
            self._follow(found, status.st_uid)
        elif self.remaining:
            self._enter(self.at.parent if name == ".." else self.at / name, found)
        else:
            os.close(found)
            self.name = name

    def _follow(self, link: int, owner: int) -> None:
        target = Path(os.readlink("", dir_fd=link))
        os.close(link)
        self.owners.append(owner)
        if owner == 0 and not self.remaining:
            self.hosts.add(os.fstat(self.folder).st_uid)
        if len(self.owners) > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if target.is_absolute():
            self._enter(Path("/"), os.open("/", self._LOOK))
        self._push(target)

    def _enter(self, at: Path, folder: int) -> None:
        os.close(self.folder)
        self.at, self.folder = at, folder

    def _push(self, path: Path) -> None:
        self.remaining += reversed(path.parts[path.is_absolute() :])


def refuse_to_be_led(way: Way) -> None:
    """Raises NOT_PERMITTED where root would follow somebody's link into another one's folder."""
    if not is_root():
        return
    owner = way.folder.own_status.st_uid
    for account in way.accounts - {owner}:
        raise MachineError(
            FailureCode.NOT_PERMITTED,
            f"{way.folder.path / way.name} was left alone: a symbolic link of the account "
            f"{called(account)} leads there, and the folder belongs to {called(owner)}.",
            f"Let root own the link (chown -h root), or let it lead to a folder of "
            f"{called(account)}, then try again.",
        )


def is_root() -> bool:
    """Whether this process may do what the accounts of a machine's services may not."""
    return sys.platform != "win32" and os.geteuid() == 0


def called(account: int) -> str:
    """An account's name, its number where it has none."""
    if sys.platform == "win32":
        return str(account)
    import pwd

    try:
        return pwd.getpwuid(account).pw_name
    except KeyError:
        return str(account)


def called_group(group: int) -> str:
    """A group's name, its number where it has none."""
    if sys.platform == "win32":
        return str(group)
    import grp

    try:
        return grp.getgrgid(group).gr_name
    except KeyError:
        return str(group)
