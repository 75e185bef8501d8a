"""Mail servers on a local port that behave, or misbehave, as they are told, and keep what they got."""

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest


class Handler(socketserver.StreamRequestHandler):
    server: "MailServer"

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.server.connections += 1
        try:
            self._talk()
        except OSError:  # the client was killed, or has lost patience
            pass

    def _talk(self) -> None:
        if self.server.greeting is None:
            self.server.released.wait()
            return
        self.say(self.server.greeting)
        if not self.server.greeting.startswith("220"):
            return
        taken, address = 0, ""
        for raw in self.rfile:
            line = raw.decode().strip()
            verb = line[:4].upper()
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb in ("EHLO", "HELO"):
                self.say("250 ok")
                continue
            if verb == "MAIL" and taken == self.server.mails_per_connection:
                if self.server.says_421:
                    self.say("421 enough for one connection")
                return
            if verb == "MAIL":
                self.say(self.server.mail_answer)
            elif verb == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                if address in self.server.hang_up_at:
                    return
                self.server.recipients.append(address)
                answer = self.server.answers.get(address, "250 ok")
                self.say(answer)
                if self.server.closes_after_refusing and not answer.startswith("250"):
                    return
            elif verb == "DATA":
                self.say("354 go on")
                if not self._data(address):
                    return
                taken += 1
            else:
                self.say("250 ok")

    def _data(self, address: str) -> bool:
        body = b""
        while (raw := self.rfile.readline()) != b".\r\n":
            if not raw:
                return False
            body += raw[1:] if raw.startswith(b".") else raw
        if address in self.server.hang_at:
            self.server.released.wait()
            return False
        time.sleep(self.server.seconds_a_mail)
        message = message_from_bytes(body, policy=policy.default)
        assert isinstance(message, EmailMessage)
        with self.server.lock:
            if self.server.hang_up_after == len(self.server.received):
                return False
            self.server.received.append(message)
        self.server.after_taking(address)
        if address in self.server.drop_after_taking:
            self.server.drop_after_taking.discard(address)
            return False
        self.say("250 taken")
        return True


class MailServer(socketserver.ThreadingTCPServer):
    """`answers` are replies to RCPT by address; after `hang_up_after` mails the line goes dead, at the
    addresses of `hang_up_at` each time; those of `hang_at` wait for an answer for ever; mail to those of
    `drop_after_taking` is taken, once without saying so."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.greeting: str | None = "220 test"
        self.mail_answer = "250 ok"
        self.answers: dict[str, str] = {}
        self.received: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.connections = 0
        self.hang_up_after: int | None = None
        self.hang_up_at: set[str] = set()
        self.hang_at: set[str] = set()
        self.drop_after_taking: set[str] = set()
        self.mails_per_connection: int | None = None
        self.says_421 = True
        self.closes_after_refusing = False
        self.seconds_a_mail = 0.0
        self.after_taking: Callable[[str], None] = lambda address: None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A line that the other side cuts is nothing to report."""

    @property
    def addresses(self) -> list[str]:
        return sorted(str(message["To"]) for message in self.received)

    @property
    def message_ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.received]

    @property
    def port(self) -> int:
        port: int = self.server_address[1]
        return port


def serve(server: MailServer) -> None:
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    with MailServer() as server:
        serve(server)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        yield server
        server.released.set()
        server.shutdown()
