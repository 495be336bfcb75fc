"""The account PostgreSQL runs under when the node runs as root, which PostgreSQL refuses to.

The wheel's own helper opens every parent of the data folder to all users instead; this does not:
the data folder is handed over as an open descriptor, and programs the account could not reach
are copied to where it can.
"""

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.programs import inherited_environment

ACCOUNT_NAME = "certwright-database"
_ACCOUNTS = Path("/etc")
_SHARED_PROGRAMS = Path("/var/lib/certwright/programs")


@dataclass(frozen=True)
class Account:
    """A user and group identifier of this system."""

    user: int
    group: int


def database_account() -> Account | None:
    """None when the node is not root and PostgreSQL can run under the node's own account.

    Raises `CertwrightError` DATA_FOLDER_UNUSABLE when the account is missing and cannot be made.
    """
    if os.geteuid() != 0:
        return None
    entry = _entry()
    if entry is None:
        _make_account()
        entry = pwd.getpwnam(ACCOUNT_NAME)
    return Account(entry.pw_uid, entry.pw_gid)


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        return None


def _make_account() -> None:
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", "--user-group", ACCOUNT_NAME]
    try:
        with _alone_with_accounts():
            if _entry() is None:
                subprocess.run(
                    command, check=True, capture_output=True, env=inherited_environment()
                )
    except (OSError, subprocess.CalledProcessError) as error:
        raise CertwrightError(
            ErrorCode.DATA_FOLDER_UNUSABLE,
            f"PostgreSQL does not run as root, and its account {ACCOUNT_NAME} cannot be made.",
            "Run certwright as an ordinary user, or make the account: " + " ".join(command),
        ) from error


@contextmanager
def _alone_with_accounts() -> Iterator[None]:
    """Until the end of the block no other node of this system makes an account.

    `useradd` looks whether the account is there before it takes its lock, not after: of two at
    once the second one gives the account another number, and the first one's files are nobody's.
    """
    accounts = os.open(_ACCOUNTS, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(accounts, fcntl.LOCK_EX)
        yield
    finally:
        os.close(accounts)


def give_to(account: Account | None, folder: Path) -> None:
    """Make `folder` the account's own, closed to everybody else."""
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.user, account.group)


def reachable_programs(folder: Path, account: Account | None, version: str) -> Path:
    """`folder` itself where the account may run what lies there, else a copy that it may run."""
    if account is None or _open_to_all(folder):
        return folder
    copy = _SHARED_PROGRAMS / f"postgresql-{version}"
    for place in (_SHARED_PROGRAMS.parent, _SHARED_PROGRAMS):
        if not place.exists():
            place.mkdir(parents=True, exist_ok=True)
            place.chmod(0o755)  # whatever the umask: the account has to enter, nobody to write
    _refuse_changeable(_SHARED_PROGRAMS)
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}.unfinished")
        shutil.copytree(folder, unfinished, symlinks=True)
        try:
            unfinished.rename(copy)
        except OSError:  # another node was quicker
            shutil.rmtree(unfinished)
    return copy


def _refuse_changeable(folder: Path) -> None:
    """Raise where somebody else could lay other programs in the place of these.

    The folder above is the data folder of a service that runs as the user certwright.
    """
    for place in (folder, *folder.parents):
        status = place.lstat()
        may_change = status.st_uid not in {0, os.geteuid()} or status.st_mode & stat.S_IWOTH
        if may_change and not status.st_mode & stat.S_ISVTX:
            raise CertwrightError(
                ErrorCode.DATA_FOLDER_UNUSABLE,
                f"PostgreSQL's programs would be run from {folder}, but {place} can be changed "
                "by others than root.",
                "Install certwright where every account may enter, such as /opt/certwright, "
                "or run it as an ordinary user.",
            )


def _open_to_all(folder: Path) -> bool:
    resolved = folder.resolve()
    needed = stat.S_IXOTH
    return all(place.stat().st_mode & needed for place in (resolved, *resolved.parents))
