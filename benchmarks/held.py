"""What strangers can hold of the web server: idle sockets, bodies that stop and answers that nobody reads.

The web server is the image's. Meanwhile a visitor opens the front page and asks for its health, one request
after the other; an upload arrives slowly and whole.
"""

import http.client
import os
import socket
import statistics
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path

from benchmarks.harness import Row
from benchmarks.pages import served, visit

ROUNDS = 40
BODIES = 50
READERS = 16
SLOW_UPLOAD = 2_000_000
PIECE = 40_000
BODY = b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nx"
READ = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 2


def run(size: int) -> list[Row]:
    with served() as port, ExitStack() as stack:
        before = asked(port, "/")
        memory_before = largest_process()
        for number, sent in ((size, b""), (BODIES, BODY), (READERS, READ)):
            for _ in range(number):
                client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
                client.sendall(sent)
        answers: list[int] = []
        upload = threading.Thread(target=lambda: answers.append(upload_slowly(port)))
        upload.start()
        health, pages = asked(port, "/healthz"), asked(port, "/")
        upload.join()
        held = f"{size:,} idle sockets, {BODIES} bodies, {READERS} readers"
        return [
            Row("front page, nobody else, p50", 1000 * statistics.median(before), "ms"),
            Row(f"front page beside {held}, p50", 1000 * statistics.median(pages), "ms"),
            Row("front page, the slowest", 1000 * max(pages), "ms"),
            Row("health, the slowest", 1000 * max(health), "ms", at_most=1000),
            Row("memory of a process before", memory_before, "MB"),
            Row("memory of a process", largest_process(), "MB", at_most=512),
            Row("slow uploads that did not arrive", sum(answer != 403 for answer in answers), at_most=0),
        ]


def asked(port: int, address: str) -> list[float]:
    """Seconds of each of so many requests, each on a connection of its own."""
    seconds = []
    for _ in range(ROUNDS):
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            seconds.append(visit(connection, address, ""))
    return seconds


def upload_slowly(port: int) -> int:
    """The status; without a session, a form that has arrived is refused for its missing token."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.putrequest("POST", "/accounts/login/")
        connection.putheader("Content-Length", str(SLOW_UPLOAD))
        connection.endheaders()
        for _ in range(SLOW_UPLOAD // PIECE):
            connection.send(b"x" * PIECE)
            time.sleep(0.1)
        return connection.getresponse().status


def largest_process() -> float:
    """Resident megabytes of the largest process of the web server; we started it, so it is a descendant."""
    sizes = [resident(pid) for pid in descendants(os.getpid())]
    return max(sizes) / 1e6


def descendants(pid: int) -> list[int]:
    children = [
        int(child)
        for task in Path(f"/proc/{pid}/task").glob("*/children")
        for child in task.read_text().split()
    ]
    return children + [each for child in children for each in descendants(child)]


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
