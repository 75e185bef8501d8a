"""The main pages over HTTP: gunicorn as in the image, one visitor after the other, then eight at once.

Statements are counted in this process through the same views, and again for organizations with 10 and with
50 of everything: a list that asks more questions the longer it is has a figure here.
"""

import http.client
import os
import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from benchmarks.dataset import Filled, fill
from benchmarks.harness import ROOT, Row, settle, statements
from benchmarks.matching_run import match
from mentoring import processes
from mentoring.tenancy.scoping import organization_scope
from programs.guards import participant_url

REQUESTS = 100
SECONDS = 20
WARM_UP = 5
VISITORS = 8
FEW, MANY = 10, 50


@dataclass(frozen=True)
class Page:
    """A page by route, and the ids in its address. `own`: a participant's, who came by their mail's link."""

    label: str
    route: str
    ids: Callable[[Filled], dict[str, Any]] = lambda filled: {}
    own: bool = False

    def address(self, filled: Filled) -> str:
        return reverse(self.route, kwargs={"organization": filled.organization.slug, **self.ids(filled)})


def _running(filled: Filled) -> dict[str, Any]:
    return {"cohort_id": filled.running.pk}


def _matching(filled: Filled) -> dict[str, Any]:
    return {"cohort_id": filled.matching.pk}


def _pair(filled: Filled) -> dict[str, Any]:
    return {"participant_id": filled.pairs[0].mentee_id, "pair_id": filled.pairs[0].pk}


PAGES = (
    Page("home", "home"),
    Page("people", "people"),
    Page("a person", "person", lambda filled: {"person_id": filled.people[1].pk}),
    Page("programs", "programs"),
    Page("cohort", "cohort", _running),
    Page("participants", "cohort_participants", _running),
    Page("matching", "match", _matching),
    Page("meetings", "cohort_meetings", _running),
    Page("report", "cohort_report", _running),
    Page("a pair", "pair", _pair, own=True),
)
MORE_PAGES = (
    Page("invite", "cohort_invite", _running),
    Page("outcomes", "outcomes"),
    Page("exports", "metrics_exports"),
    Page("members", "members"),
    Page("audit log", "audit_log"),
    Page("questionnaire", "questionnaire", lambda filled: {"participant_id": filled.newcomer.pk}, own=True),
)
ALL_PAGES = PAGES + MORE_PAGES


class Visitor:
    """Signed in as the champion; by links as the first pair's mentee and as somebody who enrols."""

    def __init__(self, filled: Filled) -> None:
        self.filled = filled
        self.champion, self.participant = Client(), Client()
        self.champion.force_login(filled.champion)
        with organization_scope(filled.organization):
            links = [participant_url(each) for each in (filled.pairs[0].mentee, filled.newcomer)]
        for link in links:
            self.participant.get(link.removeprefix(settings.BASE_URL))

    def client(self, page: Page) -> Client:
        return self.participant if page.own else self.champion

    def cookie(self, page: Page) -> str:
        return (
            f"{settings.SESSION_COOKIE_NAME}={self.client(page).cookies[settings.SESSION_COOKIE_NAME].value}"
        )

    def statements(self, page: Page) -> int:
        """SQL statements of one view of the page. The second view counts: the first may fill a cache."""
        address = page.address(self.filled)
        self._get(page, address)
        with statements() as sent:
            self._get(page, address)
        return sent[0]

    def _get(self, page: Page, address: str) -> None:
        status = self.client(page).get(address).status_code
        if status != 200:
            raise RuntimeError(f"{page.label}: {address} answered {status}")


def visitor_of(slug: str, *, people: int, rows: int, pairs: int) -> Visitor:
    """An organization with as many people to match as pairs, matched once."""
    filled = fill(slug, people=people, rows=rows, now=timezone.now(), pairs=pairs, to_match=pairs)
    match(filled)
    return Visitor(filled)


def two_sizes() -> tuple[Visitor, Visitor]:
    """Ten pairs and ten lines of everything else, and fifty."""
    few, many = (
        visitor_of(slug, people=2 * rows, rows=rows, pairs=rows)
        for slug, rows in (("few", FEW), ("many", MANY))
    )
    return few, many


def run(size: int) -> list[Row]:
    large = visitor_of("large", people=size, rows=MANY, pairs=size // 10)
    few, many = two_sizes()
    settle()
    growth = {page.label: many.statements(page) - few.statements(page) for page in ALL_PAGES}
    rows = []
    with served() as port:
        for page in PAGES:
            seconds = measure(port, page.address(large.filled), large.cookie(page))
            rows += [
                Row(f"{page.label}, p50", 1000 * statistics.median(seconds), "ms"),
                Row(f"{page.label}, p95", 1000 * statistics.quantiles(seconds, n=20)[-1], "ms"),
                Row(f"{page.label}, statements", large.statements(page), "SQL"),
            ]
        rows.append(Row(f"pages a second, {VISITORS} visitors", crowd(port, large), "1/s"))
    for label, more in growth.items():
        if more:
            print(f"  {label}: {more:+} statements at {MANY} rows", file=sys.stderr)
    rows.append(
        Row(
            f"pages of {len(growth)} with more statements at {MANY} rows than at {FEW}",
            sum(more > 0 for more in growth.values()),
            "pages",
            at_most=0,
        )
    )
    return rows


@contextmanager
def served() -> Iterator[int]:
    """The web server of the image on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    log = Path(os.environ["BENCH_DIR"]) / "web.log"
    command = [sys.executable, "-m", "gunicorn", "mentoring.wsgi", "--config", "deploy/gunicorn.py"]
    here = os.environ | {"ALLOWED_HOSTS": f"127.0.0.1:{port}"}
    web = processes.start(
        "web", [*command, "--bind", f"127.0.0.1:{port}"], log=log, cwd=ROOT, environment=here
    )
    try:
        deadline = time.monotonic() + 40
        while not _answers(port):
            if time.monotonic() > deadline or not web.alive:
                raise RuntimeError(f"The web server does not answer:\n{web.tail()}")
            time.sleep(0.1)
        yield port
    finally:
        web.stop()


def _answers(port: int) -> bool:
    try:
        visit(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/healthz", "")
    except OSError:
        return False
    return True


def visit(http_connection: http.client.HTTPConnection, address: str, cookie: str) -> float:
    """Seconds from the request to the last byte of the page."""
    started = time.perf_counter()
    http_connection.request("GET", address, headers={"Cookie": cookie, "Accept-Encoding": "identity"})
    response = http_connection.getresponse()
    response.read()
    seconds = time.perf_counter() - started
    if response.status != 200:
        raise RuntimeError(f"{address} answered {response.status}")
    return seconds


def measure(port: int, address: str, cookie: str) -> list[float]:
    """Seconds of each of 100 requests, or of as many as fit into 20 seconds."""
    http_connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(WARM_UP):
        visit(http_connection, address, cookie)
    seconds: list[float] = []
    while len(seconds) < REQUESTS and (sum(seconds) < SECONDS or len(seconds) < WARM_UP):
        seconds.append(visit(http_connection, address, cookie))
    return seconds


def crowd(port: int, visitor: Visitor) -> float:
    """Pages a second when several visitors walk through all pages at once."""

    def walk(_: int) -> None:
        http_connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _round in range(REQUESTS // 20):
            for page in PAGES:
                visit(http_connection, page.address(visitor.filled), visitor.cookie(page))

    started = time.perf_counter()
    with ThreadPoolExecutor(VISITORS) as pool:
        list(pool.map(walk, range(VISITORS)))
    return VISITORS * (REQUESTS // 20) * len(PAGES) / (time.perf_counter() - started)
