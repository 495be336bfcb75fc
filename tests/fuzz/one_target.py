"""Fuzz one target, guided by coverage: `python -m tests.fuzz.one_target NAME [libFuzzer option]`.

libFuzzer ends the process itself, so each target needs one of its own.
"""

import sys

import atheris

with atheris.instrument_imports(include=["certwright.x509", "certwright.rules"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """The command line."""
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name].try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
