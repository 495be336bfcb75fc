"""Programs that end, that say much, that hang, and that are not there."""

import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.programs import LONGEST_OUTPUT, run


@contextmanager
def tracing() -> Iterator[Callable[[], int]]:
    """Counts what this process allocates meanwhile; call it for the most bytes at any moment."""
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_both_outputs_and_the_code_are_there() -> None:
    finished = run([sys.executable, "-c", "import sys; print('out'); sys.exit('err')"])
    assert finished.code == 1
    assert set(finished.output.split()) == {"out", "err"}


def test_what_certwright_was_told_by_its_environment_reaches_no_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CERTWRIGHT_DATABASE", "postgresql://certwright:secret@localhost/certwright")
    monkeypatch.setenv("OTHER_VARIABLE", "there")
    found = run(["printenv"]).output.splitlines()
    assert "OTHER_VARIABLE=there" in found
    assert not [line for line in found if line.startswith("CERTWRIGHT_")]


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
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(25)'])"
    )
    started = time.monotonic()
    run([sys.executable, "-c", script], discards=True, seconds=20)
    assert time.monotonic() - started < 20


def test_outputs_are_kept_apart_where_that_is_wanted() -> None:
    script = "import sys; print('a certificate'); print('submitted', file=sys.stderr)"
    finished = run([sys.executable, "-c", script], apart=True)
    assert finished.output.strip() == "a certificate"
    assert finished.words == "submitted"


def test_words_are_those_of_the_output_where_it_wrote_no_errors() -> None:
    finished = run([sys.executable, "-c", "print('no such template')"], apart=True)
    assert (finished.errors, finished.words) == ("", "no such template")


def test_one_that_never_stops_writing_takes_no_memory_and_is_ended() -> None:
    script = "while True: print('x' * 100000)"
    with tracing() as peak:
        with pytest.raises(MachineError) as refused:
            run([sys.executable, "-c", script], seconds=1, apart=True)
        assert peak() < 4 * 1024 * 1024
    assert refused.value.code is FailureCode.BUSY


def test_last_of_a_long_output_is_kept() -> None:
    script = "print('begin'); print('x' * 1000000); print('the end')"
    finished = run([sys.executable, "-c", script], apart=True)
    assert finished.output.endswith("the end\n")
    assert len(finished.output) == LONGEST_OUTPUT


def test_one_that_does_not_read_its_input_is_not_waited_for() -> None:
    finished = run([sys.executable, "-c", "print('done')"], given=b"x" * 1000000, seconds=20)
    assert (finished.code, finished.words) == (0, "done")


def test_environment_is_what_is_given_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERTWRIGHT_KEY_PASSPHRASE", "not for others")
    script = "import os; print(sorted(os.environ))"
    finished = run([sys.executable, "-c", script], environment={"ONLY": "this"})
    assert "ONLY" in finished.output
    assert "CERTWRIGHT" not in finished.output


def test_one_that_leaves_another_behind_in_a_session_of_its_own_is_waited_for_no_longer() -> None:
    script = (
        "import subprocess, sys;"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(25)'],"
        " start_new_session=True)"
    )
    started = time.monotonic()
    with pytest.raises(MachineError) as refused:
        run([sys.executable, "-c", script], seconds=1, apart=True)
    assert refused.value.code is FailureCode.BUSY
    assert time.monotonic() - started < 20
