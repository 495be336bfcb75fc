"""Thumbprints and fingerprints for the eye."""

_GROUP = 4


def grouped(hexadecimal: str) -> str:
    """Lower-case digits in groups of four: `720e 95b9 ...`."""
    digits = hexadecimal.lower()
    return " ".join(digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))


def shortened(hexadecimal: str) -> str:
    """The first two groups, enough to tell certificates apart at a glance."""
    return f"{grouped(hexadecimal[: 2 * _GROUP])} …"
