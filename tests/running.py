"""Looking at processes from tests that start and kill real ones."""

import contextlib
import http.client
import socket
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120.0  # seconds, for whatever else runs; only a test that fails waits so long


def soon(condition: Callable[[], object], patience: float = PATIENCE) -> bool:
    """Whether the condition comes true within `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def processes_naming(text: str) -> list[str]:
    """The command lines or log files of the processes that name `text`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if text in command or text in str((process / "fd" / "1").readlink()):
                found.append(command)
    return found


def descendants(pid: int) -> list[int]:
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children += map(int, task.read_text().split())
    return children + [each for child in children for each in descendants(child)]


def readers_below(pid: int) -> list[int]:
    """The processes that read an uploaded file for `pid` or one of its children."""
    found = []
    for child in descendants(pid):
        with contextlib.suppress(OSError):
            if b"mentoring.exchange.reading" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def status_of(port: int, path: str) -> int:
    """The HTTP status, or 0 where nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path)
        return connection.getresponse().status
    return 0
