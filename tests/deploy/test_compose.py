"""The compose file and the image's recipe, read by the tools that will read them in earnest."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mentoring import embedded
from tests.running import ROOT

TOOLS = Path(sys.executable).parent
ROLES = ("upward_app", "upward_owner", "upward_system")


def compose(*arguments: str, env_file: str = "deploy/example.env") -> subprocess.CompletedProcess[str]:
    command = [str(TOOLS / "docker-compose"), "--env-file", env_file, "-f", "docker-compose.yml"]
    return subprocess.run(
        [*command, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    done = compose("config", "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["services"]
    return found


def test_services_are_all_there(services: dict[str, Any]) -> None:
    assert sorted(services) == ["beat", "db", "migrate", "proxy", "valkey", "web", "worker"]


def test_start_without_secrets_names_what_is_missing() -> None:
    done = compose("config", "-q", env_file="/dev/null")
    assert done.returncode != 0
    for name in ("SECRET_KEY", "BASE_URL", "POSTGRES_PASSWORD", "UPWARD_OWNER_PASSWORD"):
        assert f"required variable {name} is missing a value" in done.stderr


def test_only_migrate_may_own_the_tables(services: dict[str, Any]) -> None:
    holders = {
        name
        for name, service in services.items()
        if any("upward_owner:" in str(value) for value in service.get("environment", {}).values())
    }
    assert holders == {"migrate"}
    users = {
        services[name]["environment"]["DATABASE_URL"].split(":")[1] for name in ("web", "worker", "beat")
    }
    assert users == {"//upward_app"}


@pytest.mark.parametrize("name", ["web", "worker"])
def test_scaled_service_has_nothing_that_can_be_only_once(services: dict[str, Any], name: str) -> None:
    assert not {"ports", "container_name", "volumes"} & services[name].keys()
    assert services[name]["healthcheck"]["test"] == ["CMD", "deploy/entrypoint.sh", "health", name]


def test_only_the_proxy_is_open_to_the_world(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert list(services["db"]["networks"]) == list(services["valkey"]["networks"]) == ["inside"]


def test_every_service_but_the_one_shot_has_a_health_check(services: dict[str, Any]) -> None:
    without = [name for name, service in services.items() if not service["healthcheck"].get("test")]
    assert without == ["migrate"]


def test_roles_get_the_passwords_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ROLES:
        monkeypatch.setenv(f"{role.upper()}_PASSWORD", f'{role}\'s "secret"')
    with embedded.Engines(tmp_path, durable=False) as engines:
        superuser = engines.environment["DATABASE_URL"].replace("upward_app@", "postgres@")
        with psycopg.connect(superuser) as connection:
            named = connection.execute(
                "SELECT rolname FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256$%' ORDER BY rolname"
            )
            assert named.fetchall() == [(role,) for role in ROLES]
    embedded.remove(tmp_path)
