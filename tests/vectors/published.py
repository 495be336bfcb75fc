"""The vectors that `cryptography` publishes: what becomes of each when it is imported.

published.txt holds every file of the package that is a certificate, a key or a container of them,
or is given in such a one's place, under the sentence that it is refused with or under what is read
out of it; after a tab its password. `python tests/vectors/published.py` writes it anew, which
makes every change of an outcome visible.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cryptography_vectors

from certwright.errors import CertwrightError
from certwright.x509.reading import read_bundle

PACKAGE = Path(cryptography_vectors.__file__).parent
LIST = Path(__file__).with_name("published.txt")
_FOLDERS = (
    *("pkcs12", "x509", "pkcs7"),
    *(
        f"asymmetric/{name}"
        for name in (
            *("DER_Serialization", "DH", "DSA/custom", "EC", "Ed25519", "Ed448", "MLDSA", "MLKEM"),
            *("OpenSSH", "PEM_Serialization", "PKCS8", "Traditional_OpenSSL_Serialization"),
            *("X25519", "X448", "public"),
        )
    ),
)


@dataclass(frozen=True)
class Vector:
    """A file, by its path in the package, its password, and what becomes of it."""

    name: str
    password: str | None
    outcome: str

    @property
    def is_imported(self) -> bool:
        """Whether something is read out of it."""
        return self.outcome.startswith("imported")


def published_files() -> list[str]:
    """The paths of all files that are vectors."""
    return [
        str(file.relative_to(PACKAGE))
        for folder in _FOLDERS
        for file in sorted((PACKAGE / folder).rglob("*"))
        if file.is_file() and file.suffix != ".pyc"
    ]


def listed_vectors() -> list[Vector]:
    """What published.txt says, in its order."""
    return list(_parse(LIST.read_text("utf-8")))


def outcome(name: str, password: str | None) -> str:
    """What becomes of one file, in one line."""
    try:
        bundle = read_bundle((PACKAGE / name).read_bytes(), password)
    except CertwrightError as error:
        return f"{error.code}: {error.message}"
    certificates, keys = len(bundle.certificates), len(bundle.private_keys)
    return f"imported: {bundle.format}, certificates {certificates}, private keys {keys}"


def _parse(text: str) -> Iterator[Vector]:
    heading = ""
    for line in text.splitlines():
        if not line.startswith(" "):
            heading = line
            continue
        name, _, password = line.strip(" ").partition("\t")
        yield Vector(name, password or None, heading)


def _write(passwords: dict[str, str | None]) -> None:
    by_outcome: dict[str, list[str]] = {}
    for name in published_files():
        password = passwords.get(name)
        line = f"    {name}\t{password}" if password else f"    {name}"
        by_outcome.setdefault(outcome(name, password), []).append(line)
    lines = (line for found in sorted(by_outcome) for line in (found, *by_outcome[found]))
    LIST.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    _write({vector.name: vector.password for vector in listed_vectors()} if LIST.exists() else {})
