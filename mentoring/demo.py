"""`make demo`: PostgreSQL, Valkey, web server, worker and scheduler under one foreground process.

It has no Django in it. Its children are tied to it (`mentoring.processes`), so nothing outlives it.
"""

import argparse
import contextlib
import http.client
import os
import signal
import socket
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import psycopg

from mentoring import embedded, processes
from mentoring.demo_accounts import ACCOUNTS, PASSWORD

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
PATIENCE = 60.0
RESTARTS = 3
RESTARTS_WITHIN = 60.0


class DemoError(Exception):
    """Why the demo ends, for the person at the terminal."""


class Stopped(Exception):
    """Somebody asked the demo to end."""


class Demo:
    def __init__(self, state_dir: Path, port: int, *, stop_with_parent: bool, empty: bool) -> None:
        self.state_dir = state_dir.resolve()
        self.port = port
        self.empty = empty
        self.url = f"http://{HOST}:{port}"
        self.parent = os.getppid() if stop_with_parent else None
        self.children: dict[str, processes.Child] = {}
        self.ended: dict[str, list[float]] = defaultdict(list)
        self.stop_asked = False
        also = {"DEMO": "1", "BASE_URL": os.environ.get("BASE_URL", self.url)}
        also["UPWARD_DAYS_AHEAD"] = os.environ.get("UPWARD_DAYS_AHEAD", "")
        self.engines = embedded.Engines(self.state_dir, also=also)

    def run(self) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, self._on_signal)
        if embedded.is_running(self.state_dir):
            raise embedded.AlreadyRunning(f"Upward already runs with the state directory {self.state_dir}.")
        with self._reserve_port() as self.web_socket:
            say("Starting PostgreSQL and Valkey")
            try:
                self.engines.start()
                self.environment = os.environ | self.engines.environment | {"PYTHONUNBUFFERED": "1"}
                self._prepare_database()
                self._serve()
            finally:
                self.stop_asked = True
                self._stop_children()
                self.engines.stop()

    def _on_signal(self, *_: object) -> None:
        if self.stop_asked:  # asked twice: no more waiting for running tasks
            for child in list(self.children.values()):
                child.process.kill()
        self.stop_asked = True

    def _reserve_port(self) -> socket.socket:
        """Bound but not listening: ours from the start, refusing visitors until the web server is there."""
        reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            reserved.bind((HOST, self.port))
        except OSError as error:
            reserved.close()
            raise DemoError(
                f"Port {self.port} cannot be used ({error.strerror}). "
                f"Choose another one: PORT={self.port + 1} make demo"
            ) from error
        return reserved

    def _prepare_database(self) -> None:
        seeding = self.state_dir / "seeding"
        if seeding.exists():
            say("The demo's data was left half made; making it anew")
            self.engines.recreate_database()
            seeding.unlink()
        say("Preparing the database")
        self._run_command("migrate", "--no-input")
        has_seed = any(ROOT.glob("*/management/commands/seed_demo.py"))
        if has_seed and not self.empty and not self._has_organizations():
            say("Filling in two organizations, Northwind and Fabrikam")
            seeding.touch()
            self._run_command("seed_demo")
            seeding.unlink()

    def _has_organizations(self) -> bool:
        with psycopg.connect(self.engines.environment["SYSTEM_DATABASE_URL"]) as connection:
            row = connection.execute("SELECT EXISTS (SELECT FROM mentoring_organization)").fetchone()
        return bool(row and row[0])

    def _run_command(self, name: str, *arguments: str) -> None:
        command: list[str | Path] = [sys.executable, ROOT / "manage.py", name, *arguments]
        self._start_child(name, command, signal.SIGTERM)
        child = self.children[name]
        self._wait(lambda: not child.alive)
        del self.children[name]
        if child.process.returncode:
            raise DemoError(f"`manage.py {name}` failed. The end of {child.log}:\n{child.tail()}")

    def _serve(self) -> None:
        self._start("web")
        say("Starting the web server, a worker and the scheduler")
        if not self._wait(self._is_healthy, patience=PATIENCE):
            web = self.children["web"]
            raise DemoError(f"The web server does not answer. The end of {web.log}:\n{web.tail()}")
        self._start("worker")
        self._start("beat")
        print_welcome(self.url, self.state_dir, with_accounts=not self.empty)
        self._wait(lambda: False)

    def _start(self, name: str) -> None:
        celery: list[str | Path] = [sys.executable, "-m", "celery", "-A", "mentoring"]
        # Gone with us at once, running tasks included: they are done again later. Without its broker Celery
        # would hang in any gentler end; its pool ends by itself.
        if name == "web":
            command: list[str | Path] = [sys.executable, "-m", "gunicorn", "mentoring.wsgi"]
            command += ["--config", ROOT / "deploy" / "gunicorn.py", "--workers", "2"]
            command += ["--bind", f"fd://{self.web_socket.fileno()}"]
            self._start_child(name, command, signal.SIGQUIT, keep_open=[self.web_socket.fileno()])
        elif name == "worker":
            flags = ["--concurrency=2", "--without-mingle", "--without-gossip", "--loglevel=INFO"]
            self._start_child(name, [*celery, "worker", *flags], signal.SIGKILL)
        elif name == "beat":
            schedule = f"--schedule={self.state_dir / 'beat-schedule'}"
            self._start_child(
                name, [*celery, "beat", schedule, "--pidfile=", "--loglevel=INFO"], signal.SIGTERM
            )

    def _start_child(
        self,
        name: str,
        command: list[str | Path],
        death_signal: signal.Signals,
        keep_open: list[int] | None = None,
    ) -> None:
        self.children[name] = processes.start(
            name,
            command,
            log=self.state_dir / "logs" / f"{name}.log",
            environment=self.environment,
            death_signal=death_signal,
            keep_open=keep_open or [],
            cwd=ROOT,
        )

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        return False

    def _wait(self, done: Callable[[], bool], *, patience: float | None = None) -> bool:
        """Watches over everything until `done`. The only place where the demo waits."""
        began = time.monotonic()
        while not done():
            if self.stop_asked or (self.parent and os.getppid() != self.parent):
                raise Stopped
            self._look_after_children()
            if patience is not None and time.monotonic() - began > patience:
                return False
            time.sleep(0.1)
        return True

    def _look_after_children(self) -> None:
        if engine := self.engines.dead():
            raise DemoError(f"{engine.name} stopped. The end of {engine.log}:\n{engine.tail()}")
        for name in ("web", "worker", "beat"):
            child = self.children.get(name)
            if not child or child.alive:
                continue
            code, now = child.process.returncode, time.monotonic()
            child.kill_session()
            self.ended[name] = [at for at in self.ended[name] if now - at < RESTARTS_WITHIN] + [now]
            if len(self.ended[name]) > RESTARTS:
                raise DemoError(
                    f"{name} keeps stopping (exit {code}). The end of {child.log}:\n{child.tail()}"
                )
            say(f"{name} stopped (exit {code}) and is started again; its log is {child.log}")
            self._start(name)

    def _stop_children(self) -> None:
        if self.children:
            processes.stop(list(self.children.values()), signal.SIGTERM, signal.SIGQUIT, patience=5.0)
        self.children.clear()


def say(line: str) -> None:
    print(f"  {line}", flush=True)


def print_welcome(url: str, state_dir: Path, *, with_accounts: bool) -> None:
    lines = ["", f"Upward is ready: {url}/"]
    if with_accounts:
        lines += ["", f"Sign in with the password {PASSWORD} as"]
        lines += [f"  {email:<28} {what}" for email, what in ACCOUNTS]
    lines += ["", f"Logs and data are in {state_dir}. Ctrl-C stops everything and keeps the data."]
    print("\n".join(lines), flush=True)


def reset(state_dir: Path) -> None:
    embedded.remove(state_dir)
    print(f"The demo's data in {state_dir} is gone. `make demo` begins anew.")


def read_port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65_536:
        raise DemoError(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text)


def main() -> None:
    parser = argparse.ArgumentParser(prog="mentoring.demo", description=__doc__)
    parser.add_argument("--reset", action="store_true", help="delete the demo's data instead")
    parser.add_argument("--stop-with-parent", action="store_true", help="end when the starting process ends")
    parser.add_argument("--empty", action="store_true", help="without the made-up organizations")
    options = parser.parse_args()
    state_dir = Path(os.environ.get("STATE_DIR") or ROOT / ".state")
    try:
        if options.reset:
            reset(state_dir)
        else:
            port = read_port(os.environ.get("PORT") or "8000")
            Demo(state_dir, port, stop_with_parent=options.stop_with_parent, empty=options.empty).run()
    except Stopped:
        print("\nUpward has stopped; its data is kept.", flush=True)
    except (DemoError, embedded.EngineError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
