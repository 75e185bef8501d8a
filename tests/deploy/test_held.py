"""What a stranger can hold of the server that the image runs, by itself and behind the proxy."""

import contextlib
import http.client
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.conftest import Start
from tests.running import PATIENCE, ROOT, free_port, soon, status_of
from tests.serving.talking import connect, head, held

pytestmark = pytest.mark.usefixtures("migrated", "collected")
CADDY = Path(sys.executable).with_name("caddy")
LOGIN = "/accounts/login/"
IDLE_BODY = head("POST", LOGIN, Content_Length=1000) + b"x"
LARGE_BODY = head("POST", LOGIN, Content_Length=1_000_000) + b"x" * 300_000


@pytest.fixture
def web(settings: dict[str, str], start: Start, tmp_path: Path) -> Iterator[int]:
    process, port = start("web"), int(settings["PORT"])
    assert soon(lambda: process.poll() is not None or status_of(port, "/healthz") == 200)
    assert process.poll() is None, (tmp_path / "log").read_text()
    yield port
    process.terminate()  # killed, it would leave a process behind that still listens for a moment
    process.wait(PATIENCE)


@pytest.fixture
def proxy(web: int, tmp_path: Path) -> Iterator[int]:
    """Caddy as the image has it, but for the address of the web server."""
    port, config = free_port(), tmp_path / "Caddyfile"
    text = (ROOT / "deploy" / "proxy" / "Caddyfile").read_text()
    begin, end = text.index("dynamic a web 8000"), text.index("lb_policy")
    text = text[:begin] + f"to 127.0.0.1:{web}\n" + text[end:]
    config.write_text(text.replace("{\n", "{\nadmin off\n", 1))
    environment = {"SITE_ADDRESS": f"http://:{port}", "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    command = [str(CADDY), "run", "--adapter", "caddyfile", "--config", str(config)]
    with (tmp_path / "caddy.log").open("wb") as log:
        caddy = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        assert soon(lambda: caddy.poll() is not None or statuses(port, web, "/healthz") == [200])
        assert caddy.poll() is None, (tmp_path / "caddy.log").read_text()
        yield port
    finally:
        caddy.kill()
        caddy.wait()


def statuses(port: int, web: int, *paths: str) -> list[int]:
    """What a visitor gets who names the site by the web server's own address."""
    found = []
    for path in paths:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", path, headers={"Host": f"127.0.0.1:{web}"})
            found.append(connection.getresponse().status)
    return found


def test_held_bodies_and_idle_sockets_stop_no_page(web: int) -> None:
    with held(web, IDLE_BODY, 40), held(web, b"", 100):
        assert statuses(web, web, "/healthz", "/readyz", LOGIN, "/") == [200] * 4


def test_held_bodies_and_idle_sockets_stop_no_page_behind_the_proxy(proxy: int, web: int) -> None:
    with held(proxy, IDLE_BODY, 16), held(proxy, LARGE_BODY, 16), held(proxy, b"", 100):
        assert statuses(proxy, web, "/healthz", "/readyz", LOGIN, "/") == [200] * 4


def test_uploads_that_break_off_close_the_site_for_nobody(proxy: int, web: int) -> None:
    for _ in range(8):
        connect(proxy, LARGE_BODY).close()
        assert statuses(proxy, web, "/healthz", LOGIN) == [200, 200]


def test_upload_far_over_the_limit_is_read_past(web: int) -> None:
    """Without a session it ends at the form's token, which is asked for when all has arrived."""
    connection = http.client.HTTPConnection("127.0.0.1", web, timeout=PATIENCE)
    with contextlib.closing(connection):
        form = {"Content-Type": "multipart/form-data; boundary=line"}
        connection.request("POST", LOGIN, body=b"-" * 200 * 1024 * 1024, headers=form)
        assert connection.getresponse().status == 403
