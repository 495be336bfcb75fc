"""Who reloads a program, and what is said when it does not run."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.activation.reloading import Reload, running_process, unit_in
from certwright.machine.services.options import command_of
from certwright.machine.services.service import Option, ServiceReference


def reload(pid_file: Path, own_command: str = "") -> Reload:
    command = command_of(ServiceReference("todd", "", (Option("reload", own_command),)), "reload")
    return Reload("todd", command, pid_file, lambda process: f"told {process}", "tell todd")


@pytest.fixture
def pid_file(tmp_path: Path) -> Path:
    path = tmp_path / "todd.pid"
    path.write_text(f"{os.getpid()}\n/var/lib/todd\n")
    return path


def test_running_program_is_told_directly_without_a_unit(pid_file: Path) -> None:
    assert reload(pid_file).words == "tell todd"
    assert reload(pid_file).perform() == f"told {os.getpid()}"


@pytest.mark.parametrize("content", ["", "todd", "1", "0", "-5", "999999999", "٣"])
def test_program_that_does_not_run_is_to_be_started(pid_file: Path, content: str) -> None:
    pid_file.write_text(content)
    with pytest.raises(MachineError, match="todd does not run") as refused:
        reload(pid_file).perform()
    assert refused.value.code is FailureCode.SERVICE_FAILED
    pid_file.unlink()
    assert running_process(pid_file) is None


def test_program_that_has_ended_does_not_run_though_nobody_asked_for_its_end(
    pid_file: Path,
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.read()
        pid_file.write_text(str(process.pid))
        deadline = time.monotonic() + 10
        while running_process(pid_file):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert process.wait(10) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_process_of_another_account_than_the_file_is_not_signalled(pid_file: Path) -> None:
    os.chown(pid_file, 1234, 1234)
    assert running_process(pid_file) is None


def test_own_command_goes_first_and_its_refusal_is_repeated(pid_file: Path) -> None:
    program = f"{sys.executable} -c"
    good = reload(pid_file, f"{program} 'print(1)'")
    assert good.words == f"{program} 'print(1)'"
    assert good.perform() == f"{program} 'print(1)'"
    with pytest.raises(MachineError, match="exit code 3 and said: no way") as refused:
        reload(pid_file, f"{program} 'print(\"no way\"); exit(3)'").perform()
    assert refused.value.code is FailureCode.SERVICE_FAILED


def test_own_command_that_is_not_there_is_told_of(pid_file: Path) -> None:
    with pytest.raises(MachineError) as refused:
        reload(pid_file, "/no/such/program --reload").perform()
    assert refused.value.code is FailureCode.NOT_FOUND


@pytest.mark.parametrize(
    ("groups", "unit"),
    [
        ("0::/system.slice/nginx.service\n", "nginx.service"),
        (
            "0::/system.slice/system-postgresql.slice/postgresql@15-main.service\n",
            "postgresql@15-main.service",
        ),
        ("12:pids:/x\n1:name=systemd:/system.slice/apache2.service\n", "apache2.service"),
        ("0::/user.slice/user-1000.slice/session-2.scope\n", ""),
        ("0::/\n", ""),
        ("", ""),
        ("0::/system.slice/--now;x.service\n", ""),
    ],
)
def test_unit_is_read_from_the_control_group(groups: str, unit: str) -> None:
    assert unit_in(groups) == unit


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of another kind there")
def test_a_link_to_the_file_of_another_program_and_a_pipe_name_no_process(
    pid_file: Path, tmp_path: Path
) -> None:
    link, pipe = tmp_path / "link.pid", tmp_path / "pipe.pid"
    link.symlink_to(pid_file)
    os.mkfifo(pipe)
    assert running_process(pid_file) == os.getpid()
    assert running_process(link) is None
    assert running_process(pipe) is None
