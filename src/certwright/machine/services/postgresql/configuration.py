"""PostgreSQL's settings: its files, and the command line that it was started with.

Read here and not by `postgres -C`: that wants the account and the binary of just this cluster, and
does not know what the running server was given on its command line.

Source: PostgreSQL's documentation, "Setting Parameters".
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from ...failures import FailureCode, MachineError
from ..configuration.files import ConfigurationFiles, is_there, malformed

_LINE = re.compile(
    r"""\s*(?P<name>[A-Za-z_][\w$.]*)(?:\s*=\s*|\s+|(?='))
    (?:'(?P<quoted>(?:[^'\\]|\\.|'')*)'|(?P<plain>[^\s'\#=][^\s'\#]*))\s*(?:\#.*)?""",
    re.VERBOSE | re.ASCII,
)
_ESCAPE = re.compile(r"''|\\([0-7]{1,3}|.)")
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_SHORT = {"p": "port", "h": "listen_addresses", "D": "data_directory"}
_FLAGS = {"l": ("ssl", "on"), "i": ("listen_addresses", "*")}
_INCLUDES = ("include", "include_if_exists", "include_dir")
_PROGRAM = "PostgreSQL"


def read_settings(path: Path, files: ConfigurationFiles | None = None) -> dict[str, str]:
    """The settings of a file and all it includes, names in lower case, the last one counts.

    They are read by `files`.

    Raises INVALID_INPUT for what PostgreSQL would not take either, TOO_LARGE, NOT_FOUND,
    NOT_PERMITTED.
    """
    return dict(_settings(files or ConfigurationFiles(), path, 0))


def read_if_there(path: Path, files: ConfigurationFiles | None = None) -> dict[str, str]:
    """As `read_settings`, for a file that need not be there."""
    try:
        return read_settings(path, files)
    except MachineError as failure:
        if failure.code is FailureCode.NOT_FOUND:
            return {}
        raise


def started_with(data: Path, files: ConfigurationFiles | None = None) -> dict[str, str]:
    """What the server of a data directory was given on its command line when it last started."""
    try:
        line = (files or ConfigurationFiles()).read(data / "postmaster.opts", 0)
        return dict(_command_line(shlex.split(line.partition("\n")[0])[1:]))
    except (MachineError, ValueError):
        return {}


def is_on(value: str) -> bool:
    """As PostgreSQL reads a boolean: any beginning of a word that tells it from the others."""
    lowered = value.lower()
    return bool(lowered) and (
        "true".startswith(lowered) or "yes".startswith(lowered) or lowered in ("on", "1")
    )


def _settings(files: ConfigurationFiles, path: Path, depth: int) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(files.read(path, depth).splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise malformed(path, number, "a line that is no setting", _PROGRAM)
        name, value = found["name"].lower(), _value(found)
        if name not in _INCLUDES:
            yield name, value
            continue
        target = path.parent / value
        for included in _in_folder(target) if name == "include_dir" else [target]:
            if name == "include_if_exists" and not is_there(included):
                continue
            yield from _settings(files, included, depth + 1)


def _in_folder(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if path.suffix == ".conf"]
    except OSError as error:
        raise MachineError(
            FailureCode.NOT_FOUND,
            f"The folder {folder} cannot be read: {error.strerror}.",
            "Let the account that Certwright runs as read it, or take out its include_dir.",
        ) from None
    return sorted(path for path in found if not path.name.startswith("."))


def _value(line: "re.Match[str]") -> str:
    if line["quoted"] is None:
        return line["plain"]
    return _ESCAPE.sub(_unescaped, line["quoted"])


def _unescaped(found: "re.Match[str]") -> str:
    escaped = found[1]
    if escaped is None:
        return "'"
    if escaped.isdigit() and escaped < "8":
        return chr(int(escaped, 8)) if int(escaped, 8) else ""
    return _ESCAPED.get(escaped, escaped)


def _command_line(words: list[str]) -> Iterator[tuple[str, str]]:
    """`-c name=value`, `--name=value`, and the letters that stand for one of them."""
    remaining = iter(words)
    for word in remaining:
        letter, rest = word[1:2], word[2:]
        if word.startswith("--") or letter == "c":
            text = rest or next(remaining, "")
            name, _, value = text.partition("=")
            yield name.replace("-", "_").lower(), value
        elif letter in _SHORT:
            yield _SHORT[letter], rest or next(remaining, "")
        elif letter in _FLAGS:
            yield _FLAGS[letter]
