import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import PATIENCE, ROOT, free_port, soon, status_of
from tests.serving.talking import ask

UPLOAD_LIMIT = 1_000_000


class Served:
    def __init__(self, folder: Path, **environment: str) -> None:
        self.port, self.log = free_port(), folder / "log"
        command = [sys.executable, "-m", "gunicorn", "tests.serving.app"]
        command += ["--config", "tests/serving/hasty.py", "--bind", f"127.0.0.1:{self.port}"]
        usual = {"WEB_CONCURRENCY": "1", "WEB_THREADS": "2", "UPLOAD_LIMIT_BYTES": str(UPLOAD_LIMIT)}
        inherited = {name: value for name, value in os.environ.items() if name != "TRUST_PROXY"}
        settings = {"DJANGO_SETTINGS_MODULE": "mentoring.settings", "UPWARD_TESTING": "1"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=inherited | settings | usual | environment, stdout=log, stderr=log
            )
        assert soon(lambda: self.process.poll() is not None or status_of(self.port, "/healthz") == 200)
        assert self.process.poll() is None, self.log.read_text()

    def ask(self, path: str, **more: Any) -> str:
        return ask(self.port, path, **more)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with tempfile.TemporaryDirectory() as folder:
        server = Served(Path(folder))
        yield server
        server.process.terminate()
        server.process.wait(PATIENCE)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def start(**environment: str) -> Served:
        started.append(Served(tmp_path, **environment))
        return started[-1]

    yield start
    for server in started:
        server.process.kill()
        server.process.wait()
