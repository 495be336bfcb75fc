"""Files of a service, their folder opened once, and each read once."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from pathlib import Path

from ...failures import FailureCode, MachineError
from ...open_folders import OpenFolder
from .finding import called, find_way, refuse_to_be_led
from .reading import READING, FoundFile, read_opened
from .refusals import unreadable, writing


class OpenedFile:
    """A name in a folder; all that is done to it is done to that folder, wherever it goes."""

    def __init__(self, folder: OpenFolder, name: str) -> None:
        self.folder = folder
        self.name = name

    @property
    def path(self) -> Path:
        """Where it was found, links followed."""
        return self.folder.path / self.name

    @cached_property
    def found(self) -> FoundFile | None:
        """As `look`, once and for all: what is checked is what is kept and compared."""
        return self.look()

    def look(self, ending: str = "") -> FoundFile | None:
        """What it holds now, None where it is not there; with `ending`, the one kept beside it.

        Raises NOT_PERMITTED and TOO_LARGE.
        """
        name = self.named(ending)
        try:
            descriptor = self.folder.open(name, READING)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unreadable(self.folder.path / name, error) from None
        return read_opened(descriptor, self.folder.path / name)

    def named(self, ending: str) -> str:
        """What a file kept beside it is called; itself for ""."""
        return f".{self.name}{ending}" if ending else self.name


@contextlib.contextmanager
def opened_file(path: Path, named_by: AbstractSet[int] = frozenset()) -> Iterator[OpenedFile]:
    """The file that a path leads to, whether it is there or not.

    `named_by` are the accounts whose configuration names it, root apart. Raises NOT_PERMITTED where
    it, or a link, is none of theirs to name; NOT_FOUND, and FileNotFoundError without its folder.
    """
    try:
        way = find_way(path)
    except FileNotFoundError:  # for whoever knows what that means of this file
        raise
    except ValueError:  # a NUL in the path
        raise unreadable(path, FileNotFoundError()) from None
    except OSError as error:
        raise _leads_nowhere(path, error) from None
    with way.folder:
        refuse_to_be_led(way)
        file = OpenedFile(way.folder, way.name)
        for account in named_by and named_by - way.hosts - _owners(file):
            raise MachineError(
                FailureCode.NOT_PERMITTED,
                f"{file.path} was left alone: a configuration of the account {called(account)} "
                f"names it, and neither the file nor its folder belongs to {called(account)}.",
                f"Let root own the configuration, or let it name a file in a folder of "
                f"{called(account)}, then try again.",
            )
        yield file


@contextlib.contextmanager
def opened_files(
    paths: Iterable[Path], named_by: AbstractSet[int] = frozenset()
) -> Iterator[Mapping[Path, OpenedFile]]:
    """As `opened_file` for several; raises STORE_FAILED where a folder is not there."""
    with contextlib.ExitStack() as stack:
        files: dict[Path, OpenedFile] = {}
        for path in paths:
            with writing(path):
                files[path] = stack.enter_context(opened_file(path, named_by))
        yield files


def _owners(file: OpenedFile) -> AbstractSet[int]:
    of_folder = file.folder.own_status.st_uid
    return {of_folder, file.found.status.st_uid} if file.found else {of_folder}


def _leads_nowhere(path: Path, error: OSError) -> MachineError:
    if isinstance(error, PermissionError):
        return unreadable(path, error)
    return MachineError(
        FailureCode.NOT_FOUND,
        f"{path} leads nowhere: {error.strerror}.",
        "Mend the symbolic link or the path, then try again.",
    )
