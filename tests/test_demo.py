"""`make demo` as a person meets it, without the made-up companies: they have a test of their own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mentoring import embedded, processes
from mentoring.demo import Demo, DemoError
from tests.running import PATIENCE, ROOT, free_port, processes_naming, soon, status_of


class Running:
    def __init__(self, process: subprocess.Popen[str], state_dir: Path, port: int) -> None:
        self.process, self.state_dir, self.port = process, state_dir, port
        self.output = self.read_until("Ctrl-C stops everything")

    def read_until(self, text: str) -> str:
        assert self.process.stdout
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if text in line:
                return "".join(lines)
        raise AssertionError("".join(lines))


def command(state_dir: Path, port: int, *arguments: str) -> tuple[list[str], dict[str, str]]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.endswith("_URL") and name not in {"UPWARD_TESTING", "EMAIL_BACKEND"}
    }
    settings = {"STATE_DIR": str(state_dir), "PORT": str(port)}
    return [sys.executable, "-m", "mentoring.demo", *arguments], inherited | settings


def run(state_dir: Path, port: int, *arguments: str) -> tuple[int, str]:
    line, environment = command(state_dir, port, *arguments)
    done = subprocess.run(line, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@contextlib.contextmanager
def running(state_dir: Path) -> Iterator[Running]:
    port = free_port()
    line, environment = command(state_dir, port, "--empty")
    with subprocess.Popen(
        line, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield Running(process, state_dir, port)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("demo") / "state dir") as started:
        yield started


def pid_of(demo: Running, text: str) -> int:
    """The child of the demo whose command names `text`."""
    for children in Path(f"/proc/{demo.process.pid}/task").glob("*/children"):
        for pid in children.read_text().split():
            if text in Path(f"/proc/{pid}/cmdline").read_text():
                return int(pid)
    raise AssertionError(f"{text} does not run")


def test_ready_is_said_once_pages_are_served(demo: Running) -> None:
    assert f"Upward is ready: http://127.0.0.1:{demo.port}/\n" in demo.output
    assert (status_of(demo.port, "/healthz"), status_of(demo.port, "/readyz")) == (200, 200)
    assert {path.name for path in (demo.state_dir / "logs").iterdir()} >= {
        "postgres.log",
        "valkey.log",
        "web.log",
        "worker.log",
        "beat.log",
    }


def test_second_start_on_the_state_directory_gives_one_line(demo: Running) -> None:
    code, output = run(demo.state_dir, free_port())
    assert (code, output) == (1, f"Upward already runs with the state directory {demo.state_dir}.\n")


def test_start_on_a_port_in_use_gives_one_line(demo: Running, tmp_path: Path) -> None:
    code, output = run(tmp_path, demo.port)
    said = f"Port {demo.port} cannot be used (Address already in use). Choose another one: "
    assert (code, output) == (1, f"{said}PORT={demo.port + 1} make demo\n")
    assert list(tmp_path.iterdir()) == []


def test_start_with_a_port_that_is_none_gives_one_line(tmp_path: Path) -> None:
    line, environment = command(tmp_path, 0)
    done = subprocess.run(
        line, env=environment | {"PORT": "http"}, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "PORT is 'http'; it must be a number from 1 to 65535.\n")


def test_reset_while_it_runs_refuses(demo: Running) -> None:
    code, output = run(demo.state_dir, demo.port, "--reset")
    assert (code, output) == (1, f"Upward already runs with the state directory {demo.state_dir}.\n")


def test_web_server_that_dies_is_started_again(demo: Running) -> None:
    os.kill(pid_of(demo, "gunicorn"), signal.SIGKILL)
    assert "is started again" in demo.read_until("web stopped (exit -9)")
    assert soon(lambda: status_of(demo.port, "/healthz") == 200)


def test_terminate_stops_everything_and_keeps_the_data(demo: Running) -> None:
    environment = json.loads((demo.state_dir / "engines.json").read_text())
    with psycopg.connect(environment["OWNER_DATABASE_URL"]) as owner:
        owner.execute("CREATE TABLE note AS SELECT 'kept' AS text")
    demo.process.terminate()
    assert demo.process.wait(PATIENCE) == 0
    assert demo.read_until("stopped").endswith("Upward has stopped; its data is kept.\n")
    assert processes_naming(str(demo.state_dir)) == []
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", demo.port))


def test_second_start_has_the_data_and_a_kill_leaves_nothing_running(demo: Running) -> None:
    with running(demo.state_dir) as again:
        environment = json.loads((demo.state_dir / "engines.json").read_text())
        with psycopg.connect(environment["DATABASE_URL"]) as app:
            assert app.execute("SELECT text FROM note").fetchall() == [("kept",)]
        again.process.kill()
        again.process.wait()
        assert soon(lambda: not processes_naming(str(demo.state_dir))), processes_naming(str(demo.state_dir))


def test_reset_forgets_everything(demo: Running) -> None:
    code, output = run(demo.state_dir, demo.port, "--reset")
    assert (code, demo.state_dir.exists()) == (0, False), output


def test_engine_that_dies_ends_the_demo_with_its_log(tmp_path: Path) -> None:
    demo = Demo(tmp_path, free_port(), stop_with_parent=False, empty=True)
    with demo.engines as engines:
        valkey = engines.children[-1]
        valkey.process.kill()
        valkey.process.wait()
        with pytest.raises(DemoError) as caught:
            demo._look_after_children()
    assert str(caught.value).startswith(f"valkey stopped. The end of {tmp_path}/logs/valkey.log:\n")
    assert "Ready to accept connections unix" in str(caught.value)
    embedded.remove(tmp_path)


def test_child_that_keeps_dying_ends_the_demo_with_its_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    demo = Demo(tmp_path, free_port(), stop_with_parent=False, empty=True)
    command: list[str | Path] = ["sh", "-c", "echo no room; exit 3"]

    def start(name: str) -> None:
        demo.children[name] = processes.start(name, command, log=tmp_path / f"{name}.log")

    demo._start = start  # type: ignore[method-assign]
    demo._start("worker")
    with pytest.raises(DemoError) as caught:
        demo._wait(lambda: False, patience=PATIENCE)
    assert (
        str(caught.value).splitlines()[0]
        == f"worker keeps stopping (exit 3). The end of {tmp_path}/worker.log:"
    )
    assert str(caught.value).endswith("no room")
    assert capfd.readouterr().out.count("is started again") == 3
