"""No Xtract Universal: a stand-in that serves TLS with the certificate its settings name.

`start FOLDER PORT` serves until it is ended; `restart FOLDER PORT` ends the one that runs and
starts another, and returns once that one listens. The thumbprint is that of `webServer` in the
folder's `tls.json`; FOLDER/store/THUMBPRINT.pem stands for the Windows Certificate Store.
"""

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path


def serve(folder: Path, port: int) -> None:
    settings = json.loads((folder / "config/servers/tls.json").read_text("utf-16"))
    thumbprint = settings["webServer"]["thumbprint"].lower()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "store" / f"{thumbprint}.pem")
    with socket.create_server(("127.0.0.1", port)) as listening:
        (folder / "pid").write_text(str(os.getpid()))
        while True:
            connection, _ = listening.accept()
            connection.settimeout(5)
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True):
                pass


def restart(folder: Path, port: int) -> None:
    end(folder)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, __file__, "start", str(folder), str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + 20
    while not (folder / "pid").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"It does not listen: {(folder / 'log').read_text()}")
        time.sleep(0.02)


def end(folder: Path) -> None:
    """End the one that runs there, if any; its port is free then."""
    file = folder / "pid"
    if not file.exists():
        return
    process = int(file.read_text())
    file.unlink()
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + 20
    while _runs(process) and time.monotonic() < deadline:
        time.sleep(0.02)


def _runs(process: int) -> bool:
    """A zombie that nobody has waited for yet does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


if __name__ == "__main__":
    {"start": serve, "restart": restart}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
