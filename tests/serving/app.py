"""A small application for the real server process: what a page can do to it, without a database."""

import contextvars
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

left_behind: contextvars.ContextVar[str] = contextvars.ContextVar("left_behind", default="")


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    name = environ["PATH_INFO"].strip("/")
    query = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
    body = globals()[f"do_{name}"](environ, **query)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def do_healthz(environ: Any) -> bytes:
    return b"ok"


def do_pid(environ: Any) -> bytes:
    return str(os.getpid()).encode()


def do_count(environ: Any) -> bytes:
    """How much of the body is there, and how much was announced."""
    return f"{len(environ['wsgi.input'].read())} of {environ.get('CONTENT_LENGTH', '')}".encode()


def do_big(environ: Any, size: str) -> bytes:
    return b"x" * int(size)


def do_wait(environ: Any, begun: str, until: str) -> bytes:
    Path(begun).touch()
    while not Path(until).exists():
        time.sleep(0.02)
    return b"waited"


def do_write(environ: Any, path: str) -> bytes:
    Path(path).touch()
    return b"written"


def do_context(environ: Any) -> bytes:
    before = left_behind.get()
    left_behind.set("something of another request")
    return before.encode()


def do_origin(environ: Any) -> bytes:
    names = (
        "REMOTE_ADDR",
        "wsgi.url_scheme",
        "HTTP_X_FORWARDED_FOR",
        "HTTP_X_FORWARDED_PROTO",
        "HTTP_FORWARDED",
    )
    return json.dumps({name: environ.get(name) for name in names}).encode()
