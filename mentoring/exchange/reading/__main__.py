"""The process that reads one file: the file from standard input, what stands in it to standard output.

A message is its length in four bytes and then JSON: first the headings, then rows in groups, at last the end;
or, at any point, the reason why the file cannot be read.
"""

import contextlib
import datetime as dt
import json
import os
import resource
import signal
import struct
import sys
import traceback
from collections.abc import Iterable, Iterator
from typing import Any

from mentoring.exchange.limits import Limits, Unreadable
from mentoring.exchange.reading.kinds import open_list
from mentoring.processes import end_with_parent

NICENESS = 10
GROUP_ROWS, GROUP_CHARACTERS = 500, 250_000


def main() -> None:
    options = json.loads(sys.argv[1])
    confine(processor_seconds=options["processor_seconds"], memory_bytes=options["memory_bytes"])
    try:
        for message in messages(sys.stdin.buffer.read(), Limits(**options["limits"])):
            send(message)
    except Unreadable as found:
        send({"refused": found.reason, "facts": found.facts})
    except MemoryError:
        send({"refused": "memory", "facts": {}})
    except BrokenPipeError:
        pass
    except BaseException:  # Rust's panics are no `Exception`
        send({"refused": "unclear", "facts": {}, "trace": traceback.format_exc()[-3000:]})


def confine(*, processor_seconds: int, memory_bytes: int) -> None:
    """Give away what reading a file does not need, for good; and let pages go first."""
    end_with_parent(signal.SIGKILL)
    os.nice(NICENESS)
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, processor_seconds, processor_seconds + 1),
        (resource.RLIMIT_AS, memory_bytes, memory_bytes),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_FSIZE, 0, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS knows some of them by name only
            resource.setrlimit(kind, (soft, hard))


def messages(content: bytes, limits: Limits) -> Iterator[dict[str, Any]]:
    listing = open_list(content, limits)
    yield {
        "headers": listing.headers,
        "header_line": listing.header_line,
        "kind": listing.kind,
        "notes": listing.notes,
    }
    yield from ({"rows": group} for group in groups(listing.rows()))
    yield {"end": True}


def groups(rows: Iterable[tuple[int, int, list[object]]]) -> Iterator[list[Any]]:
    group: list[Any] = []
    characters = 0
    for row in rows:
        group.append(row)
        characters += sum(len(cell) for cell in row[2] if isinstance(cell, str))
        if len(group) >= GROUP_ROWS or characters >= GROUP_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group


def send(message: dict[str, Any]) -> None:
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"), default=plain)
    data = text.encode(errors="replace")
    sys.stdout.buffer.write(struct.pack(">I", len(data)) + data)
    sys.stdout.buffer.flush()


def plain(value: object) -> object:
    """Dates keep that they are dates; times and durations are read as text anyway."""
    return {"at": value.isoformat()} if isinstance(value, dt.date) else str(value)


if __name__ == "__main__":
    main()
