"""Servers on loopback that do one thing each, most of them the wrong one."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[socket.socket, threading.Event], None]


@contextmanager
def serving(answer: Answer, port: int = 0) -> Iterator[int]:
    """The port of a server that gives every connection to `answer`, until the end of the block.

    `answer` is told by the event when to stop waiting for anything.
    """
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", port))
    threads: list[threading.Thread] = []

    def run(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            answer(connection, over)

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=run, args=(connection,))
            threads.append(thread)
            thread.start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in [acceptor, *threads]:
            thread.join(10)


def silent(_connection: socket.socket, over: threading.Event) -> None:
    over.wait(30)


def closing(connection: socket.socket, _over: threading.Event) -> None:
    connection.recv(1)


def saying(data: bytes) -> Answer:
    def answer(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(4096)
        connection.sendall(data)
        over.wait(30)

    return answer


def greeting(data: bytes) -> Answer:
    """Says it before it is asked for anything, as mail servers do."""

    def answer(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(data)
        over.wait(30)

    return answer


def dripping(data: bytes, seconds: float) -> Answer:
    """One byte at a time, with a pause after each."""

    def answer(connection: socket.socket, over: threading.Event) -> None:
        for number in range(len(data)):
            connection.sendall(data[number : number + 1])
            if over.wait(seconds):
                return

    return answer


def flooding(piece: bytes) -> Answer:
    def answer(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(4096)
        while not over.is_set():
            connection.sendall(piece)

    return answer


def speaking_tls(context: ssl.SSLContext) -> Answer:
    def answer(connection: socket.socket, _over: threading.Event) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(1)

    return answer
