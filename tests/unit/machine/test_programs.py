"""Programs that end, that say much, that hang, and that are not there."""

import sys
import time

import pytest

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.programs import run


def test_both_outputs_and_the_code_are_there() -> None:
    finished = run([sys.executable, "-c", "import sys; print('out'); sys.exit('err')"])
    assert finished.code == 1
    assert set(finished.output.split()) == {"out", "err"}


def test_what_is_given_stands_on_its_input() -> None:
    finished = run([sys.executable, "-c", "print(input()[::-1])"], given=b"abc\n")
    assert finished.words == "cba"


def test_its_words_are_one_printable_bounded_line() -> None:
    finished = run([sys.executable, "-c", r"print('\x1b[31m' + 'a\n' * 500 + 'the reason')"])
    assert finished.words.endswith("a the reason")
    assert finished.words.isprintable()
    assert len(finished.words) < 410


def test_one_that_hangs_is_ended_with_its_children() -> None:
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'], stdin=0)"
    started = time.monotonic()
    with pytest.raises(MachineError, match=r"did not end within 0\.5 seconds") as refused:
        run([sys.executable, "-c", f"import time; {script}; time.sleep(60)"], seconds=0.5)
    assert refused.value.code is FailureCode.BUSY
    assert time.monotonic() - started < 20


def test_one_that_is_not_there_is_told_of() -> None:
    with pytest.raises(MachineError) as refused:
        run(["/nowhere/program"])
    assert refused.value.code is FailureCode.NOT_FOUND


def test_one_that_may_not_be_run_is_told_of() -> None:
    with pytest.raises(MachineError) as refused:
        run(["/"])
    assert refused.value.code is FailureCode.NOT_PERMITTED


def test_a_child_that_stays_does_not_keep_one_waiting_whose_output_is_discarded() -> None:
    script = (
        "import subprocess, sys;"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(5)'])"
    )
    started = time.monotonic()
    run([sys.executable, "-c", script], discards=True, seconds=4)
    assert time.monotonic() - started < 4
