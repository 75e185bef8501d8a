"""Strangers hold sockets, several accounts upload hostile workbooks and one file comes slowly, all at once.

The web server is the image's, beside one real worker. The workbooks are those of the property test over the
structure of a workbook, the same each time. Every upload must end with something that its page says.
"""

import http.client
import os
import resource
import select
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from html import escape
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples

from benchmarks.harness import ROOT, Row
from benchmarks.held import descendants, resident, upload_slowly
from benchmarks.pages import served, visit
from mentoring import processes
from mentoring.enums import OPEN_JOBS, JobStatus, Role
from mentoring.models import Membership, Organization, RosterImport, User
from mentoring.tenancy.scoping import organization_scope
from tests.exchange.structures import workbooks

ACCOUNTS = 8
FILES = 200
PAUSE = 0.25
PATIENCE = 500
BOUNDARY = "a-line-between-parts"
OURS = ("Something went wrong", "The worker stopped several times")


def run(size: int) -> list[Row]:
    files, people = hostile_files(FILES), accounts()
    with served() as port, worker(), ExitStack() as stack:
        before = processes_now()
        watch = Watch(port)
        stack.enter_context(idle_sockets(port, size))
        began = time.monotonic()
        stack.enter_context(repeated(watch.look))
        stack.enter_context(repeated(watch.weigh))
        slow: list[int] = []
        stack.enter_context(repeated(lambda: slow.append(upload_slowly(port))))
        answers = [answer for found in in_threads(people, files, port) for answer in found]
        seconds = time.monotonic() - began
        died = len(before - processes_now())
    return [
        Row(
            f"{size:,} idle sockets, {FILES} hostile files by {ACCOUNTS} accounts, a slow upload",
            seconds,
            "s",
        ),
        Row("health, p50", 1000 * statistics.median(watch.health), "ms"),
        Row("health, the slowest", 1000 * max(watch.health), "ms", at_most=1000),
        Row("front page, p50", 1000 * statistics.median(watch.pages), "ms"),
        Row("front page, the slowest", 1000 * max(watch.pages), "ms"),
        Row("the largest process: web, worker or reader", watch.largest / 1e6, "MB", at_most=512),
        Row("processes that ended unasked", died, at_most=0),
        Row(f"files of {FILES} with rows, to be mapped", answers.count("rows")),
        Row(f"files of {FILES} refused with a reason", answers.count("refused")),
        Row("files without an answer on their page", FILES - len(answers) + answers.count(""), at_most=0),
        Row(f"slow uploads of {len(slow)} that did not arrive", sum(code != 403 for code in slow), at_most=0),
        Row("processes that read files left behind", len(readers()), at_most=0),
    ]


def hostile_files(number: int) -> list[bytes]:
    found: list[bytes] = []

    @examples(
        max_examples=number,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(workbooks())
    def collect(content: bytes) -> None:
        if content:
            found.append(content)

    collect()
    return (found * number)[:number]


class Account:
    """An owner of an organization of one's own, signed in."""

    def __init__(self, number: int) -> None:
        self.organization = Organization.objects.create(name=f"Number {number}", slug=f"number-{number}")
        self.user = User.objects.create_user(email=f"owner{number}@example.com", password=None)
        with organization_scope(self.organization):
            Membership.objects.create(
                user=self.user,
                organization=self.organization,
                role=Role.OWNER,
                name=f"Owner {number}",
                invited_email=self.user.email,
                joined_at=self.user.date_joined,
            )
        client = Client()
        client.force_login(self.user)
        self.token = "t" * 32
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={self.token}"
        self.place = f"/o/{self.organization.slug}/people/import/"

    def upload(self, port: int, name: str, content: bytes) -> str:
        """Where the answer leads."""
        body = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
            + content
            + f"\r\n--{BOUNDARY}--\r\n".encode()
        )
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        headers = {"Content-Type": kind, "X-CSRFToken": self.token}
        status, place, text = self.ask(port, "POST", self.place, body, headers)
        if status != 302:
            raise RuntimeError(f"{name} was answered with {status}: {text[:3000]}")
        return place

    def ask(
        self, port: int, method: str, path: str, body: bytes | None = None, headers: Any = None
    ) -> tuple[int, str, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as server:
            server.request(method, path, body, {"Cookie": self.cookie, **(headers or {})})
            response = server.getresponse()
            return response.status, response.getheader("Location", ""), response.read().decode()

    def answer_to(self, port: int, place: str) -> str:
        """ "rows", "refused", or "" where the page says nothing of use."""
        number = int(place.strip("/").rpartition("/")[2])
        deadline = time.monotonic() + PATIENCE
        while (found := self.state(number)).status in OPEN_JOBS and time.monotonic() < deadline:
            time.sleep(PAUSE)
        status, onward, text = self.ask(port, "GET", place)
        if found.status == JobStatus.DONE:
            return "rows" if status == 302 and self.ask(port, "GET", onward)[0] == 200 else ""
        told = bool(found.error) and not found.error.startswith(OURS) and escape(found.error) in text
        if not told:
            print(f"  {place}: {found.status} {found.error!r}, page {status}", file=sys.stderr)
        return "refused" if found.status == JobStatus.FAILED and told else ""

    def state(self, number: int) -> RosterImport:
        with organization_scope(self.organization):
            return RosterImport.objects.get(pk=number)


def accounts() -> list[Account]:
    return [Account(number) for number in range(ACCOUNTS)]


def in_threads(people: list[Account], files: list[bytes], port: int) -> list[list[str]]:
    """Each account uploads its share, two files at a time."""
    answers: list[list[str]] = [[] for _ in people]

    def work(number: int) -> None:
        try:
            mine = list(enumerate(files))[number :: len(people)]
            for start in range(0, len(mine), 2):
                places = [
                    people[number].upload(port, f"{n}.xlsx", content)
                    for n, content in mine[start : start + 2]
                ]
                answers[number] += [people[number].answer_to(port, place) for place in places]
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


class Watch:
    def __init__(self, port: int) -> None:
        self.port, self.largest = port, 0
        self.health: list[float] = []
        self.pages: list[float] = []

    def look(self) -> None:
        for path, seconds in (("/healthz", self.health), ("/", self.pages)):
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as server:
                seconds.append(visit(server, path, ""))
        time.sleep(PAUSE)

    def weigh(self) -> None:
        for pid in descendants(os.getpid()):
            try:
                self.largest = max(self.largest, resident(pid))
            except (OSError, ValueError):
                continue  # it has ended meanwhile
        time.sleep(PAUSE)


@contextmanager
def repeated(work: Callable[[], object]) -> Iterator[None]:
    """In a thread of its own until the block ends."""
    over = threading.Event()

    def run_on() -> None:
        while not over.is_set():
            work()

    thread = threading.Thread(target=run_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def idle_sockets(port: int, number: int) -> Iterator[None]:
    """So many at any time: one that the server closes is opened again."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    poll = select.poll()
    held: dict[int, socket.socket] = {}

    def open_one() -> None:
        client = socket.create_connection(("127.0.0.1", port), timeout=60)
        held[client.fileno()] = client
        poll.register(client, select.POLLIN | select.POLLHUP)

    def hold() -> None:
        for closed, _event in poll.poll(500):
            poll.unregister(closed)
            held.pop(closed).close()
            open_one()

    for _ in range(number):
        open_one()
    try:
        with repeated(hold):
            yield
    finally:
        for client in held.values():
            client.close()


@contextmanager
def worker() -> Iterator[None]:
    """As the image runs it."""
    command = [sys.executable, "-m", "celery", "-A", "mentoring", "worker", "--concurrency=2"]
    log = Path(os.environ["BENCH_DIR"]) / "worker.log"
    started = processes.start(
        "worker", [*command, "--without-mingle", "--without-gossip", "--loglevel=WARNING"], log=log, cwd=ROOT
    )
    deadline = time.monotonic() + 60
    while len(descendants(started.process.pid)) < 2:
        if time.monotonic() > deadline or not started.alive:
            raise RuntimeError(f"The worker does not start:\n{started.tail()}")
        time.sleep(PAUSE)
    try:
        yield
    finally:
        started.stop()


def processes_now() -> set[int]:
    """Of the web server and the worker, without those that come and go with a file."""
    return set(descendants(os.getpid())) - readers()


def readers() -> set[int]:
    return {pid for pid in descendants(os.getpid()) if b"mentoring.exchange.reading" in command_of(pid)}


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
