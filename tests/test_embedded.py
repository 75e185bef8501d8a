"""The bundled engines with real processes: everything here starts and kills them."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from mentoring import embedded, processes, unprivileged
from tests.running import PATIENCE, ROOT, processes_naming, soon

SUPERVISOR = """
import sys, time
from pathlib import Path
from mentoring.embedded import Engines
with Engines(Path(sys.argv[1]), durable=True):
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Engines]:
    with embedded.Engines(tmp_path_factory.mktemp("state"), durable=False) as running:
        yield running
    assert running.environment
    embedded.remove(running.state_dir)


@contextlib.contextmanager
def supervised(state_dir: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(state_dir)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def run(*command: str, state_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=inherited | {"STATE_DIR": str(state_dir)} | environment,
        check=False,
    )


def test_roles_are_what_row_security_needs(engines: embedded.Engines) -> None:
    rights = "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    found = []
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "SYSTEM_DATABASE_URL"):
        with psycopg.connect(engines.environment[name]) as connection:
            found.append(connection.execute(rights).fetchone())
    assert found == [
        ("upward_app", False, False, False),
        ("upward_owner", False, True, True),
        ("upward_system", False, True, False),
    ]


def test_app_uses_the_owners_tables_and_cannot_make_or_empty_them(engines: embedded.Engines) -> None:
    with psycopg.connect(engines.environment["OWNER_DATABASE_URL"]) as owner:
        owner.execute("CREATE TABLE note (id bigserial PRIMARY KEY, text text)")
    with psycopg.connect(engines.environment["DATABASE_URL"], autocommit=True) as app:
        app.execute("INSERT INTO note (text) VALUES ('kept')")
        assert app.execute("SELECT text FROM note").fetchall() == [("kept",)]
        for forbidden in ("TRUNCATE note", "CREATE TABLE mine (id int)", "DROP TABLE note"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)


def test_a_database_made_later_gives_the_app_the_same_rights(engines: embedded.Engines) -> None:
    with psycopg.connect(engines.environment["OWNER_DATABASE_URL"], autocommit=True) as owner:
        owner.execute("CREATE DATABASE later")
    later = {name: url.replace("@/upward?", "@/later?") for name, url in engines.environment.items()}
    with psycopg.connect(later["OWNER_DATABASE_URL"]) as owner:
        owner.execute("CREATE TABLE note (id int)")
    with psycopg.connect(later["DATABASE_URL"]) as app:
        assert app.execute("SELECT count(*) FROM note").fetchone() == (0,)


def test_server_is_the_one_of_production(engines: embedded.Engines) -> None:
    with psycopg.connect(engines.environment["DATABASE_URL"]) as connection:
        assert connection.info.server_version // 10000 == 18
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        provider = "SELECT datlocprovider FROM pg_database WHERE datname = 'upward'"
        assert connection.execute(provider).fetchone() == ("b",)


def test_valkey_answers_and_never_evicts(engines: embedded.Engines) -> None:
    with redis.Redis.from_url(engines.environment["CACHE_URL"]) as client:
        assert client.ping() is True
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_sockets_are_ours_alone(engines: embedded.Engines) -> None:
    assert engines.sockets.stat().st_mode & 0o777 == 0o700
    assert len(os.fsencode(engines.sockets / ".s.PGSQL.5432")) < 100


def test_start_on_a_held_directory_gives_one_clear_line(engines: embedded.Engines) -> None:
    with pytest.raises(embedded.AlreadyRunning) as caught:
        embedded.Engines(engines.state_dir).start()
    assert str(caught.value) == f"Upward already runs with the state directory {engines.state_dir}."
    with redis.Redis.from_url(engines.environment["CACHE_URL"]) as client:
        assert client.ping() is True


def test_attach_uses_the_engines_that_run(engines: embedded.Engines) -> None:
    with embedded.attached_or_started(engines.state_dir) as environment:
        assert environment == engines.environment
    with redis.Redis.from_url(engines.environment["CACHE_URL"]) as client:
        assert client.ping() is True


def test_remove_refuses_while_they_run(engines: embedded.Engines) -> None:
    with pytest.raises(embedded.AlreadyRunning):
        embedded.remove(engines.state_dir)
    assert (engines.state_dir / "valkey").exists()


def test_recreate_database_leaves_it_empty(engines: embedded.Engines) -> None:
    with psycopg.connect(engines.environment["OWNER_DATABASE_URL"]) as owner:
        owner.execute("CREATE TABLE doomed (id int)")
    engines.recreate_database()
    with psycopg.connect(engines.environment["DATABASE_URL"]) as app:
        assert app.execute("SELECT to_regclass('doomed')").fetchone() == (None,)


def test_kill_of_the_supervisor_leaves_nothing_running_and_keeps_the_data(tmp_path: Path) -> None:
    state_dir = tmp_path / "a state directory so deep that no socket could ever live in it" / ("x" * 60)
    sockets = str(embedded.Engines(state_dir).sockets)
    with supervised(state_dir) as supervisor:
        environment = json.loads((state_dir / "engines.json").read_text())
        with psycopg.connect(environment["OWNER_DATABASE_URL"]) as owner:
            owner.execute("CREATE TABLE note AS SELECT 'kept' AS text")
        with redis.Redis.from_url(environment["CACHE_URL"]) as client:
            client.set("note", "kept")
        assert len(processes_naming(sockets)) >= 2
        supervisor.kill()
        supervisor.wait()
        assert soon(lambda: not processes_naming(sockets))
    assert not embedded.is_running(state_dir)

    with embedded.attached_or_started(state_dir) as environment:
        with psycopg.connect(environment["DATABASE_URL"]) as app:
            assert app.execute("SELECT text FROM note").fetchall() == [("kept",)]
        with redis.Redis.from_url(environment["CACHE_URL"]) as client:
            assert client.get("note") == b"kept"
    assert processes_naming(sockets) == []
    embedded.remove(state_dir)


def test_start_right_after_a_kill_waits_for_the_old_engines(tmp_path: Path) -> None:
    with supervised(tmp_path) as supervisor:
        supervisor.kill()
        with embedded.Engines(tmp_path) as engines:
            assert engines.dead() is None
    embedded.remove(tmp_path)


def test_stale_pid_file_of_a_crashed_machine_is_no_obstacle(tmp_path: Path) -> None:
    with embedded.Engines(tmp_path, durable=False) as engines:
        data = engines._user.home / "postgres"
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n5432\n\n\n")
    with embedded.Engines(tmp_path, durable=False) as again:
        assert again.dead() is None
    embedded.remove(tmp_path)


def test_engines_of_a_command_wait_for_the_commands_that_use_them(tmp_path: Path) -> None:
    first, second = threading.Event(), threading.Event()

    def use() -> None:
        with embedded.attached_or_started(tmp_path):
            first.set()
            second.wait(PATIENCE)

    # The engines would end with the thread that started them: so this one starts, the other attaches.
    with embedded.attached_or_started(tmp_path) as environment:
        other = threading.Thread(target=use)
        other.start()
        assert first.wait(PATIENCE)
        threading.Timer(0.5, second.set).start()
    assert second.is_set()
    assert environment["DATABASE_URL"].startswith("postgresql://upward_app@/upward?host=/")
    other.join()
    embedded.remove(tmp_path)


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes nobody")
def test_root_without_namespaces_runs_as_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unprivileged, "UNSHARE", ("false",))
    tmp_path.chmod(0o700)
    with embedded.Engines(tmp_path, durable=False) as engines:
        home = engines._nobodys_home
        assert (home / "postgres").stat().st_uid == home.stat().st_uid == 65534
        with psycopg.connect(engines.environment["DATABASE_URL"]) as app:
            assert app.execute("SELECT 1").fetchone() == (1,)
    embedded.remove(tmp_path)
    assert not home.exists()


def test_unusable_state_directory_gives_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(embedded.EngineError) as caught:
        embedded.Engines(tmp_path / "file" / "state").start()
    assert str(caught.value) == f"The state directory {tmp_path}/file/state cannot be used: Not a directory."


def test_remove_deletes_only_what_is_ours(tmp_path: Path) -> None:
    for name in ("engines.lock", "bench.json", "diary.txt"):
        (tmp_path / name).write_text("")
    embedded.remove(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


def test_guard_stops_a_child_where_the_kernel_does_not(tmp_path: Path) -> None:
    """What macOS relies on."""
    script = (
        "import signal, sys, time; from pathlib import Path; from mentoring import processes;"
        "child = processes.start('sleeper', ['sleep', '601.25'], log=Path(sys.argv[1]), guard=True);"
        "print(child.process.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert parent.stdout
    pid = parent.stdout.readline().strip()
    assert processes_naming("sleep 601.25 ")
    parent.kill()
    parent.communicate()
    assert soon(lambda: not Path(f"/proc/{pid}").exists())


def test_stop_kills_what_ignores_every_signal(tmp_path: Path) -> None:
    stubborn = ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"]
    child = processes.start("stubborn", stubborn, log=tmp_path / "log")
    assert soon(lambda: child.tail() == "ready")
    child.stop(signal.SIGTERM, patience=0.2)
    assert child.process.returncode == -signal.SIGKILL


def test_manage_command_starts_and_stops_what_it_needs(tmp_path: Path) -> None:
    done = run("manage.py", "shell", "-v0", "-c", SHOW_USER, state_dir=tmp_path)
    assert (done.returncode, done.stdout) == (0, "upward_app\n"), done.stderr
    assert processes_naming(str(embedded.Engines(tmp_path).sockets)) == []
    embedded.remove(tmp_path)


def test_manage_command_uses_a_running_demo(engines: embedded.Engines) -> None:
    done = run("manage.py", "shell", "-v0", "-c", SHOW_USER, state_dir=engines.state_dir)
    assert (done.returncode, done.stdout) == (0, "upward_app\n"), done.stderr
    assert engines.dead() is None


SHOW_USER = (
    "from django.db import connection; c = connection.cursor(); "
    "c.execute('SELECT current_user'); print(c.fetchone()[0])"
)
