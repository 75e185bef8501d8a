"""The whole product as it runs: gunicorn, a Celery worker, PostgreSQL, Valkey and Chromium.

Web server and worker are real processes on the test database, so that a test can look into the outbox.
"""

import os
import re
import shutil
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from kombu import Connection
from playwright.sync_api import Browser, Page, sync_playwright

from mentoring import processes
from mentoring.celery import app
from mentoring.models import AccountMessage, Organization, OutgoingMessage
from mentoring.tenancy.scoping import organization_scope
from tests.e2e import visits
from tests.e2e.visits import Check, open_context, wait_until
from tests.workers import broker_url

ROOT = Path(__file__).resolve().parents[2]
# The first draws nothing for a screen that is not there: it takes a third less of the processor.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
CODE = r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@dataclass
class Product:
    """The running product. `send(name)` gives its worker a task, as beat does."""

    url: str
    environment: dict[str, str]
    children: list[processes.Child] = field(default_factory=list)

    def start(
        self, name: str, *command: str, log: Path, keep_open: tuple[int, ...] = (), **more: str
    ) -> None:
        child = processes.start(
            name,
            [sys.executable, "-m", *command],
            log=log,
            environment=self.environment | more,
            keep_open=keep_open,
            cwd=ROOT,
        )
        self.children.append(child)

    def stop(self) -> None:
        for child in self.children:
            child.stop(signal.SIGTERM, patience=5)
            child.kill_session()

    def wait_for_worker(self) -> None:
        """Until no task waits and none is being worked on: twice, for one on its way is in neither list."""
        queue = settings.CELERY_TASK_DEFAULT_QUEUE
        with Connection(self.environment["REDIS_URL"]) as broker:
            client = broker.default_channel.client
            for _ in range(2):
                wait_until(
                    lambda: not client.llen(queue) and not client.hlen("unacked"), "the worker to finish"
                )
                time.sleep(0.1)

    def send(self, task: str, *arguments: Any) -> None:
        with app.connection_for_write(self.environment["REDIS_URL"]) as broker:
            app.send_task(task, args=arguments, connection=broker)

    def mail(self, to: str, kind: str) -> OutgoingMessage:
        """The newest mail of a kind to an address, once the worker has sent it."""

        def sent() -> OutgoingMessage | None:
            for organization in Organization.objects.all():
                with organization_scope(organization):
                    found = OutgoingMessage.objects.filter(to_email=to, kind=kind, status="sent")
                    if message := found.order_by("-pk").first():
                        return message
            return None

        return wait_until(sent, f"the mail “{kind}” to {to}")

    def code(self, to: str) -> str:
        """The sign-in code that was mailed to an address last."""

        def sent() -> str | None:
            message = AccountMessage.objects.filter(to_email=to, status="sent").order_by("-pk").first()
            found = message and re.search(CODE, message.text, re.MULTILINE)
            return found.group(1) if found else None

        return wait_until(sent, f"a code for {to}")


def link_in(message: OutgoingMessage, path: str = "/s/") -> str:
    """The first address in the mail's text whose path begins so."""
    found = re.search(rf"https?://[^/\s]+({re.escape(path)}[^\s>]*)", message.text)
    assert found, message.text
    return found.group(1)


@pytest.fixture(scope="session")
def product(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("Chromium is not installed, and REQUIRE_BROWSER=1 asks for it.")
        pytest.skip("Chromium is not installed: browser tests are skipped.")
    with socket.socket() as ours:  # held from the start: nobody else can take the port
        ours.bind(("127.0.0.1", 0))
        running = Product(f"http://127.0.0.1:{ours.getsockname()[1]}", _environment(ours.getsockname()[1]))
        logs = tmp_path_factory.mktemp("logs")
        try:
            _start(running, ours.fileno(), logs)
            yield running
        finally:
            running.stop()


def _environment(port: int) -> dict[str, str]:
    name = connection.settings_dict["NAME"]
    return os.environ | {
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl(),
        "REDIS_URL": broker_url(2),
        "CACHE_PREFIX": "e2e",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "DEMO": "1",
        "UPWARD_TESTING": "",
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
        "UPWARD_NO_RATE_LIMITS": "1",
    }


def _start(running: Product, listening: int, logs: Path) -> None:
    web = ["gunicorn", "mentoring.wsgi", "--config", "deploy/gunicorn.py", "--workers", "1"]
    web += ["--bind", f"fd://{listening}"]
    running.start("web", *web, log=logs / "web.log", keep_open=(listening,), DATABASE_POOL="1")
    worker = ["celery", "-A", "mentoring", "worker", "--pool=solo", "--without-mingle", "--without-gossip"]
    running.start("worker", *worker, log=logs / "worker.log")
    wait_until(lambda: _answers(running.url), f"the web server, see {logs / 'web.log'}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=10) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(scope="session")
def browser(product: Product) -> Iterator[Browser]:
    # The browser's event loop runs in this thread, and Django would refuse to touch the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser, product: Product) -> Iterator[Page]:
    context = open_context(browser, product.url)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda line: problems.append(line.text) if "Content Security" in line.text else None)
    yield opened
    context.close()
    # The tables are emptied next: a task at work would hold a lock on them, or write into the next test.
    product.wait_for_worker()
    assert problems == []


@pytest.fixture
def check_page() -> Check:
    return visits.check_page
