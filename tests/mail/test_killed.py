"""Workers killed (SIGKILL) while mail servers misbehave: nothing lost, nothing doubled, nothing untrue.

A child is forked for each, from a process that has loaded everything. With UPWARD_FULL=1 it is 100 rounds.
"""

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import icalendar
import pytest
from django.db import connection
from django.utils import timezone

from mentoring.enums import MessageStatus
from mentoring.mail.delivery import sweep_mail
from mentoring.models import MailServer as ServerState
from mentoring.models import OutgoingMessage
from sessions.actions.meetings import cancel_meeting, move_meeting, plan_meeting
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from tests.cast import Cast, make_cast
from tests.mail.sending import queue
from tests.mail.smtp import MailServer, serve
from tests.running import PATIENCE, soon

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 100 if os.environ.get("UPWARD_FULL") else 8
FORKING = """
import os, sys
from datetime import datetime
import django
django.setup()
from django.conf import settings
from mentoring.mail.delivery import Sender

print("ready", flush=True)
for line in sys.stdin:
    organization, port, now = line.split()
    child = os.fork()
    if not child:
        settings.EMAIL_PORT = int(port)
        Sender(int(organization)).send_all(lambda: datetime.fromisoformat(now))
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
BEHAVIOURS = (
    "well",
    "refuses",
    "closes at once",
    "hangs",
    "takes half",
    "drops after accepting",
    "hangs up",
    "five a connection",
    "slow",
)


class Workers:
    """Starts workers one after the other; `pid` is that of the running one."""

    def __init__(self, process: Any) -> None:
        self.process = process
        self.pid = 0

    def run(self, organization_id: int, port: int, now: datetime, kill_after: float | None = None) -> int:
        """Its exit code. `kill_after`: seconds after which it is killed, if it still runs."""
        self.process.stdin.write(f"{organization_id} {port} {now.isoformat()}\n")
        self.process.stdin.flush()
        self.pid = int(self.process.stdout.readline())
        timer = threading.Timer(kill_after, self.kill) if kill_after is not None else None
        if timer:
            timer.start()
        code = int(self.process.stdout.readline())
        self.pid = 0
        if timer:
            timer.cancel()
            timer.join()
        return code

    def kill(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)


@pytest.fixture
def workers(django_db_setup: Any) -> Iterator[Workers]:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = os.environ | {
        "DATABASE_URL": url.geturl(),
        "DJANGO_SETTINGS_MODULE": "mentoring.settings",
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "LOG_LEVEL": "CRITICAL",
    }
    code = FORKING.replace("django.setup()", "django.setup()\nfrom django.conf import settings\n", 1)
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        cwd=ROOT,
        text=True,
    ) as parent:
        assert parent.stdin
        assert parent.stdout
        assert parent.stdout.readline() == "ready\n"
        yield Workers(parent)
        parent.stdin.close()


def misbehave(server: MailServer, behaviour: str, waiting: list[str], chance: random.Random) -> None:
    some = set(chance.sample(waiting, len(waiting) // 2))
    if behaviour == "closes at once":
        server.greeting = "421 not now"
    elif behaviour == "hangs":
        server.hang_at = set(chance.sample(waiting, min(len(waiting), 1)))
    elif behaviour == "takes half":
        server.answers = dict.fromkeys(some, "451 later")
    elif behaviour == "drops after accepting":
        server.drop_after_taking = set(chance.sample(waiting, min(len(waiting), 2)))
    elif behaviour == "hangs up":
        server.hang_up_at = set(chance.sample(waiting, min(len(waiting), 1)))
    elif behaviour == "five a connection":
        server.mails_per_connection, server.says_421 = 5, chance.random() < 0.5
    elif behaviour == "slow":
        server.seconds_a_mail = 0.05


def behave(server: MailServer) -> None:
    server.released.set()
    server.released = threading.Event()
    server.greeting, server.answers, server.mails_per_connection = "220 test", {}, None
    server.hang_at, server.hang_up_at, server.drop_after_taking = set(), set(), set()
    server.seconds_a_mail, server.after_taking = 0.0, lambda address: None


def change_something(cast: Cast, now: datetime, chance: random.Random) -> None:
    """The two plan a meeting, move one, or cancel one; each is two mails with a calendar entry."""
    with cast.scope():
        ahead = list(Meeting.objects.filter(status=MeetingStatus.PLANNED).order_by("pk"))
        by: dict[str, Any] = {"participant": chance.choice([cast.mentor, cast.mentee]), "by": cast.by}
        when = {"starts_at": now + timedelta(days=30, hours=Meeting.objects.count() * 9 + 1), "minutes": 45}
        if not ahead or chance.random() < 0.3:
            plan_meeting(pair=cast.pair, now=now, **when, **by)
        elif chance.random() < 0.6:
            meeting = chance.choice(ahead)
            move_meeting(
                meeting=meeting, starts_at=meeting.starts_at + timedelta(minutes=1), minutes=45, now=now, **by
            )
        else:
            cancel_meeting(meeting=chance.choice(ahead), now=now, **by)


def sweep(cast: Cast, now: datetime) -> None:
    """Until nothing is `sending`: PostgreSQL frees a dead worker's lock when it notices that it is gone."""

    def swept() -> bool:
        sweep_mail(cast.organization.pk, now=now)
        with cast.scope():
            return not OutgoingMessage.objects.filter(status=MessageStatus.SENDING).exists()

    assert soon(swept, PATIENCE)


def first_arrivals(server: MailServer) -> list[Any]:
    """As a mail program shows them: what comes again with the same Message-ID is one mail."""
    seen: set[str] = set()
    return [
        message
        for message in server.received
        if message["Message-ID"] not in seen and not seen.add(message["Message-ID"])  # type: ignore[func-returns-value]
    ]


def calendars(messages: list[Any]) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """By address and UID: (method, sequence) in the order of their arrival."""
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for message in messages:
        entry = next((part for part in message.walk() if part.get_content_type() == "text/calendar"), None)
        if entry is not None:
            calendar = icalendar.Calendar.from_ical(entry.get_content())
            event = calendar.walk("VEVENT")[0]
            key = (message["To"].addresses[0].addr_spec, str(event["UID"]))
            found.setdefault(key, []).append((str(calendar["METHOD"]), int(event["SEQUENCE"])))
    return found


@pytest.mark.django_db(transaction=True)
def test_killed_again_and_again_with_servers_that_misbehave(
    workers: Workers, sent_tasks: Any, settings: Any
) -> None:
    chance = random.Random(20261130)
    cast, now = make_cast("northwind", "Northwind"), timezone.now()
    with cast.scope():
        cast.cohort.ends_on = (now + timedelta(days=900)).date()
        cast.cohort.save()
    kills, ambiguous, plain = 0, 0, 0
    with MailServer() as server:
        serve(server)
        for number in range(ROUNDS):
            now += timedelta(minutes=30)
            for _mail in range(chance.randint(2, 8)):
                queue(cast, f"p{plain:04}@x.example", send_after=now)
                plain += 1
            for _change in range(chance.randint(0, 2)):
                change_something(cast, now, chance)
            with cast.scope():
                queued = OutgoingMessage.objects.filter(status=MessageStatus.QUEUED)
                waiting = sorted(set(queued.values_list("to_email", flat=True)))
            behaviour = BEHAVIOURS[number % len(BEHAVIOURS)]
            misbehave(server, behaviour, waiting, chance)
            ambiguous += len(server.drop_after_taking)
            mails_until_kill = [chance.randint(1, 6)]
            # Between "taken" and the mark is the worst moment: every third is killed there, by the server.
            if number % 3 == 0:

                def kill_there(address: str, left: list[int] = mails_until_kill) -> None:
                    left[0] -= 1
                    if not left[0]:
                        workers.kill()

                server.after_taking = kill_there
            port = server.port if behaviour != "refuses" else 1
            code = workers.run(cast.organization.pk, port, now, kill_after=chance.uniform(0.02, 0.6))
            kills += code == -signal.SIGKILL
            assert code in (0, -signal.SIGKILL), behaviour
            behave(server)
            sweep(cast, now + timedelta(minutes=5))
        while True:
            with cast.scope():
                left = OutgoingMessage.objects.filter(status=MessageStatus.QUEUED).count()
            if not left:
                break
            now += timedelta(hours=1)
            assert workers.run(cast.organization.pk, server.port, now) == 0
        server.shutdown()
    check_outcome(cast, server, kills, ambiguous)
    print(
        f"\n{ROUNDS} rounds, {kills} killed, {plain} plain mails, {len(server.received)} taken, "
        f"{len(server.received) - len(set(server.message_ids))} of them again"
    )


def check_outcome(cast: Cast, server: MailServer, kills: int, ambiguous: int) -> None:
    with cast.scope():
        rows = list(OutgoingMessage.objects.order_by("pk"))
        meetings = {f"{meeting.uid}@localhost": meeting for meeting in Meeting.objects.all()}
    assert kills >= ROUNDS // 4
    assert {row.status for row in rows} <= {MessageStatus.SENT, MessageStatus.DROPPED}
    taken = Counter(server.message_ids)
    # Nothing lost, nothing that nobody queued: a mail whose place a newer one took may have arrived before.
    assert {row.message_id for row in rows if row.status == MessageStatus.SENT} <= set(taken)
    assert set(taken) <= {row.message_id for row in rows}
    plain = [row for row in rows if row.kind == "invite_member"]
    assert {row.status for row in plain} == {MessageStatus.SENT}
    # Doubled only where nobody can know: a worker that died, or a line that was cut, after "taken".
    again = sum(number - 1 for number in taken.values())
    assert again <= kills + ambiguous
    # In each calendar sequences rise, and the last word is how the meeting stands.
    entries = calendars(first_arrivals(server))
    for (_address, uid), told in entries.items():
        assert [sequence for _method, sequence in told] == sorted({sequence for _method, sequence in told})
        methods = [method for method, _sequence in told]
        assert "CANCEL" not in methods[:-1]
        cancelled = meetings[uid].status == MeetingStatus.CANCELLED
        assert told[-1] == ("CANCEL" if cancelled else "REQUEST", meetings[uid].sequence)
    assert {uid for _address, uid in entries} == set(meetings)
    assert len(entries) == 2 * len(meetings)
    assert ServerState.objects.get().failures == 0
