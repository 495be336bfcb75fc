"""What becomes of files: bits flip, ends are lost, pieces of two are joined, lengths lie."""

from hypothesis import strategies as st

_DEEPEST = 200


@st.composite
def mutated(draw: st.DrawFn, data: bytes, other: bytes) -> bytes:
    """`data` with one to four mishaps; `other` is what pieces of are put into it."""
    for _ in range(draw(st.integers(1, 4))):
        mishap = draw(st.sampled_from((_flip, _cut, _splice, _lie, _nest, _repeat)))
        data = mishap(draw, data or other, other)
    return data


def _flip(draw: st.DrawFn, data: bytes, _other: bytes) -> bytes:
    position = draw(st.integers(0, len(data) - 1))
    return data[:position] + bytes([draw(st.integers(0, 255))]) + data[position + 1 :]


def _cut(draw: st.DrawFn, data: bytes, _other: bytes) -> bytes:
    start, end = sorted(draw(st.integers(0, len(data))) for _ in range(2))
    return data[:start] if draw(st.booleans()) else data[:start] + data[end:]


def _splice(draw: st.DrawFn, data: bytes, other: bytes) -> bytes:
    position, from_other = (draw(st.integers(0, len(one))) for one in (data, other))
    return data[:position] + other[from_other:]


def _lie(draw: st.DrawFn, data: bytes, _other: bytes) -> bytes:
    """Lengths, counts and numbers that are absurd."""
    position = draw(st.integers(0, len(data)))
    size = draw(st.integers(1, 8))
    absurd = draw(st.sampled_from((b"\xff", b"\x7f", b"\x80", b"\x00", b"\x84")))
    return data[:position] + absurd * size + data[position + size :]


def _nest(draw: st.DrawFn, data: bytes, _other: bytes) -> bytes:
    tag = draw(st.sampled_from((b"\x30", b"\xa0", b"\x24", b"\x31")))
    for _ in range(draw(st.integers(1, _DEEPEST))):
        data = tag + b"\x84" + len(data).to_bytes(4, "big") + data
    return data


def _repeat(draw: st.DrawFn, data: bytes, _other: bytes) -> bytes:
    start, end = sorted(draw(st.integers(0, len(data))) for _ in range(2))
    return data[:end] + data[start:end] * draw(st.integers(1, 5)) + data[end:]
