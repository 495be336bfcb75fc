"""A ready-made set as whoever gets it sees it: unpacked, its README read."""

import re
import stat
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

from certwright.x509.writing.sets.archive import write_set
from certwright.x509.writing.sets.ready_set import Material, ReadySet


@dataclass(frozen=True)
class Unpacked:
    """The files of a set, by name, and their permissions."""

    folder: str
    files: dict[str, bytes]
    modes: dict[str, int]

    @property
    def readme(self) -> str:
        """The README's text."""
        return self.files["README.txt"].decode()

    def lines(self, title: str) -> str:
        """The lines to be copied under a heading of the README, without their indentation."""
        section = self.readme.split(f"\n{title}\n{'-' * len(title)}\n")[1]
        section = re.split(r"\n[^\n]+\n-+\n", section)[0]
        return "\n".join(
            line[4:] for line in section.splitlines() if line.startswith("    ") or not line
        ).strip("\n")


def unpack(ready_set: ReadySet, material: Material, at: datetime) -> Unpacked:
    """Make the set and open its ZIP."""
    files, modes, folders = {}, {}, set()
    with ZipFile(BytesIO(write_set(ready_set, material, at))) as archive:
        for entry in archive.infolist():
            folder, name = entry.filename.split("/")
            folders.add(folder)
            files[name] = archive.read(entry)
            modes[name] = stat.S_IMODE(entry.external_attr >> 16)
    return Unpacked(folders.pop(), files, modes)
