"""Talking HTTP as no browser would."""

import contextlib
import http.client
import socket
import time
from collections.abc import Iterator

from tests.running import PATIENCE


def ask(port: int, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> str:
    """The body of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(connection):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers=named)
        return connection.getresponse().read().decode()


def connect(port: int, sent: bytes = b"") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    client.sendall(sent)
    return client


@contextlib.contextmanager
def held(port: int, sent: bytes, number: int) -> Iterator[list[socket.socket]]:
    """So many connections that have sent this and then say no more."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(connect(port, sent)) for _ in range(number)]


def head(method: str, path: str, **headers: object) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def read_to_end(client: socket.socket) -> bytes:
    """What the server sends until it closes the connection."""
    received = []
    with contextlib.suppress(ConnectionResetError):
        while data := client.recv(65536):
            received.append(data)
    return b"".join(received)


def status(answer: bytes) -> int:
    """0 where there was no answer."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


def drip(client: socket.socket, data: bytes, *, size: int, pause: float) -> None:
    """Send in pieces, until the server has had enough."""
    with contextlib.suppress(OSError):
        for start in range(0, len(data), size):
            client.sendall(data[start : start + size])
            time.sleep(pause)
