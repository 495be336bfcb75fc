"""Tasks and results as one line of JSON, and back: whoever wrote the line may mean harm."""

import base64
import binascii
import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from .failures import FailureCode, MachineError
from .tasks import Result, Task

LONGEST_MESSAGE = 32 * 1024 * 1024
"""Bytes of one line: some ten thousand certificates."""
_LONGEST_TEXT = 64 * 1024
_LARGEST_NUMBER = 2**53
_MOST_ITEMS = 100_000
_MOST_VALUES = 1_000_000
"""In one line, with room to spare: each empty list is three bytes there and sixty in memory."""


class _MalformedError(Exception):
    """Where the message is wrong, in words."""


def write_task(task: Task) -> bytes:
    """One line, with its end."""
    return _line({"task": _kind(type(task)), **_fields(task)})


def read_task(line: bytes) -> Task:
    """Raises MachineError INVALID_INPUT for anything but a whole and exact task."""
    document = _document(line)
    try:
        return typing.cast("Task", _object(document, "task", _kinds(Task)))
    except _MalformedError as error:
        raise _refused(f"The task is malformed: {error}.") from None


def write_answer(answer: Result | MachineError) -> bytes:
    """One line, with its end."""
    if isinstance(answer, MachineError):
        return _line(
            {
                "failure": answer.code.value,
                "message": answer.message[:_LONGEST_TEXT],
                "remedy": answer.remedy[:_LONGEST_TEXT],
            }
        )
    return _line({"result": _kind(type(answer)), **_fields(answer)})


def read_answer(line: bytes) -> Result | MachineError:
    """What the other side answered: the result, or why there is none.

    Raises MachineError INVALID_INPUT for anything but a whole and exact answer.
    """
    document = _document(line)
    try:
        if "failure" in document:
            failure = _object({"kind": "failure", **document}, "kind", {"failure": _Failure})
            assert isinstance(failure, _Failure)  # noqa: S101 - the only kind there is
            return MachineError(failure.failure, failure.message, failure.remedy)
        return typing.cast("Result", _object(document, "result", _kinds(Result)))
    except _MalformedError as error:
        raise _refused(f"The machine's answer is malformed: {error}.") from None


@dataclasses.dataclass(frozen=True)
class _Failure:
    failure: FailureCode
    message: str
    remedy: str


def _kind(kind: type) -> str:
    """ "find-certificates" for FindCertificates."""
    name = kind.__name__
    return "".join(
        f"-{letter.lower()}" if letter.isupper() and place else letter.lower()
        for place, letter in enumerate(name)
    )


@cache
def _kinds(union: Any) -> Mapping[str, type]:
    return {_kind(kind): kind for kind in get_args(union)}


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _line(document: Mapping[str, Any]) -> bytes:
    line = json.dumps(document, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"
    if len(line) > LONGEST_MESSAGE:
        raise MachineError(
            FailureCode.TOO_LARGE,
            f"The message is longer than {LONGEST_MESSAGE // 1024 // 1024} MiB.",
            "Ask for less at once, such as the certificates that expire before a date.",
        )
    return line


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return _fields(value) if dataclasses.is_dataclass(value) else value


def _document(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_MESSAGE:
        raise _refused("The message is longer than any is.")
    if sum(map(line.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise _refused("The message has more in it than any has.")
    try:
        document = json.loads(
            line.decode("utf-8"), object_pairs_hook=_members, parse_constant=_no_number
        )
    except (ValueError, RecursionError, _MalformedError):
        # A parser's own words would quote the line, which may hold a secret.
        raise _refused("The message is no JSON.") from None
    if not isinstance(document, dict):
        raise _refused("The message is no JSON object.")
    return document


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _MalformedError("a name stands there twice")
    return members


def _no_number(text: str) -> Any:
    raise _MalformedError(f"{text} is no number")


def _object(document: Mapping[str, Any], tag: str, kinds: Mapping[str, type]) -> object:
    name = document.get(tag)
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise _MalformedError(f"it names no {tag} that is known here")
    return _instance({key: value for key, value in document.items() if key != tag}, kind)


def _instance(document: Mapping[str, Any], kind: type) -> object:
    names = {field.name for field in dataclasses.fields(kind)}
    if document.keys() - names:
        raise _MalformedError(f"{_kind(kind)} has a field that is not known here")
    if missing := names - document.keys():
        raise _MalformedError(f"{_kind(kind)} lacks {min(missing)}")
    hints = _hints(kind)
    return kind(**{name: _value(document[name], hints[name], name) for name in names})


def _value(value: Any, kind: Any, name: str) -> Any:
    if isinstance(kind, types.UnionType):
        inner, _ = get_args(kind)
        return None if value is None else _value(value, inner, name)
    if get_origin(kind) is tuple:
        if not isinstance(value, list) or len(value) > _MOST_ITEMS:
            raise _MalformedError(f"{name} is no list, or too long")
        return tuple(_value(item, get_args(kind)[0], name) for item in value)
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            raise _MalformedError(f"{name} is no object")
        return _instance(value, typing.cast("type", kind))
    return _scalar(value, kind, name)


def _scalar(value: Any, kind: type, name: str) -> Any:
    if kind is bytes and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except (ValueError, binascii.Error):
            raise _MalformedError(f"{name} is no base64") from None
    if issubclass(kind, StrEnum):
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        raise _MalformedError(f"{name} has a value that is not known here")
    # type() and not isinstance: True is an int to Python, and not to us.
    if type(value) is not kind:
        raise _MalformedError(f"{name} is no {kind.__name__}")
    if isinstance(value, str) and (len(value) > _LONGEST_TEXT or "\0" in value):
        raise _MalformedError(f"{name} is too long, or has a NUL in it")
    if isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
        raise _MalformedError(f"{name} is too large")
    return value


def _refused(message: str) -> MachineError:
    return MachineError(
        FailureCode.INVALID_INPUT, message, "Use the same release of Certwright on both sides."
    )
