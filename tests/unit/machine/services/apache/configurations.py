"""Configurations of Apache, written and read."""

from pathlib import Path

from certwright.machine.services.apache.configuration import (
    Configuration,
    Surroundings,
    read_configuration,
)


def write(root: Path, **files: str) -> None:
    """Each file by its path, __ for a slash, without its ending .conf."""
    for name, text in {"apache2": "", **files}.items():
        path = root / f"{name.replace('__', '/')}.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def read(root: Path, text: str, **files: str) -> Configuration:
    write(root, apache2=text, **files)
    surroundings = Surroundings(
        root, {"APACHE_LOG_DIR": "/var/log"}, frozenset({"core.c"}), (2, 4, 71)
    )
    return read_configuration(root / "apache2.conf", surroundings)
