"""`python -m machine`: a line in, a line out, whatever the line says; a bare copy of the folder."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import certwright.machine
from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.task_messages import LONGEST_MESSAGE, read_answer, write_task
from certwright.machine.tasks import ImportPfx, KeyProvider, ListStores

FOLDER = Path(certwright.machine.__path__[0])


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `machine` on a machine that has nothing else of ours."""
    folder = tmp_path_factory.mktemp("alone")
    shutil.copytree(FOLDER, folder / "machine", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def served(alone: Path, requests: bytes) -> list[bytes]:
    """The lines that come back for those that go in."""
    # -S and -E: nothing that is installed, nothing from the environment, can be imported.
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-m", "machine"],
        cwd=alone,
        input=requests,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == b""
    return done.stdout.splitlines(keepends=True)


def test_every_module_loads_alone(alone: Path) -> None:
    modules = sorted(
        ".".join(path.relative_to(alone).with_suffix("").parts)
        for path in (alone / "machine").rglob("*.py")
        if path.stem not in ("__init__", "__main__")
    )
    assert "machine.stores.windows.performing" in modules
    script = "import importlib, sys\n" + "".join(
        f"importlib.import_module({module!r})\n" for module in modules
    )
    subprocess.run([sys.executable, "-S", "-E", "-c", script], cwd=alone, check=True, timeout=60)


def test_each_bad_line_is_answered_and_the_next_one_too(alone: Path) -> None:
    good = write_task(ListStores("LocalMachine"))
    bad = [b"\n", b"hello\n", b"{}\n", b"\xff\xfe\n", b"[" * 10_000 + b"\n", good[:-4] + b"\n"]
    answers = served(alone, b"".join(one + good for one in bad))
    codes = [failure(answer).code for answer in answers]
    assert codes == [FailureCode.INVALID_INPUT, FailureCode.STORE_FAILED] * len(bad)


def test_line_that_never_ends_is_answered_and_is_the_last(alone: Path) -> None:
    good = write_task(ListStores("LocalMachine"))
    (answer,) = served(alone, b"x" * (LONGEST_MESSAGE + 2) + b"\n" + good)
    assert failure(answer).code is FailureCode.INVALID_INPUT


def test_last_line_needs_no_end(alone: Path) -> None:
    (answer,) = served(alone, write_task(ListStores("LocalMachine"))[:-1])
    assert failure(answer).code is FailureCode.STORE_FAILED


def test_nothing_asked_is_nothing_answered(alone: Path) -> None:
    assert served(alone, b"") == []


def test_machine_without_windows_says_so_and_quotes_no_secret(alone: Path) -> None:
    secret = "hunter2hunter2"
    task = ImportPfx("LocalMachine", "My", b"pfx", secret, KeyProvider.CAPI)
    (answer,) = served(alone, write_task(task))
    assert secret not in answer.decode()
    assert "has no Windows Certificate Store" in json.loads(answer)["message"]


def failure(answer: bytes) -> MachineError:
    read = read_answer(answer)
    assert isinstance(read, MachineError)
    return read
