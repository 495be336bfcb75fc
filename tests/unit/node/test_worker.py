"""The worker ends, whoever is left to see to it."""

import subprocess
import sys

PROGRAM = """
import asyncio, signal
from certwright.node.worker import begin_to_end
stop = asyncio.Event()
begin_to_end(stop)
assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL  # which ends the process
print(stop.is_set(), signal.alarm(0))
"""


def test_a_worker_that_is_to_end_is_ended_by_the_system_should_nobody_else_do_it() -> None:
    # In a process of its own: the alarm here is what ends a test that hangs.
    command = [sys.executable, "-c", PROGRAM]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["True", "10"]
