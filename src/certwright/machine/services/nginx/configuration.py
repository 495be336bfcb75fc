"""nginx's configuration as a tree of directives.

Read here and not by `nginx -T`: that opens logs and makes folders, and it prints nothing where a
certificate is missing or does not fit its key, which is when an administrator needs this most.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..configuration.directives import Directive
from ..configuration.files import ConfigurationFiles, is_pattern, malformed, matching

_TOKEN = re.compile(
    r"""\s+ | \#[^\n]*
    | (?P<mark>[;{}])
    | "(?P<double>(?:[^"\\]|\\.)*)"(?=[\s;{)]|\Z)
    | '(?P<single>(?:[^'\\]|\\.)*)'(?=[\s;{)]|\Z)
    | (?P<word>(?!["'])(?:\\.|\$\{|[^\s;{\\])+)""",
    re.VERBOSE | re.DOTALL,
)
"""Quotes and # mean something at the beginning of a word only, { also not after a $."""
_ESCAPE = re.compile(r"\\([\"'\\trn])")
_ESCAPED = {"t": "\t", "r": "\r", "n": "\n"}
_LUA = re.compile(r"--[^\n]*|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[{}]", re.DOTALL)
_DEEPEST = 50
_PROGRAM = "nginx -t"


Include = Callable[[str], Iterable[Directive]]


def read_configuration(
    path: Path, files: ConfigurationFiles | None = None
) -> tuple[Directive, ...]:
    """The configuration that begins in `path`, with all it includes, read by `files`.

    nginx's relative paths begin at the main file's folder. Raises INVALID_INPUT for what nginx
    would not take either, TOO_LARGE, NOT_FOUND, NOT_PERMITTED.
    """
    reader = files or ConfigurationFiles()

    def read(file: Path, depth: int) -> tuple[Directive, ...]:
        def include(pattern: str) -> Iterable[Directive]:
            wanted = str(path.parent / pattern)
            for found in matching(wanted) if is_pattern(wanted) else [Path(wanted)]:
                yield from read(found, depth + 1)

        return parse(reader.read(file, depth), file, include)

    return read(path, 0)


@dataclass
class _Open:
    """A block that is being read."""

    words: list[str]
    directives: list[Directive] = field(default_factory=list)


def parse(text: str, path: Path, include: Include) -> tuple[Directive, ...]:
    """One file's directives, those it includes in their places; raises INVALID_INPUT."""
    blocks, words, position = [_Open([])], list[str](), 0

    def fault(what: str) -> Exception:
        return malformed(path, text.count("\n", 0, position) + 1, what, _PROGRAM)

    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise fault("a quote or an escape that does not end")
        match token["mark"]:
            case None:
                words += _word(token)
            case ";":
                if not words:
                    raise fault("a semicolon without a directive")
                blocks[-1].directives += _finished(words, include)
                words = []
            case "{":
                if not words or len(blocks) > _DEEPEST:
                    raise fault("a block without a name, or too deep in others")
                if words[0].endswith("_by_lua_block"):
                    position, words = _after_lua(text, token.end()), []
                    continue
                blocks.append(_Open(words))
                words = []
            case _:
                if words or len(blocks) == 1:
                    raise fault("a closing brace too many, or a semicolon missing before it")
                closed = blocks.pop()
                name, *arguments = closed.words
                block = tuple(closed.directives)
                blocks[-1].directives.append(Directive(name, tuple(arguments), block))
        position = token.end()
    if words or len(blocks) > 1:
        raise fault("the file ends within a directive or a block")
    return tuple(blocks[0].directives)


def _finished(words: list[str], include: Include) -> Iterable[Directive]:
    name, *arguments = words
    if name == "include" and len(arguments) == 1:
        return include(arguments[0])
    return [Directive(name, tuple(arguments))]


def _word(token: "re.Match[str]") -> list[str]:
    for kind in ("word", "double", "single"):
        if token[kind] is not None:
            return [_ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), token[kind])]
    return []


def _after_lua(text: str, position: int) -> int:
    """Lua has other quotes and comments than nginx; only its braces matter here."""
    depth = 1
    for found in _LUA.finditer(text, position):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return len(text)
