"""Apache's configuration as a tree of directives, its conditions decided.

Read here and not by `apachectl -t -D DUMP_VHOSTS`: that names no certificate.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..configuration.directives import Directive
from ..configuration.expansion import Expansion
from ..configuration.files import (
    ConfigurationFiles,
    files_below,
    is_folder,
    is_pattern,
    is_there,
    malformed,
    matching,
)

_WORD = re.compile(
    r"""\s*(?:"(?P<double>(?:\\[\\"]|[^"])*)"?|'(?P<single>(?:\\[\\']|[^'])*)'?|(?P<plain>\S+))"""
)
"""As `ap_getword_conf` splits: a quotation mark means something at a word's beginning only."""
_VARIABLE = re.compile(r"\$\{([^{}:]+)\}")
_SECTION = re.compile(r"<\s*(/?)\s*([^\s>]+)\s*(.*?)>?$", re.DOTALL)
_COMPARISONS: Mapping[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">": lambda ours, asked: ours > asked,
    ">=": lambda ours, asked: ours >= asked,
    "<": lambda ours, asked: ours < asked,
    "<=": lambda ours, asked: ours <= asked,
    "=": lambda ours, asked: ours[: len(asked)] == asked,
    "==": lambda ours, asked: ours[: len(asked)] == asked,
}
_DEEPEST = 50
_PROGRAM = "apachectl configtest"


@dataclass(frozen=True)
class Surroundings:
    """What a configuration is read with, besides itself.

    `server_root` is where relative paths begin until `ServerRoot` says otherwise, `variables` the
    environment, `modules` those built in ("mod_so.c"), `version` such as (2, 4, 71).
    """

    server_root: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    version: tuple[int, ...] = (2, 4)


@dataclass(frozen=True)
class Configuration:
    """What was read: directives with their names in lower case, and where paths begin.

    `authors` are the accounts that could have written so, root apart.
    """

    directives: tuple[Directive, ...]
    server_root: Path
    authors: AbstractSet[int] = frozenset()


def read_configuration(path: Path, surroundings: Surroundings) -> Configuration:
    """The configuration that begins in `path`, with all it includes.

    Raises INVALID_INPUT for what Apache would not take either, TOO_LARGE, NOT_FOUND,
    NOT_PERMITTED.
    """
    reader = _Reader(surroundings)
    directives = tuple(reader.read(path, 0))
    return Configuration(directives, reader.surroundings.server_root, reader.files.authors)


def words_of(line: str) -> tuple[str, ...]:
    """A directive's line, or what follows its name, in words."""
    return tuple(_unquoted(found) for found in _WORD.finditer(line))


class _Reader:
    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.files = ConfigurationFiles()
        self._modules = set(surroundings.modules)
        self._defined: dict[str, str] = {}
        self._expansion = Expansion()

    def read(self, path: Path, depth: int) -> list[Directive]:
        """One file; what it defines holds for those read after it."""
        blocks: list[tuple[Directive, list[Directive]]] = [(Directive("", ()), [])]
        conditions: list[tuple[int, str]] = []
        skipped = 0
        for number, line in _lines(self.files.read(path, depth)):
            section = _SECTION.match(line) if line.startswith("<") else None
            if skipped:
                skipped += 0 if section is None else -1 if section[1] else 1
            elif section is None:
                blocks[-1][1].extend(self._directive(line, depth))
            elif section[1]:
                name = section[2].lower()
                if conditions and conditions[-1] == (len(blocks), name):
                    conditions.pop()
                elif len(blocks) > 1 and blocks[-1][0].name == name:
                    opened, directives = blocks.pop()
                    blocks[-1][1].append(replace(opened, block=tuple(directives)))
                else:
                    raise malformed(path, number, f"</{section[2]}> closes nothing", _PROGRAM)
            else:
                name, rest = section[2].lower(), words_of(self._resolved(section[3]))
                holds = self._holds(name, rest)
                if len(blocks) + len(conditions) > _DEEPEST:
                    raise malformed(path, number, "sections are too deep in others", _PROGRAM)
                if holds is None:
                    blocks.append((Directive(name, rest), []))
                elif holds:
                    conditions.append((len(blocks), name))
                else:
                    skipped = 1
        if len(blocks) > 1 or conditions or skipped:
            raise malformed(path, number, "the file ends within a section", _PROGRAM)
        return blocks[0][1]

    def _directive(self, line: str, depth: int) -> Iterator[Directive]:
        found = _WORD.match(line)
        name = _unquoted(found).lower() if found else ""
        arguments = words_of(self._resolved(line[found.end() :])) if found else ()
        if name in ("include", "includeoptional") and arguments:
            for path in self._included(arguments[0], is_optional=name == "includeoptional"):
                yield from self.read(path, depth + 1)
            return
        self._note(name, arguments)
        yield Directive(name, arguments)

    def _note(self, name: str, arguments: Sequence[str]) -> None:
        """Take on what changes how the lines after this one are read."""
        match name, *arguments:
            case "define", str(variable), *rest:
                self._defined[variable] = rest[0] if rest else ""
            case "undefine", str(variable), *_:
                self._defined.pop(variable, None)
            case "loadmodule", str(module), str(file), *_:
                self._modules |= {module, f"{Path(file).stem}.c"}
            case "serverroot", str(folder), *_:
                root = self.surroundings.server_root / folder
                self.surroundings = replace(self.surroundings, server_root=root)

    def _included(self, pattern: str, *, is_optional: bool) -> Iterator[Path]:
        wanted = self.surroundings.server_root / pattern
        if is_pattern(str(wanted)):
            paths: Sequence[Path] = matching(str(wanted))
        else:
            paths = [wanted] if is_there(wanted) or not is_optional else []
        for path in paths:
            yield from files_below(path) if is_folder(path) else [path]

    def _holds(self, name: str, arguments: Sequence[str]) -> bool | None:
        """Whether a condition is met; None for a section that is none."""
        if name == "macro":  # what it holds counts only where it is used
            return False
        if not name.startswith("if") or name == "if" or not arguments:
            return None
        is_negated = arguments[0].startswith("!")
        first, rest = arguments[0].removeprefix("!"), arguments[1:]
        match name:
            case "ifmodule":
                met = first in self._modules
            case "ifdefine":
                met = first in self._defined
            case "iffile":
                met = is_there(self.surroundings.server_root / first)
            case "ifversion":
                met = _is_version(self.surroundings.version, first, rest)
            case _:
                met = True
        return met != is_negated

    def _resolved(self, text: str) -> str:
        """Unknown variables stay as they stand, as Apache leaves them."""

        def value(found: "re.Match[str]") -> str:
            known = self._defined.get(found[1], self.surroundings.variables.get(found[1]))
            return found[0] if known is None else self._expansion.add(known)

        self._expansion.begin_line()
        return _VARIABLE.sub(value, text)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with something in them, a backslash at the end of one joins it to the next."""
    joined = ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.rstrip("\r").endswith("\\"):
            joined += line.rstrip("\r")[:-1]
            continue
        whole, joined = (joined + line).strip(), ""
        if whole and not whole.startswith("#"):
            yield number, whole
    if joined.strip():
        yield number, joined.strip()


def _unquoted(word: "re.Match[str]") -> str:
    if word["plain"] is not None:
        return word["plain"].replace("\\\\", "\\")
    quote, text = ('"', word["double"]) if word["double"] is not None else ("'", word["single"])
    return re.sub(rf"\\([\\{quote}])", r"\1", text)


def _is_version(ours: tuple[int, ...], first: str, rest: Sequence[str]) -> bool:
    operator, version = (first, rest[0]) if rest else ("=", first)
    compare = _COMPARISONS.get(operator)
    parts = version.split(".")
    if compare is None or not all(part.isascii() and part.isdigit() for part in parts):
        return True  # a regular expression, or a mistake: Apache itself will say
    return compare(ours, tuple(int(part[:9]) for part in parts))
