"""A file of somebody's configuration, and who besides root could have written it so."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from .finding import find_way, is_root
from .opened_files import OpenedFile
from .reading import read_file
from .refusals import unreadable


@dataclass(frozen=True)
class Written:
    """What a file holds, and the accounts that own it or a link to it, root apart.

    Accounts are of interest to root alone, and empty for any other.
    """

    content: bytes
    authors: AbstractSet[int]


def read_written(path: Path) -> Written:
    """As `read_file`."""
    if not is_root():
        return Written(read_file(path), frozenset())
    try:
        way = find_way(path)
    except ValueError:  # a NUL in the path
        raise unreadable(path, FileNotFoundError()) from None
    except OSError as error:
        raise unreadable(path, error) from None
    with way.folder:
        found = OpenedFile(way.folder, way.name).look()
    if found is None:
        raise unreadable(path, FileNotFoundError())
    return Written(found.content, (way.accounts | {found.status.st_uid}) - {0})
