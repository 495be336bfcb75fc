"""Running a target under atheris (libFuzzer), within bounds."""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .targets import TARGETS

FINDS = Path(__file__).parents[1] / "vectors" / "finds"
_MOST_MEGABYTES = 400
"""The interpreter, the instrumented program and the seeds take about 200 of it."""
_BENEATH_A_SHELL = ("sh", "-c", '"$@"; exit $?', "sh")
"""Linux counts what started a process into its peak of memory, which libFuzzer bounds; a shell is
smaller than the program of the tests."""
_HANG_SECONDS = 30
"""Of the clock, on a machine that may be busy; the targets themselves watch processor time."""
_DONE = re.compile(r"Done (\d+) runs")


@dataclass(frozen=True)
class Outcome:
    """How many inputs were tried, what libFuzzer reported of a failure, and where it lies."""

    runs: int
    is_clean: bool
    report: str


def fuzz(name: str, seconds: int, finds: Path, *, seed: int = 0) -> Outcome:
    """Fuzz the target `name`; an input that fails it is put into `finds`.

    The same `seed` tries the same inputs in the same order; 0 is another one each time.
    """
    with tempfile.TemporaryDirectory(prefix="certwright-fuzz-") as folder:
        corpus, artifacts = Path(folder, "corpus"), Path(folder, "artifacts")
        artifacts.mkdir()
        _write_seeds(name, corpus)
        done = subprocess.run(
            [
                *_BENEATH_A_SHELL,
                *(sys.executable, "-m", "tests.fuzz.one_target", name, str(corpus)),
                *(f"-max_total_time={seconds}", f"-rss_limit_mb={_MOST_MEGABYTES}"),
                *(f"-timeout={_HANG_SECONDS}", f"-artifact_prefix={artifacts}/"),
                *("-max_len=65536", "-print_final_stats=0", f"-seed={seed}"),
            ],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds + 120,
            check=False,
        )
        kept = [_keep(name, artifact, finds) for artifact in artifacts.iterdir()]
    runs = _DONE.search(done.stderr)
    if done.returncode == 0 and runs is not None:
        return Outcome(int(runs[1]), True, f"{int(runs[1]):,} inputs, nothing found")
    return Outcome(0, False, "\n".join([done.stdout, done.stderr[-4000:], *map(str, kept)]))


def _write_seeds(name: str, corpus: Path) -> None:
    corpus.mkdir()
    for seed in TARGETS[name].seeds():
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


def _keep(name: str, artifact: Path, finds: Path) -> Path:
    content = artifact.read_bytes()
    kept = finds / f"{name}.{hashlib.sha256(content).hexdigest()[:12]}"
    kept.write_bytes(content)
    return kept
