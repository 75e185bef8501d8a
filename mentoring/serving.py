"""The web server's worker process. gunicorn starts, watches and replaces it, waitress speaks HTTP in it.

A thread gets a request when its body has arrived and its client is still there, and is free again when the
response is written down: who sends or reads slowly holds none. The limits on both are here.
"""

import contextlib
import contextvars
import logging
import os
import resource
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.receiver import FixedStreamReceiver
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask
from waitress.utilities import Error

from mentoring.exchange.uploads import MULTIPART_SLACK

log = logging.getLogger("upward.web")
HEALTH = "/healthz"
KILOBYTE = 1024
ACCEPTED_AT_ONCE = 16
TURN = 0.5  # seconds between two looks at signals and limits
LINGER = 2.0  # seconds that a process about to end still waits for a client to go on
OTHER_FILES = 200


@dataclass(frozen=True)
class Limits:
    """Seconds, bytes and numbers, for each process."""

    head: float = 15  # for the lines before a body, from the first byte
    idle: float = 75  # between requests; longer than the proxy keeps its side open
    transfer: float = 15 * 60  # for a whole body, and for reading a whole response
    body_window: float = 20  # in each of which a body moves on by `bytes_per_second`
    response_window: float = 60  # likewise; longer, since the kernel tells of a slow reader in lumps
    bytes_per_second: int = 1000
    run: float = 60  # for the application
    connections: int = 2000
    spooled_uploads: int = 5  # bodies of the largest size that lie on disk at once
    head_bytes: int = 32 * KILOBYTE
    in_memory: int = 64 * KILOBYTE  # of a body or a response; the rest waits on disk
    read_past: int = 256 * KILOBYTE * KILOBYTE  # a body up to here gets a page that says it is too large


class LengthRequired(Error):
    code, reason = 411, "Length Required"


class TooSlow(Error):
    code, reason = 408, "Request Timeout"


class TooMuchAtOnce(Error):
    code, reason = 503, "Service Unavailable"


class Spool:
    """How many bytes of bodies a process keeps. They come in one thread and go in another."""

    def __init__(self, limit: int) -> None:
        self.limit, self.used = limit, 0
        self._lock = threading.Lock()

    def add(self, size: int) -> None:
        with self._lock:
            self.used += size

    @property
    def is_full(self) -> bool:
        return self.used > self.limit


class Body(OverflowableBuffer):
    """One request's body. Of one that is announced larger than any upload may be only the beginning is kept:
    the form's fields before the file, so that the page can say that the file is too large."""

    def __init__(self, adj: Any, announced: int) -> None:
        super().__init__(adj.inbuf_overflow)
        self.spool: Spool = adj.spool
        self.room = announced if announced <= adj.largest_body else MULTIPART_SLACK
        self.kept = 0

    def append(self, data: bytes) -> None:
        if data := data[: self.room - self.kept]:
            self.kept += len(data)
            self.spool.add(len(data))
            super().append(data)

    def close(self) -> None:
        self.spool.add(-self.kept)
        self.kept = self.room = 0
        super().close()


class Request(HTTPRequestParser):
    error: Error | None
    completed: bool

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError:  # Python's own: a length of more digits than it takes for a number
            raise ParsingError("Content-Length is invalid") from None
        if isinstance(self.body_rcv, FixedStreamReceiver):
            self.body_rcv.buf = Body(self.adj, self.content_length)

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if self.error is None:
            if self.chunked:  # Django would not read it, and a line between chunks may grow for ever
                self.error, self.completed = LengthRequired("Say the length of the body."), True
            elif not self.completed and self.adj.spool.is_full and self.is_large:
                self.error, self.completed = TooMuchAtOnce("Please try again in a minute."), True
        return consumed

    @property
    def has_begun(self) -> bool:
        """Empty lines before a request are none."""
        return self.headers_finished or bool(self.header_plus.strip())

    @property
    def is_large(self) -> bool:
        return self.body_rcv is not None and len(self.body_rcv) > self.adj.inbuf_overflow


class Task(WSGITask):
    def execute(self) -> None:
        if not self.channel.server.worker.alive:
            self.request.headers["CONNECTION"] = "close"
        super().execute()


class Channel(HTTPChannel):
    """One connection."""

    parser_class = Request
    task_class = Task
    request: Any

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Any, map: Any = None) -> None:
        super().__init__(server, sock, addr, adj, map=map)
        self.moved = self.moved_before = 0
        self.phase = "idle"
        self.phase_began = self.window_began = time.monotonic()

    def recv(self, size: int) -> bytes:
        data: bytes = super().recv(size)
        self.moved += len(data)
        return data

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent: int = super().send(data, do_close=do_close)
        self.moved += sent
        return sent

    def service(self) -> None:
        """In a thread. Nothing that one request sets in a context variable outlives it."""
        with self.server.worker.watching(self):
            contextvars.copy_context().run(super().service)

    def current_phase(self) -> str:
        request = self.request
        if self.total_outbufs_len:
            return "response"
        if self.requests:
            return "run"
        if request is None or not request.has_begun:
            return "idle"
        return "body" if request.headers_finished else "head"

    def keep_to(self, limits: Limits, now: float) -> None:
        """End the connection if it is overdue."""
        phase = self.current_phase()
        if phase != self.phase:
            self.phase, self.phase_began = phase, now
            self.window_began, self.moved_before = now, self.moved
        if phase == "run":
            return
        limit = {"idle": limits.idle, "head": limits.head}.get(phase, limits.transfer)
        if now - self.phase_began >= limit or self.is_slow(limits, now):
            if phase in {"head", "body"}:
                self.refuse(TooSlow("The request took too long to arrive."))
            else:
                self.handle_close()

    def is_slow(self, limits: Limits, now: float) -> bool:
        window = {"body": limits.body_window, "response": limits.response_window}.get(self.phase)
        if window is None or now - self.window_began < window:
            return False
        moved, seconds = self.moved - self.moved_before, now - self.window_began
        self.window_began, self.moved_before = now, self.moved
        return moved < limits.bytes_per_second * seconds

    def refuse(self, error: Error) -> None:
        with self.requests_lock:
            request, self.request = self.request, None
            request.error, request.completed = error, True
            self.requests.append(request)
            self.server.add_task(self)

    def handle_close(self) -> None:
        super().handle_close()
        if self.request is not None:
            self.request.close()


class Server(TcpWSGIServer):
    """What listens on one address."""

    channel_class = Channel

    def __init__(self, worker: "BufferedWorker", sock: socket.socket, adj: Any) -> None:
        self.worker = worker
        super().__init__(
            worker.application,
            map=worker.map,
            _sock=sock,
            dispatcher=worker.pages,
            adj=adj,
            sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
            bind_socket=False,
        )

    def add_task(self, channel: Channel) -> None:
        """A process whose threads are all at work is alive: its health has a thread of its own."""
        is_health = getattr(channel.requests[0], "path", "") == HEALTH
        (self.worker.health if is_health else self.task_dispatcher).add_task(channel)

    def handle_accept(self) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) <= before:
                return

    def make_room(self) -> None:
        """Close the connections that have asked for nothing for the longest time."""
        if (many := len(self.active_channels) - self.worker.connections) <= 0:
            return
        asking = [channel for channel in self.active_channels.values() if channel.current_phase() != "run"]
        for channel in sorted(asking, key=lambda channel: channel.last_activity)[:many]:
            channel.handle_close()

    def handle_error(self) -> None:
        """A connection that could not be accepted is no reason to stop listening."""
        log.exception("A connection could not be accepted")

    def maintenance(self, now: float) -> None:
        """Not while a poll is prepared: see `BufferedWorker.turn`."""

    def keep_to(self, limits: Limits, now: float) -> None:
        for channel in list(self.active_channels.values()):
            channel.keep_to(limits, now)


class BufferedWorker(Worker):
    limits = Limits()
    alive: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.map: dict[int, Any] = {}
        # By thread: the next request of a connection begins while the last one's thread winds up.
        self.running: dict[int, tuple[Channel, float]] = {}
        self.looked = 0.0
        self.given_up: set[Channel] = set()

    def run(self) -> None:
        self.connections = allowed_connections(self.limits.connections)
        self.pages, self.health = threads(self.cfg.threads), threads(1)
        adj = self.adjustments()
        self.servers = [Server(self, listener.sock, adj) for listener in self.sockets]
        while self.alive and self.ppid == os.getppid():
            self.turn()
        self.finish()

    def adjustments(self) -> Any:
        """waitress's settings; those that it has not are read by the classes above."""
        adj = Adjustments(
            sockets=[listener.sock for listener in self.sockets],
            backlog=self.cfg.backlog,
            asyncore_use_poll=True,
            connection_limit=sys.maxsize,  # we make room instead
            channel_request_lookahead=1,  # goes on reading while a request runs: so we see its client leave
            recv_bytes=64 * KILOBYTE,
            max_request_header_size=self.limits.head_bytes,
            max_request_body_size=self.limits.read_past,
            inbuf_overflow=self.limits.in_memory,
            outbuf_overflow=self.limits.in_memory,
            outbuf_high_watermark=sys.maxsize,  # a thread never waits for a reader
            # What says where a request came from is the application's to believe, or nobody's.
            clear_untrusted_proxy_headers=not self.cfg.forwarded_allow_ips,
            ident="",
            log_socket_errors=False,
        )
        adj.socket_options = [
            (socket.SOL_TCP, socket.TCP_NODELAY, 1),
            (socket.SOL_SOCKET, socket.SO_SNDBUF, 256 * KILOBYTE),  # the kernel would keep megabytes for each
        ]
        adj.largest_body = settings.UPLOAD_LIMIT_BYTES + MULTIPART_SLACK
        adj.spool = Spool(self.limits.spooled_uploads * adj.largest_body)
        return adj

    def application(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("This process has answered %s requests and is replaced.", self.nr)
            self.alive = False
        response: Any = self.wsgi(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return response  # type: ignore[no-any-return]
        if hasattr(response, "close"):
            response.close()
        return []

    @contextlib.contextmanager
    def watching(self, channel: Channel) -> Iterator[None]:
        self.running[threading.get_ident()] = channel, time.monotonic()
        try:
            yield
        finally:
            del self.running[threading.get_ident()]

    def turn(self) -> None:
        """Connections are closed here, between two polls: the next one accepted gets the number of one that
        was closed, and within a poll what was meant for the old one would end the new one."""
        self.notify()
        wasyncore.loop(timeout=TURN, use_poll=True, map=self.map, count=1)
        for server in self.servers:
            server.make_room()
        if (now := time.monotonic()) - self.looked >= TURN:
            self.looked = now
            for server in self.servers:
                server.keep_to(self.limits, now)
            self.give_up_runaways(now)

    def give_up_runaways(self, now: float) -> None:
        """A thread cannot be ended. Its client is let go, and the process is replaced once the other requests
        have been answered."""
        for thread, (channel, began) in list(self.running.items()):
            if now - began > self.limits.run and channel not in self.given_up:
                frame = sys._current_frames().get(thread)
                stack = "".join(traceback.format_stack(frame)) if frame else ""
                log.error(
                    "A request ran for %.0f s; its process is replaced. It was at:\n%s", now - began, stack
                )
                self.given_up.add(channel)
                channel.handle_close()
                self.alive = False

    def finish(self) -> None:
        """Answer what has arrived, and what still does within seconds; then end."""
        for server in self.servers:
            server.accepting = False
        deadline = time.monotonic() + self.cfg.graceful_timeout - 1
        while self.connections_in_use() and time.monotonic() < deadline:
            self.turn()

    def connections_in_use(self) -> bool:
        channels = [channel for server in self.servers for channel in list(server.active_channels.values())]
        for channel in channels:
            waits = channel.current_phase() != "run"
            if waits and time.time() - channel.last_activity > LINGER:
                channel.handle_close()
        running = {channel for channel, _began in list(self.running.values())}
        return any(channel.connected for channel in channels) or bool(running - self.given_up)


def threads(number: int) -> Any:
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(number)
    return dispatcher


def allowed_connections(wanted: int) -> int:
    """As many as there may be open files for: a connection, its body and its response each are one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = 3 * wanted + OTHER_FILES
    if soft < files and soft != resource.RLIM_INFINITY:
        soft = files if hard == resource.RLIM_INFINITY else min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else min(wanted, (soft - OTHER_FILES) // 3)
