"""Fuzz the importers for a while; what is found lies in tests/vectors/finds afterwards.

`make fuzz` runs it. What lies there is tried again by every test run.
"""

import argparse
import sys

from tests.fuzz.fuzzing import FINDS, fuzz
from tests.fuzz.targets import TARGETS


def main() -> int:
    """The command line; exit code 1 if something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="*", help=f"any of {', '.join(TARGETS)}; default: all")
    parser.add_argument("--seconds", type=int, default=60, help="for each target; default: 60")
    options = parser.parse_args()
    found = False
    for name in options.target or TARGETS:
        if name not in TARGETS:
            parser.error(f"there is no target {name!r}, but {', '.join(TARGETS)}")
        print(f"{name} ...", flush=True)  # noqa: T201
        outcome = fuzz(name, options.seconds, FINDS)
        print(outcome.report)  # noqa: T201
        found = found or not outcome.is_clean
    return int(found)


if __name__ == "__main__":
    sys.exit(main())
