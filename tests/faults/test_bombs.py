"""No file, whatever it asks for, takes the reader 2 s or 200 MB."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.processor import is_within

from .bombs import BOMBS, PASSWORD

_SECONDS, _MEGABYTES = 2, 200
_READER = r"""
import json, re, sys, time
from certwright.errors import CertwrightError
from certwright.x509.reading import read_bundle

def peak():
    # Not ru_maxrss: Linux counts the process that started this one into it.
    return int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024

data = open(sys.argv[1], "rb").read()
before = peak()
for password in (sys.argv[2], None):
    started = time.process_time()
    try:
        read_bundle(data, password)
        told = ""
    except CertwrightError as error:
        told = error.message
    seconds = time.process_time() - started
    print(json.dumps({"seconds": seconds, "megabytes": peak() - before, "told": told}))
"""


@pytest.mark.alone
@pytest.mark.parametrize("name", BOMBS)
def test_bomb_is_read_or_refused_cheaply(name: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(BOMBS[name]())
    done = subprocess.run(
        [sys.executable, "-c", _READER, str(file), PASSWORD],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with_password, without = map(json.loads, done.stdout.splitlines())
    for measured in (with_password, without):
        assert is_within(measured["seconds"], _SECONDS), measured
        assert measured["megabytes"] < _MEGABYTES, measured
        assert len(measured["told"]) < 500
