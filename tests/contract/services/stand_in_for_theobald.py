"""No Xtract Universal: a stand-in that serves TLS with the certificates its settings name.

`start FOLDER SECTION=PORT...` serves until it is ended; `restart` with the same words ends the one
that runs and starts another, and returns once that one listens. The thumbprint is that of the
section in the folder's `tls.json`; FOLDER/store/THUMBPRINT.pem stands for the Windows Certificate
Store. As the product's pages say, it serves in the clear without a `tls.json`.
"""

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

IN_THE_CLEAR = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def serve(folder: Path, places: list[str]) -> None:
    (folder / "config/version.txt").read_bytes()
    contexts = [(context_of(folder, place.partition("=")[0]), place) for place in places]
    threads = [
        threading.Thread(target=answer, args=(listen(place), context))
        for context, place in contexts
    ]
    (folder / "pid.new").write_text(str(os.getpid()))
    (folder / "pid.new").rename(folder / "pid")  # never there without its number
    for thread in threads:
        thread.start()


def context_of(folder: Path, section: str) -> ssl.SSLContext | None:
    tls = folder / "config/servers/tls.json"
    if not tls.exists():
        return None
    thumbprint = json.loads(tls.read_text("utf-16"))[section]["thumbprint"].lower()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "store" / f"{thumbprint}.pem")
    return context


def listen(place: str) -> socket.socket:
    return socket.create_server(("127.0.0.1", int(place.partition("=")[2])))


def answer(listening: socket.socket, context: ssl.SSLContext | None) -> None:
    while True:
        connection, _ = listening.accept()
        connection.settimeout(5)
        with contextlib.suppress(OSError), connection:
            if context is None:
                connection.sendall(IN_THE_CLEAR)
            else:
                context.wrap_socket(connection, server_side=True).close()


def restart(folder: Path, places: list[str]) -> None:
    end(folder)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, __file__, "start", str(folder), *places],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + 20
    while not (folder / "pid").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"It does not listen: {(folder / 'log').read_text().splitlines()[-1]}")
        time.sleep(0.02)


def end(folder: Path) -> None:
    """End the one that runs there, if any; its ports are free then."""
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
    {"start": serve, "restart": restart}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3:])
