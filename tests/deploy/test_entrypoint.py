"""What the image runs, with production's settings and without Docker."""

import signal
from pathlib import Path

import psycopg
import pytest

from tests.deploy.conftest import Start, run
from tests.running import processes_naming, soon, status_of


@pytest.mark.usefixtures("migrated")
def test_migrate_makes_tables_that_belong_to_the_owner(settings: dict[str, str]) -> None:
    with psycopg.connect(settings["DATABASE_URL"]) as app:
        owners = app.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert owners.fetchall() == [("upward_owner",)]


@pytest.mark.usefixtures("migrated")
def test_web_answers_its_health_check_and_ends_on_sigterm(
    settings: dict[str, str], start: Start, tmp_path: Path
) -> None:
    assert run(settings, "health", "web").returncode == 1
    web, port = start("web"), int(settings["PORT"])
    assert soon(lambda: web.poll() is not None or status_of(port, "/healthz") == 200)
    assert web.poll() is None, (tmp_path / "log").read_text()
    assert status_of(port, "/readyz") == 200
    assert run(settings, "health", "web").returncode == 0
    web.send_signal(signal.SIGTERM)
    assert web.wait(20) == 0


@pytest.mark.usefixtures("migrated")
def test_worker_answers_its_health_check_and_ends_on_sigterm(
    settings: dict[str, str], start: Start, tmp_path: Path
) -> None:
    worker = start("worker")
    assert soon(lambda: worker.poll() is not None or b"ready." in (tmp_path / "log").read_bytes())
    assert worker.poll() is None, (tmp_path / "log").read_text()
    assert run(settings, "health", "worker").returncode == 0
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert processes_naming(str(tmp_path / "log")) == []


@pytest.mark.usefixtures("migrated")
def test_beat_writes_its_schedule_where_the_health_check_looks(
    settings: dict[str, str], start: Start, tmp_path: Path
) -> None:
    assert run(settings, "health", "beat").returncode == 1
    beat = start("beat")
    assert soon(lambda: beat.poll() is not None or run(settings, "health", "beat").returncode == 0)
    assert beat.poll() is None, (tmp_path / "log").read_text()
    beat.send_signal(signal.SIGTERM)
    assert beat.wait(20) == 0


def test_any_other_command_runs_as_it_stands(settings: dict[str, str]) -> None:
    done = run(settings, "python", "manage.py", "version")
    assert (done.returncode, done.stdout[:2]) == (0, "5.")


def test_production_without_a_key_refuses_to_start(settings: dict[str, str]) -> None:
    keyless = {name: value for name, value in settings.items() if name != "SECRET_KEY"}
    done = run(keyless, "python", "manage.py", "check")
    assert done.returncode == 1
    assert done.stderr.endswith("Set SECRET_KEY to a long random string.\n")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"SECRET_KEY": "replace-me-with-sixty-four-letters"}, "SECRET_KEY is still the example's."),
        ({"SECRET_KEY": "", "DEMO": "1", "BASE_URL": "https://x.example"}, "Set SECRET_KEY to a long"),
    ],
)
def test_keys_that_everybody_knows_are_refused(
    settings: dict[str, str], changed: dict[str, str], message: str
) -> None:
    """With the key, anybody makes links and sessions."""
    done = run(settings | changed, "python", "manage.py", "check")
    assert done.returncode
    assert message in done.stderr
