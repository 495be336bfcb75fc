"""Run the named benchmarks, or all; each leaves a JSON file, all together the table in docs/."""

import argparse
from collections.abc import Callable

from benchmarks import manager, rules, start, swap, throughput, vectors
from benchmarks.environment import environment
from benchmarks.report import RESULTS, write_report, write_result

_BENCHMARKS: dict[str, Callable[[], dict[str, object]]] = {
    "start": start.measure,
    "swap": swap.measure,
    "throughput": throughput.measure,
    "rules": rules.measure,
    "vectors": vectors.measure,
    "manager": manager.measure,
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"any of {', '.join(_BENCHMARKS)}; default: all")
    names: list[str] = parser.parse_args().name or list(_BENCHMARKS)
    for name in names:
        if name not in _BENCHMARKS:
            parser.error(f"there is no benchmark {name!r}, but {', '.join(_BENCHMARKS)}")
    for name in names:
        print(f"{name} ...", flush=True)
        measured_on = environment()
        write_result(name, measured_on, _BENCHMARKS[name]())
    print(f"Written: {write_report()}, from {RESULTS}")


if __name__ == "__main__":
    main()
