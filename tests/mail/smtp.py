"""A small mail server on a local port that answers as it is told and keeps what it got."""

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest


class Handler(socketserver.StreamRequestHandler):
    server: "MailServer"

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("220 test")
        for raw in self.rfile:
            line = raw.decode().strip()
            verb = line[:4].upper()
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                self.say(self.server.answers.get(address, "250 ok"))
            elif verb == "DATA":
                self.say("354 go on")
                if not self._data():
                    return
            else:
                self.say("250 ok")

    def _data(self) -> bool:
        body = b""
        while (raw := self.rfile.readline()) != b".\r\n":
            body += raw[1:] if raw.startswith(b".") else raw
        if self.server.hang_up_after == len(self.server.received):
            return False
        message = message_from_bytes(body, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.server.received.append(message)
        self.say("250 taken")
        return True


class MailServer(socketserver.ThreadingTCPServer):
    """`answers` are replies to RCPT by address; `hang_up_after` mails the line goes dead."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, str] = {}
        self.received: list[EmailMessage] = []
        self.hang_up_after: int | None = None

    @property
    def addresses(self) -> list[str]:
        return sorted(str(message["To"]) for message in self.received)


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        yield server
        server.shutdown()
