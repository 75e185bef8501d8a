"""What a stranger can hold: nothing that others need, and not for long."""

import json
import random
import select
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import PATIENCE, soon
from tests.serving.conftest import UPLOAD_LIMIT, Served
from tests.serving.talking import ask, connect, drip, head, held, read_to_end, status

BODY = head("POST", "/count", Content_Length=5000) + b"x"


def test_held_bodies_heads_and_sockets_stop_nobody(served: Served) -> None:
    with held(served.port, BODY, 20), held(served.port, b"GET / HT", 15), held(served.port, b"", 15):
        assert served.ask("/count", method="POST", body=b"abc") == "3 of 3"


@pytest.mark.parametrize(
    ("sent", "answer"),
    [(BODY, 408), (b"POST /count HTTP/1.1\r\nHost: 127", 408), (b"", 0)],
    ids=["body", "head", "nothing"],
)
def test_who_stops_sending_is_let_go(served: Served, sent: bytes, answer: int) -> None:
    with connect(served.port, sent) as client:
        assert status(read_to_end(client)) == answer


def test_body_that_drips_is_ended(served: Served) -> None:
    with connect(served.port, head("POST", "/count", Content_Length=5000)) as client:
        drip(client, b"x" * 400, size=1, pause=0.05)
        assert status(read_to_end(client)) in {0, 408}  # what is sent after the answer may take it away


def test_body_that_moves_may_take_longer_than_any_pause(served: Served) -> None:
    with connect(served.port, head("POST", "/count", Content_Length=60_000, Connection="close")) as client:
        drip(client, b"x" * 60_000, size=2_000, pause=0.1)
        assert read_to_end(client).endswith(b"60000 of 60000")


def test_idle_connection_after_an_answer_is_closed(served: Served) -> None:
    with connect(served.port, head("GET", "/healthz")) as client:
        assert read_to_end(client).endswith(b"\r\n\r\nok")


def test_who_does_not_read_holds_no_thread_and_is_let_go(served: Served) -> None:
    """Fifty times as much as fits into the socket's buffers, and more of them than threads."""
    size = 8_000_000
    with held(served.port, head("GET", f"/big?size={size}", Connection="close"), 6) as readers:
        assert served.ask("/count", method="POST", body=b"abc") == "3 of 3"
        assert len(served.ask(f"/big?size={size}")) == size
        assert soon(lambda: "response" not in phases(served))
        assert [len(read_to_end(reader)) < size for reader in readers] == [True] * 6


def phases(served: Served) -> str:
    """Connections of the server that still have something to send, by the kernel's table."""
    waiting = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, queues, *_ = line.split()
        if local.endswith(f":{served.port:04X}") and state == "01" and int(queues.split(":")[0], 16):
            waiting.append("response")
    return " ".join(waiting)


def test_head_that_is_too_large_is_refused(served: Served) -> None:
    with connect(served.port, head("GET", "/healthz", X="x" * 40_000)) as client:
        assert status(read_to_end(client)) in {0, 431}


def test_body_without_a_length_is_refused(served: Served) -> None:
    sent = head("POST", "/count", Transfer_Encoding="chunked") + b"3\r\nabc\r\n0\r\n\r\n"
    with connect(served.port, sent) as client:
        assert status(read_to_end(client)) == 411


def test_body_over_the_limit_is_read_past_and_only_its_beginning_kept(served: Served) -> None:
    size = 3 * UPLOAD_LIMIT
    assert served.ask("/count", method="POST", body=b"x" * size) == f"65536 of {size}"


def test_body_far_over_the_limit_is_refused_at_once(served: Served) -> None:
    with connect(served.port, head("POST", "/count", Content_Length=10**12)) as client:
        assert status(read_to_end(client)) == 413


def test_uploads_that_wait_together_have_a_limit(served: Served) -> None:
    """Of three, one comes over the limit (or two at a time) and is refused at once; the others are slow."""
    sent = head("POST", "/count", Content_Length=UPLOAD_LIMIT) + b"x" * (UPLOAD_LIMIT - 1)
    with held(served.port, b"", 3) as clients:
        for client in clients:
            drip(client, sent, size=len(sent), pause=0)
        assert [status(read_to_end(client)) for client in clients].count(408) < 3
    whole = b"x" * UPLOAD_LIMIT
    assert served.ask("/count", method="POST", body=whole) == f"{UPLOAD_LIMIT} of {UPLOAD_LIMIT}"


def test_more_connections_than_allowed_cost_the_oldest_idle_one(served: Served) -> None:
    with held(served.port, b"", 61) as clients:
        assert served.ask("/healthz") == "ok"
        assert clients[0].recv(1) == b""


def test_health_answers_while_every_thread_is_at_work(served: Served, tmp_path: Path) -> None:
    until = tmp_path / "until"
    requests = [head("GET", f"/wait?begun={tmp_path / str(number)}&until={until}") for number in range(2)]
    with held(served.port, requests[0], 1), held(served.port, requests[1], 1):
        assert soon(lambda: len(list(tmp_path.iterdir())) == 2)
        assert served.ask("/healthz") == "ok"
        until.touch()


def test_request_whose_client_has_left_is_not_begun(served: Served, tmp_path: Path) -> None:
    until, written = tmp_path / "until", tmp_path / "written"
    begun = [tmp_path / "first", tmp_path / "second"]
    requests = [head("GET", f"/wait?begun={path}&until={until}") for path in begun]
    with held(served.port, requests[0], 1), held(served.port, requests[1], 1):
        assert soon(lambda: all(path.exists() for path in begun))
        connect(served.port, head("GET", f"/write?path={written}")).close()
        served.ask("/healthz")  # then the server has looked at what came before
        until.touch()
        assert served.ask(f"/write?path={tmp_path / 'later'}") == "written"
    assert not written.exists()


def test_who_comes_while_others_are_let_go_is_answered(served: Served) -> None:
    """A new connection gets the number of one that was closed a moment before, and nothing else of it."""
    for _ in range(2):
        with held(served.port, b"", 50) as idle:
            select.select(idle, [], [], PATIENCE)
            answers = [served.ask("/count", method="POST", body=b"abc") for _ in range(20)]
            assert answers == ["3 of 3"] * 20


def is_over(client: socket.socket) -> bool:
    return bool(select.select([client], [], [], 0)[0])


def test_empty_lines_keep_no_connection(served: Served) -> None:
    with connect(served.port) as client:

        def is_over_in_spite_of(lines: int) -> bool:
            drip(client, b"\r\n" * lines, size=2, pause=0.01)
            return is_over(client)

        assert soon(lambda: is_over_in_spite_of(random.choice([1, 2])))


def test_length_of_more_digits_than_a_number_has(served: Served) -> None:
    with connect(served.port, head("POST", "/count", Content_Length="9" * 5000)) as client:
        assert status(read_to_end(client)) == 400


def test_context_of_a_request_ends_with_it(served: Served) -> None:
    assert [served.ask("/context") for _ in range(4)] == [""] * 4


def test_answer_to_head_has_no_body_and_keeps_the_connection(served: Served) -> None:
    with connect(served.port, head("HEAD", "/big?size=1000") + head("GET", "/healthz")) as client:
        answers = read_to_end(client)
    assert (answers.count(b"HTTP/1.1 200 OK"), answers.count(b"xxx")) == (2, 0)
    assert b"Content-Length: 1000\r\n" in answers


CLAIMED: dict[str, Any] = {
    "X_Forwarded_For": "203.0.113.7",
    "X_Forwarded_Proto": "https",
    "Forwarded": "for=203.0.113.7",
}


def test_origin_is_believed_only_behind_a_proxy(served: Served, serve: Callable[..., Served]) -> None:
    alone, behind = (
        json.loads(ask(each.port, "/origin", **CLAIMED)) for each in (served, serve(TRUST_PROXY="1"))
    )
    nobody = {"HTTP_X_FORWARDED_FOR": None, "HTTP_X_FORWARDED_PROTO": None, "HTTP_FORWARDED": None}
    said = {"HTTP_X_FORWARDED_FOR": "203.0.113.7", "HTTP_X_FORWARDED_PROTO": "https"}
    here = {"REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http"}
    assert alone == here | nobody
    assert behind == here | said | {"HTTP_FORWARDED": "for=203.0.113.7"}
