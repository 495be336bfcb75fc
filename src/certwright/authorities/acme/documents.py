"""Reading JSON that a stranger wrote: each member of its kind and size, or not at all."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

from certwright.x509.text import printable

_LONGEST_URL = 2000
_LONGEST_TEXT = 500


class NotUnderstood(Exception):  # noqa: N818 - an outcome, named as people say it
    """A document is not what the protocol says it is; `what` is the member that is wrong."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def check_members(kind: type, document: Mapping[str, Any]) -> None:
    """Raise TypeError if a text or a number of the dataclass `kind` is something else in JSON."""
    for member in fields(kind):
        if member.type in (str, int) and member.name in document:
            value = document[member.name]
            if type(value) is not member.type:
                raise TypeError(member.name)


def an_object(value: object, what: str) -> Mapping[str, Any]:
    """`value` as a JSON object; raises `NotUnderstood`."""
    if not isinstance(value, Mapping):
        raise NotUnderstood(what)
    return value


def a_list(document: Mapping[str, Any], member: str, most: int) -> list[Any]:
    """A list of at most `most`, empty where there is none; raises `NotUnderstood`."""
    value = document.get(member, [])
    if not isinstance(value, list) or len(value) > most:
        raise NotUnderstood(member)
    return value


def a_text(document: Mapping[str, Any], member: str) -> str:
    """A short text, safe to show; "" where there is none, or something else."""
    value = document.get(member)
    return printable(value, _LONGEST_TEXT) if isinstance(value, str) else ""


def a_flag(document: Mapping[str, Any], member: str) -> bool:
    """Whether it is there and true."""
    return document.get(member) is True


def a_url(document: Mapping[str, Any], member: str) -> str:
    """An https URL; raises `NotUnderstood`."""
    return as_url(document.get(member), member)


def as_url(value: object, what: str) -> str:
    """`value` as an https URL; raises `NotUnderstood`.

    RFC 8555 6.1: "Use of HTTPS is REQUIRED."
    """
    if not isinstance(value, str) or not is_url(value):
        raise NotUnderstood(what)
    return value


def is_url(value: object) -> bool:
    """Whether `value` is an https URL."""
    if not isinstance(value, str) or len(value) > _LONGEST_URL or not value.isascii():
        return False
    try:
        parts = urlsplit(value)
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_address and parts.scheme == "https" and value.isprintable() and " " not in value
