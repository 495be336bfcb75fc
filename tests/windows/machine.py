"""A Windows machine for the tests: wine with a Python for Windows, or a real one.

A real one is named by CERTWRIGHT_WINDOWS_COMMAND, the command that starts its
`python -m machine`, such as: ssh admin@server "cd certwright-verify && python -m machine"
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import certwright.machine
from certwright.stores.task_runner import ProcessRunner

COMMAND_VARIABLE = "CERTWRIGHT_WINDOWS_COMMAND"
_WINE = Path("/usr/lib/wine/wine64")
_WINE_SERVER = Path("/usr/lib/wine/wineserver")
_PROJECT = Path(__file__).parents[2]
_PYTHON = _PROJECT / ".venv" / "windows-python" / "python.exe"
_START = Path(__file__).with_name("start.py")


@dataclass(frozen=True)
class WindowsMachine:
    """Starts programs there."""

    command: tuple[str, ...]
    environment: Mapping[str, str] | None
    is_wine: bool

    def runner(self) -> ProcessRunner:
        """One that does tasks there, in a process of its own."""
        return ProcessRunner(self.command, self.environment)

    def key_containers(self) -> frozenset[str]:
        """The names of the machine's CAPI containers; wine alone has them in its registry."""
        script = (
            "import winreg, sys\n"
            "key = winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, r'Software\\Wine\\Crypto\\RSA')\n"
            "count = winreg.QueryInfoKey(key)[0]\n"
            "print(*(winreg.EnumKey(key, number) for number in range(count)), sep='\\n')\n"
        )
        return frozenset(self.run_script(script).split())

    def run_script(self, script: str, seconds: float = 100.0) -> str:
        """What a script of Python prints there, with the folder `machine` at hand; wine alone."""
        assert self.is_wine
        alone = Path(self.command[-1])
        file = alone / "script.py"
        file.write_text(
            f"import sys\nsys.path.insert(0, {str(alone)!r})\n{script}", encoding="utf-8"
        )
        done = subprocess.run(
            [str(_WINE), str(_PYTHON), str(file)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=seconds,
        )
        return done.stdout.decode("utf-8")


@contextmanager
def windows_machine(folder: Path) -> Iterator[WindowsMachine]:
    """wine, with what it keeps in `folder`, until the tests are done; or the real one."""
    if command := os.environ.get(COMMAND_VARIABLE):
        yield WindowsMachine(tuple(shlex.split(command)), None, is_wine=False)
        return
    assert _WINE.exists(), "Debian's package wine64 is missing: apt-get install wine64"
    assert _PYTHON.exists(), "The Python for Windows is missing: make test unpacks it"
    # A copy of that folder alone: all that another machine gets.
    alone = folder / "alone"
    shutil.copytree(
        Path(certwright.machine.__path__[0]),
        alone / "machine",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "WINEPREFIX": str(folder / "prefix"),
        "WINEDEBUG": "-all",
        # Neither .NET nor a browser is asked for, and offered on a screen, at the first start.
        "WINEDLLOVERRIDES": "mscoree,mshtml=",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    _run_quietly([str(_WINE), "wineboot", "-i"], environment).check_returncode()
    command_line = (str(_WINE), str(_PYTHON), str(_START), str(alone))
    try:
        yield WindowsMachine(command_line, environment, is_wine=True)
    finally:
        # This prefix's own server and its programs; no other wine on this machine. Its exit code
        # is 1 where the server has ended already.
        ended = _run_quietly([str(_WINE_SERVER), "-k"], environment)
        assert ended.returncode in {0, 1}


def _run_quietly(
    command: list[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=100,
    )
