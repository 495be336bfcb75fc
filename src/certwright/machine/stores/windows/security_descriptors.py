"""Who may read a private key: its security descriptor, read and changed as bytes. Pure.

[MS-DTYP] 2.4.2 (SID), 2.4.4 (ACE), 2.4.5 (ACL) and 2.4.6 (SECURITY_DESCRIPTOR, self-relative).
As bytes and not as text: what is not understood here stays as it was, and no name is localised.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

ALLOWED = 0
DENIED = 1
INHERIT_ONLY = 0x08
INHERITED = 0x10

GENERIC_READ = 0x80000000
GENERIC_ALL = 0x10000000
_READS = GENERIC_READ | GENERIC_ALL | 0x00000001
"""GENERIC_READ, GENERIC_ALL, or reading the data of what holds the key (FILE_READ_DATA)."""

_HEADER = struct.Struct("<BBHIIII")
_LIST_HEADER = struct.Struct("<BBHHH")
_ENTRY_HEADER = struct.Struct("<BBHI")
_REVISION = 1
_LIST_REVISION = 2
_LIST_REVISION_OBJECTS = 4
_OBJECT_KINDS = frozenset({0x05, 0x06, 0x07, 0x08, 0x0B, 0x0C, 0x0F, 0x10})
"""Entries of directory objects: only a list of that revision may hold them ([MS-DTYP] 2.4.5)."""
_LIST_PRESENT = 0x0004
_SELF_RELATIVE = 0x8000
_MOST_PARTS = 15
_LONGEST_LIST = 0xFFFF


class MalformedDescriptorError(Exception):
    """Bytes that are no self-relative security descriptor, or text that is no SID."""


@dataclass(frozen=True)
class AccessEntry:
    """One entry of an access list, whole; `sid` is "" where its kind is not understood."""

    kind: int
    flags: int
    mask: int
    sid: str
    raw: bytes

    @property
    def applies(self) -> bool:
        """Whether it speaks of this object, and in a way understood here."""
        return bool(self.sid) and not self.flags & INHERIT_ONLY

    @property
    def reads(self) -> bool:
        """Whether it covers reading."""
        return bool(self.mask & _READS)


def read_access_list(descriptor: bytes) -> tuple[AccessEntry, ...] | None:
    """The entries of the discretionary list; None without one, which lets everybody do all.

    Raises MalformedDescriptorError.
    """
    if len(descriptor) < _HEADER.size:
        raise MalformedDescriptorError
    revision, _, control, _, _, _, start = _HEADER.unpack_from(descriptor)
    if revision != _REVISION or not control & _SELF_RELATIVE:
        raise MalformedDescriptorError
    if not control & _LIST_PRESENT or start == 0:
        return None
    if start + _LIST_HEADER.size > len(descriptor):
        raise MalformedDescriptorError
    _, _, size, count, _ = _LIST_HEADER.unpack_from(descriptor, start)
    if start + size > len(descriptor):
        raise MalformedDescriptorError
    return tuple(_entries(descriptor[start + _LIST_HEADER.size : start + size], count))


def _entries(data: bytes, count: int) -> Sequence[AccessEntry]:
    entries = []
    for _ in range(count):
        if len(data) < _ENTRY_HEADER.size:
            raise MalformedDescriptorError
        kind, flags, size, mask = _ENTRY_HEADER.unpack_from(data)
        if not _ENTRY_HEADER.size <= size <= len(data):
            raise MalformedDescriptorError
        sid = sid_to_text(data[_ENTRY_HEADER.size : size]) if kind in (ALLOWED, DENIED) else ""
        entries.append(AccessEntry(kind, flags, mask, sid, data[:size]))
        data = data[size:]
    return entries


def write_access_list(entries: Sequence[AccessEntry]) -> bytes:
    """A self-relative security descriptor that holds this discretionary list and no more.

    Raises MalformedDescriptorError for more than fits.
    """
    body = b"".join(entry.raw for entry in entries)
    size = _LIST_HEADER.size + len(body)
    if size > _LONGEST_LIST:
        raise MalformedDescriptorError
    holds_objects = any(entry.kind in _OBJECT_KINDS for entry in entries)
    revision = _LIST_REVISION_OBJECTS if holds_objects else _LIST_REVISION
    control = _SELF_RELATIVE | _LIST_PRESENT
    return (
        _HEADER.pack(_REVISION, 0, control, 0, 0, 0, _HEADER.size)
        + _LIST_HEADER.pack(revision, 0, size, len(entries), 0)
        + body
    )


def allowed(sid: str, mask: int) -> AccessEntry:
    """An entry that lets `sid` do what `mask` says; raises MalformedDescriptorError."""
    body = sid_to_bytes(sid)
    raw = _ENTRY_HEADER.pack(ALLOWED, 0, _ENTRY_HEADER.size + len(body), mask) + body
    return AccessEntry(ALLOWED, 0, mask, sid, raw)


def allow_reading(entries: Sequence[AccessEntry], sid: str) -> tuple[AccessEntry, ...]:
    """The list with an entry that lets `sid` read, where none does yet.

    The new one stands behind all denials and before what is inherited: the order in which Windows
    wants them ([MS-DTYP] 2.4.5).
    """
    if any(e.applies and e.kind == ALLOWED and e.sid == sid and e.reads for e in entries):
        return tuple(entries)
    added = allowed(sid, GENERIC_READ)
    own = [entry for entry in entries if not entry.flags & INHERITED]
    inherited = [entry for entry in entries if entry.flags & INHERITED]
    return (*own, added, *inherited)


def forbid_reading(entries: Sequence[AccessEntry], sid: str) -> tuple[AccessEntry, ...]:
    """The list without the entries that let `sid` read, but for inherited ones."""
    return tuple(
        entry
        for entry in entries
        if not (
            entry.kind == ALLOWED
            and entry.sid == sid
            and entry.reads
            and not entry.flags & INHERITED
        )
    )


def sid_to_text(data: bytes) -> str:
    """ "S-1-5-20". Raises MalformedDescriptorError; bytes behind the SID do not count."""
    if len(data) < 8 or data[0] != _REVISION or data[1] > _MOST_PARTS:
        raise MalformedDescriptorError
    count = data[1]
    if len(data) < 8 + 4 * count:
        raise MalformedDescriptorError
    parts = struct.unpack_from(f"<{count}I", data, 8)
    return "-".join(("S-1", str(int.from_bytes(data[2:8], "big")), *map(str, parts)))


def sid_to_bytes(text: str) -> bytes:
    """The SID that `text` says. Raises MalformedDescriptorError."""
    pieces = text.split("-")
    if pieces[:2] != ["S", "1"] or not 3 <= len(pieces) <= 3 + _MOST_PARTS:
        raise MalformedDescriptorError
    if not all(piece.isascii() and piece.isdigit() and len(piece) <= 15 for piece in pieces[2:]):
        raise MalformedDescriptorError
    authority, *parts = map(int, pieces[2:])
    if authority >= 2**48 or any(part >= 2**32 for part in parts):
        raise MalformedDescriptorError
    return (
        bytes((_REVISION, len(parts)))
        + authority.to_bytes(6, "big")
        + struct.pack(f"<{len(parts)}I", *parts)
    )
