"""Real Chromium, in a home of its own that trusts one node's root and nothing else of ours."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserType

_CHROMIUM = Path("/usr/bin/chromium-headless-shell")
"""Chromium without the browser around its pages, which takes as long as they do."""
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium_that_trusts(root: Path, home: Path, chromium: BrowserType) -> Iterator[Browser]:
    """Start it with `home` as HOME, where its trusted roots are kept (NSS)."""
    assert _CHROMIUM.exists(), "Install the Debian package chromium-headless-shell."
    certutil = shutil.which("certutil")
    assert certutil, "Install the Debian package libnss3-tools."
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    for arguments in (
        ("-N", "--empty-password"),
        ("-A", "-n", "root", "-t", "C,,", "-i", str(root)),
    ):
        subprocess.run([certutil, *arguments, "-d", f"sql:{database}"], check=True)
    browser = chromium.launch(
        executable_path=_CHROMIUM, args=list(_FLAGS), env={**os.environ, "HOME": str(home)}
    )
    yield browser
    browser.close()
