"""Security descriptors as bytes: what is not understood stays, and nothing crafted breaks in."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.machine.stores.windows.security_descriptors import (
    ALLOWED,
    DENIED,
    GENERIC_ALL,
    GENERIC_READ,
    INHERIT_ONLY,
    INHERITED,
    AccessEntry,
    MalformedDescriptorError,
    allow_reading,
    allowed,
    forbid_reading,
    read_access_list,
    sid_to_bytes,
    sid_to_text,
    write_access_list,
)

SYSTEM, NETWORK_SERVICE, TODD = (
    "S-1-5-18",
    "S-1-5-20",
    "S-1-5-21-1004336348-1177238915-682003330-512",
)
# "O:SYG:SYD:PAI(A;;GA;;;SY)(A;;GA;;;BA)(A;;GR;;;NS)" as ConvertStringSecurityDescriptorTo-
# SecurityDescriptor writes it, put together by hand after [MS-DTYP] 2.4.6.
DESCRIPTOR = bytes.fromhex(
    "01000494" "14000000" "20000000" "00000000" "2c000000"
    "010100000000000512000000"
    "010100000000000512000000"
    "02004800" "03000000"
    "0000140000000010" "010100000000000512000000"
    "0000180000000010" "01020000000000052000000020020000"
    "0000140000000080" "010100000000000514000000"
)  # fmt: skip
SIDS = st.builds(
    lambda authority, parts: "-".join(("S-1", str(authority), *map(str, parts))),
    st.integers(0, 2**48 - 1),
    st.lists(st.integers(0, 2**32 - 1), max_size=15),
)


def entry(kind: int, sid: str, mask: int = GENERIC_READ, flags: int = 0) -> AccessEntry:
    body = sid_to_bytes(sid)
    raw = struct.pack("<BBHI", kind, flags, 8 + len(body), mask) + body
    return AccessEntry(kind, flags, mask, sid, raw)


ENTRIES = st.lists(
    st.builds(
        entry,
        st.sampled_from([ALLOWED, DENIED]),
        st.sampled_from([SYSTEM, NETWORK_SERVICE, TODD]),
        st.sampled_from([GENERIC_READ, GENERIC_ALL, 0x120089, 0x10000]),
        st.sampled_from([0, INHERITED, INHERIT_ONLY]),
    ),
    max_size=6,
)


def test_descriptor_of_windows_is_read() -> None:
    entries = read_access_list(DESCRIPTOR)
    assert entries is not None
    assert [(one.kind, one.sid, one.mask, one.reads, one.applies) for one in entries] == [
        (ALLOWED, SYSTEM, GENERIC_ALL, True, True),
        (ALLOWED, "S-1-5-32-544", GENERIC_ALL, True, True),
        (ALLOWED, NETWORK_SERVICE, GENERIC_READ, True, True),
    ]


def test_no_list_is_none_and_an_empty_list_is_empty() -> None:
    """Without a list everybody may do all; with an empty one nobody anything."""
    no_list = struct.pack("<BBHIIII", 1, 0, 0x8000, 0, 0, 0, 0)
    null_list = struct.pack("<BBHIIII", 1, 0, 0x8004, 0, 0, 0, 0)
    assert read_access_list(no_list) is None
    assert read_access_list(null_list) is None
    assert read_access_list(write_access_list(())) == ()


@given(entries=ENTRIES)
def test_list_comes_back_as_it_went(entries: list[AccessEntry]) -> None:
    assert read_access_list(write_access_list(entries)) == tuple(entries)


def test_kinds_that_are_not_understood_stay_as_they_are() -> None:
    # A conditional entry (XA), and one of a directory object, which needs a list of revision 4.
    for kind, revision in ((0x09, 2), (0x05, 4)):
        raw = struct.pack("<BBHI", kind, 0, 16, GENERIC_READ) + b"artx\0\0\0\0"
        strange = AccessEntry(kind, 0, GENERIC_READ, "", raw)
        assert not strange.applies
        written = write_access_list(allow_reading([strange], TODD))
        assert written[20] == revision
        first, second = read_access_list(written) or ()
        assert (first, second.sid) == (strange, TODD)


@given(entries=ENTRIES, sid=st.sampled_from([NETWORK_SERVICE, TODD]))
def test_granting_adds_one_entry_at_most_and_takes_none(
    entries: list[AccessEntry], sid: str
) -> None:
    after = allow_reading(entries, sid)
    assert any(e.applies and e.reads and e.kind == ALLOWED and e.sid == sid for e in after)
    assert allow_reading(after, sid) == after
    assert len(after) - len(entries) in (0, 1)
    remaining = list(after)
    for one in entries:
        remaining.remove(one)


@given(entries=ENTRIES, sid=st.sampled_from([NETWORK_SERVICE, TODD]))
def test_revoking_takes_what_was_granted_and_nothing_else(
    entries: list[AccessEntry], sid: str
) -> None:
    after = forbid_reading(entries, sid)
    assert not any(
        e.reads and e.kind == ALLOWED and e.sid == sid and not e.flags & INHERITED for e in after
    )
    gone = [one for one in entries if one not in after]
    assert all(one.sid == sid and one.kind == ALLOWED for one in gone)
    assert [one for one in entries if one in after] == list(after)


def test_new_entry_stands_behind_denials_and_before_what_is_inherited() -> None:
    entries = [
        entry(DENIED, TODD),
        entry(ALLOWED, SYSTEM),
        entry(ALLOWED, SYSTEM, flags=INHERITED),
    ]
    after = allow_reading(entries, NETWORK_SERVICE)
    assert [(one.kind, one.sid) for one in after] == [
        (DENIED, TODD),
        (ALLOWED, SYSTEM),
        (ALLOWED, NETWORK_SERVICE),
        (ALLOWED, SYSTEM),
    ]


def test_more_than_fits_is_refused() -> None:
    with pytest.raises(MalformedDescriptorError):
        write_access_list([allowed(TODD, GENERIC_READ)] * 2000)


@given(data=st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for descriptor in (data, DESCRIPTOR[:20] + data, DESCRIPTOR[:52] + data):
        read_or_refused(descriptor)


@given(data=st.data())
def test_crafted_descriptors_are_read_or_refused(data: st.DataObject) -> None:
    descriptor = bytearray(DESCRIPTOR)
    for _ in range(data.draw(st.integers(1, 4))):
        descriptor[data.draw(st.integers(0, len(descriptor) - 1))] = data.draw(st.integers(0, 255))
    read_or_refused(bytes(descriptor[: data.draw(st.integers(0, len(descriptor)))]))


def read_or_refused(descriptor: bytes) -> None:
    try:
        entries = read_access_list(descriptor)
    except MalformedDescriptorError:
        return
    for one in entries or ():
        assert one.raw in descriptor
        assert len(one.raw) >= 8


@given(sid=SIDS)
def test_sid_comes_back_as_it_went(sid: str) -> None:
    assert sid_to_text(sid_to_bytes(sid)) == sid
    assert sid_to_text(sid_to_bytes(sid) + b"more") == sid


def test_sids_of_windows() -> None:
    assert sid_to_bytes("S-1-5-20") == bytes.fromhex("010100000000000514000000")
    assert sid_to_text(bytes.fromhex("01020000000000052000000020020000")) == "S-1-5-32-544"


@pytest.mark.parametrize(
    "text",
    [
        *("", "S", "S-1", "S-2-5-20", "s-1-5-20", "S-1-", "S-1-5-", "S-1-5--20", "S-1-5-x"),
        *("S-1-5-4294967296", "S-1-281474976710656-1", "S-1-5-²", "S-1-5-+2", "S-1-5- 2"),
        "S-1-5" + "-1" * 16,
        "S-1-5-" + "9" * 5000,
    ],
)
def test_what_is_no_sid_is_refused(text: str) -> None:
    with pytest.raises(MalformedDescriptorError):
        sid_to_bytes(text)


@given(data=st.binary(max_size=80))
def test_any_bytes_are_a_sid_or_refused(data: bytes) -> None:
    try:
        text = sid_to_text(data)
    except MalformedDescriptorError:
        return
    assert data.startswith(sid_to_bytes(text))
