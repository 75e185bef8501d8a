"""A server process ends without losing a request, and one that hangs is replaced."""

import threading
from collections.abc import Callable
from pathlib import Path

from tests.running import soon
from tests.serving.conftest import Served
from tests.serving.talking import connect, head, read_to_end

Serve = Callable[..., Served]


def test_terminate_finishes_what_runs_and_what_arrives(serve: Serve, tmp_path: Path) -> None:
    server, begun, until = serve(), tmp_path / "begun", tmp_path / "until"
    with (
        connect(server.port, head("GET", f"/wait?begun={begun}&until={until}")) as running,
        connect(server.port, head("POST", "/count", Content_Length=3) + b"a") as arriving,
        connect(server.port) as idle,
    ):
        assert soon(begun.exists)
        codes: list[int] = []
        ending = threading.Thread(target=lambda: codes.append(server.stop()))
        ending.start()
        arriving.sendall(b"bc")
        assert read_to_end(arriving).endswith(b"3 of 3")
        assert read_to_end(idle) == b""
        until.touch()
        assert read_to_end(running).endswith(b"waited")
        ending.join()
    assert codes == [0]


def test_terminate_does_not_wait_for_who_holds_a_body(serve: Serve) -> None:
    server = serve()
    with connect(server.port, head("POST", "/count", Content_Length=3) + b"a"):
        assert server.stop() == 0


def test_process_is_replaced_after_its_share_of_requests(serve: Serve) -> None:
    server = serve(TEST_MAX_REQUESTS="20")
    processes = {server.ask("/pid") for _ in range(60)}
    assert len(processes) >= 3


def test_request_that_never_ends_costs_its_process_and_no_other_request(serve: Serve, tmp_path: Path) -> None:
    server = serve(TEST_RUN_SECONDS="1")
    before, begun = server.ask("/pid"), tmp_path / "begun"
    with connect(server.port, head("GET", f"/wait?begun={begun}&until={tmp_path / 'never'}")) as client:
        assert read_to_end(client) == b""
    assert soon(lambda: server.ask("/pid") != before)
    log = server.log.read_text()
    assert "A request ran for" in log
    assert "in do_wait" in log


def test_request_that_never_ends_is_seen_behind_others_of_its_connection(
    serve: Serve, tmp_path: Path
) -> None:
    server = serve(TEST_RUN_SECONDS="1")
    before, begun = server.ask("/pid"), tmp_path / "begun"
    endless = head("GET", f"/wait?begun={begun}&until={tmp_path / 'never'}")
    with connect(server.port, head("GET", "/pid") * 20 + endless) as client:
        assert read_to_end(client).count(b"200 OK") == 20
    assert soon(lambda: server.ask("/pid") != before)
