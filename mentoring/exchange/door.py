"""The one way in for a table that somebody made: `open_table`. Nobody else may parse an uploaded file.

A process of its own reads it (`mentoring.exchange.reading`), with limits, without our environment, and is
killed when it is too slow, when nobody wants the rest, or when this process dies. What comes back is JSON in
pieces of limited size.
"""

import json
import os
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, BinaryIO

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from mentoring.exchange.cells import column_letter
from mentoring.exchange.limits import Limits
from mentoring.exchange.refusals import NOTES, REASONS, Refused, refusal, sentence, too_large_message
from mentoring.exchange.tables import Row, Table

log = structlog.get_logger(__name__)

MESSAGE_BYTES = 16 * 1024 * 1024
BREATH = 1.0


@dataclass(frozen=True)
class Allowance:
    """What reading may cost. Waiting counts while this side waits, not while it works on the rows."""

    processor_seconds: int
    waiting_seconds: int
    memory_bytes: int = 512 * 1024 * 1024


LOOK = Allowance(processor_seconds=10, waiting_seconds=120)  # headings and the first rows
IMPORT = Allowance(processor_seconds=60, waiting_seconds=600)


def upload_limits() -> Limits:
    return Limits(file_bytes=settings.UPLOAD_LIMIT_BYTES)


def check_size(size: int, limits: Limits) -> None:
    """All that is known of a file before somebody reads it."""
    if size > limits.file_bytes:
        raise Refused(too_large_message(size, limits))
    if size == 0:
        raise Refused(str(REASONS["empty"]))


@contextmanager
def open_table(
    content: bytes,
    *,
    limits: Limits | None = None,
    allowance: Allowance = IMPORT,
    alive: Callable[[], None] = lambda: None,
) -> Iterator[Table]:
    """The file as a table, or `Refused`; so may its `rows()` be. `alive` is called every second of waiting
    and may raise to end it."""
    limits = limits or upload_limits()
    check_size(len(content), limits)
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        file.write(content)
        del content

        def start() -> _Reader:
            return stack.enter_context(_reader(file, limits, allowance, alive))

        waiting: list[_Reader] = [start()]
        head = waiting[0].next_message("headers")

        def rows() -> Iterator[Row]:
            reader = waiting.pop() if waiting else start()
            try:
                yield from reader.rows()
            finally:
                reader.stop()

        with _sense():
            table = as_table(head, rows)
        yield table


def as_table(head: dict[str, Any], rows: Callable[[], Iterator[Row]]) -> Table:
    headers = [
        text or _("Column %(letter)s") % {"letter": column_letter(index)}
        for index, text in enumerate(head["headers"])
    ]
    notes = [sentence(NOTES, key, facts, otherwise="") for key, facts in head["notes"]]
    return Table(headers, head["header_line"], head["kind"], [note for note in notes if note], rows)


@contextmanager
def _sense() -> Iterator[None]:
    """What the process says is no more to be trusted than the file."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RecursionError):
        raise refusal("unclear", {}) from None


def as_row(said: list[Any]) -> Row:
    line, surplus, values = said
    if dict in map(type, values):
        values = [datetime.fromisoformat(v["at"]) if type(v) is dict else v for v in values]
    return Row(line, tuple(values), surplus)


@contextmanager
def _reader(
    file: BinaryIO, limits: Limits, allowance: Allowance, alive: Callable[[], None]
) -> Iterator["_Reader"]:
    reader = _Reader(file, limits, allowance, alive)
    try:
        yield reader
    finally:
        reader.stop()


class _Reader:
    """One process, and what it says."""

    def __init__(
        self, file: BinaryIO, limits: Limits, allowance: Allowance, alive: Callable[[], None]
    ) -> None:
        file.seek(0)
        options = {
            "limits": asdict(limits),
            "processor_seconds": allowance.processor_seconds,
            "memory_bytes": allowance.memory_bytes,
        }
        self.alive, self.patience, self.headed = alive, float(allowance.waiting_seconds), False
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mentoring.exchange.reading", json.dumps(options)],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                "PATH": os.defpath,
                "PYTHONPATH": str(settings.BASE_DIR),
                "PYTHONUTF8": "1",
                "PYTHONDONTWRITEBYTECODE": "1",
                "MALLOC_ARENA_MAX": "1",  # each further arena takes 64 MB of the addresses it may have
            },
            cwd=settings.BASE_DIR,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.output = self.process.stdout
        self.poll = select.poll()
        self.poll.register(self.output, select.POLLIN | select.POLLHUP)

    def rows(self) -> Iterator[Row]:
        if not self.headed:
            self.next_message("headers")
        while "end" not in (message := self.next_message("rows", "end")):
            with _sense():
                rows = [as_row(row) for row in message["rows"]]
            yield from rows

    def next_message(self, *expected: str) -> dict[str, Any]:
        (length,) = struct.unpack(">I", self._read(4))
        if length > MESSAGE_BYTES:
            raise refusal("unclear", {})
        data = self._read(length)
        with _sense():
            message = json.loads(data)
            keys = set(message)
        if isinstance(message, dict) and "refused" in message:
            if trace := message.get("trace"):
                log.error("reading a file failed", trace=trace)
            raise refusal(message["refused"], message.get("facts"))
        if not isinstance(message, dict) or not keys & {*expected}:
            raise refusal("unclear", {})
        self.headed = True
        return message  # type: ignore[no-any-return]

    def _read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._wait()
            part = os.read(self.output.fileno(), size - len(data))
            if not part:
                raise refusal(self._cause_of_death(), {})
            data += part
        return bytes(data)

    def _wait(self) -> None:
        while True:
            since = time.monotonic()
            ready = self.poll.poll(BREATH * 1000)
            self.patience -= time.monotonic() - since
            if ready:
                return
            if self.patience < 0:
                raise refusal("time", {})
            self.alive()

    def _cause_of_death(self) -> str:
        status = self.process.wait()
        if status == -signal.SIGXCPU:
            return "time"
        if status in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS):
            return "memory"  # Rust ends the process where memory is refused
        if status in (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT):
            return "stopped"
        log.error("the process that reads a file ended unexpectedly", status=status)
        return "unclear"

    def stop(self) -> None:
        if self.process.returncode is None:  # else its number may be another process's by now
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.output.close()
