"""The HAProxy that runs with a configuration, told by its command line."""

from pathlib import Path

from certwright.machine.services.haproxy.process import configuration_arguments, running_with


def test_a_command_line_names_its_files() -> None:
    line = "-Ws -f /etc/a.cfg -p /run/pid -f conf.d -sf 1 2 -- /b.cfg /c.cfg"
    assert configuration_arguments(line.split()) == ("/etc/a.cfg", "conf.d", "/b.cfg", "/c.cfg")
    assert configuration_arguments(["-f"]) == ()


def test_nothing_runs_with_a_file_that_nobody_has(tmp_path: Path) -> None:
    assert running_with(tmp_path / "haproxy.cfg", "haproxy") is None
