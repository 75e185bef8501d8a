"""What the image runs, with production's settings and without Docker."""

import signal
from pathlib import Path

import psycopg
import pytest

from tests.deploy.conftest import Start, run
from tests.running import ROOT, processes_naming, soon, status_of


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


def test_health_asks_no_database_and_a_page_waits_for_it_so_long_at_most(settings: dict[str, str]) -> None:
    """The web server's own settings, without the web server: gunicorn's file is read as gunicorn reads it."""
    script = """
import runpy
runpy.run_path("deploy/gunicorn.py")
import django
django.setup()
from django.db import connection
from django.test import Client
from django.conf import settings
ours = Client(headers={"host": settings.BASE_URL.partition("//")[2]})
print(ours.get("/healthz").status_code, connection.connection)
with connection.cursor() as cursor:
    cursor.execute("SHOW statement_timeout")
    print(cursor.fetchone()[0])
"""
    with_django = settings | {"DJANGO_SETTINGS_MODULE": "mentoring.settings", "PYTHONPATH": str(ROOT)}
    done = run(with_django, "python", "-c", script)
    assert (done.stdout.splitlines(), done.returncode) == (["200 None", "30s"], 0), done.stderr
