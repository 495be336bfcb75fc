"""The lists of RSA keys that Debian's OpenSSL made from 2006 to 2008, where they are at hand.

Its generator knew 32,767 seeds only (CVE-2008-0166). Debian published the keys of each length in
the package openssl-blacklist, which newer releases no longer have: whoever keeps it puts its
files into the folder. Without them nothing is said of such keys.
"""

from functools import cache
from pathlib import Path

LISTS = Path("/usr/share/openssl-blacklist")
_FILES = "blacklist.RSA-*"
_COMMENT = "#"


@cache
def debian_weak_keys(folder: Path = LISTS) -> frozenset[str]:
    """The entries of all lists in `folder`; none where it is not there, or may not be read."""
    return frozenset(entry for file in sorted(folder.glob(_FILES)) for entry in _entries(file))


def _entries(file: Path) -> frozenset[str]:
    try:
        lines = file.read_text("ascii", "replace").split("\n")
    except OSError:
        return frozenset()
    return frozenset(line.strip() for line in lines if line and not line.startswith(_COMMENT))
