"""The environment of a container, and its roles as processes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.running import ROOT, free_port
from tests.workers import broker_url

ENTRYPOINT = str(ROOT / "deploy" / "entrypoint.sh")
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a container: addresses, a key, nothing that says test or demo."""
    port, scratch = str(free_port()), tmp_path_factory.mktemp("container")
    kept = {name: os.environ[name] for name in ("OWNER_DATABASE_URL", "DATABASE_URL", "CACHE_URL")}
    return kept | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(scratch),
        "REDIS_URL": broker_url(4),
        "SECRET_KEY": "a-key-for-this-test-" + "x" * 50,
        "BASE_URL": f"http://127.0.0.1:{port}",
        "BEAT_SCHEDULE": str(scratch / "beat-schedule"),
        "STATIC_ROOT": str(scratch / "static"),
        "PORT": port,
        "WEB_CONCURRENCY": "1",
        "WORKER_CONCURRENCY": "1",
    }


@pytest.fixture
def start(settings: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def run(*command: str) -> subprocess.Popen[bytes]:
        with (tmp_path / "log").open("wb") as log:
            started.append(
                subprocess.Popen([ENTRYPOINT, *command], env=settings, cwd="/", stdout=log, stderr=log)
            )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


def run(settings: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ENTRYPOINT, *command], env=settings, cwd="/", capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def migrated(settings: dict[str, str]) -> None:
    """Once: other test processes have containers of their own on the same database."""
    with psycopg.connect(settings["OWNER_DATABASE_URL"], autocommit=True) as owner:
        owner.execute("SELECT pg_advisory_lock(hashtext('the containers of the tests'))")
        done = run(settings, "migrate")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def collected(settings: dict[str, str]) -> None:
    """The static files, as in the image."""
    done = run(settings, "python", "manage.py", "collectstatic", "--no-input")
    assert done.returncode == 0, done.stderr
