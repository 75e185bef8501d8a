"""Planning what is due to many pairs: the round in which each of them needs a reminder, and the next one, in
which nothing is new. Beat starts a round every ten minutes."""

from datetime import UTC, datetime

from benchmarks.dataset import fill
from benchmarks.harness import Row, clock, peak_megabytes, settle, statements
from mentoring.mail.reminders import plan_reminders
from mentoring.models import OutgoingMessage
from mentoring.tenancy.scoping import organization_scope

# Working hours in Oslo, Lagos and Pune; in Austin it is early morning, so those people's turn comes later.
NOW = datetime(2026, 11, 17, 11, tzinfo=UTC)


def run(size: int) -> list[Row]:
    filled = fill("reminders", people=2 * size + 1, rows=10, now=NOW, pairs=size, to_match=0)
    settle()
    rows = []
    for label in ("a reminder is due to every pair", "nothing new is due"):
        with (
            organization_scope(filled.organization),
            statements() as sent,
            clock() as seconds,
        ):
            planned = plan_reminders(filled.organization, now=NOW)
        settle()
        rows += [
            Row(f"{label}: {size:,} pairs", seconds[0], "s"),
            Row(f"{label}: mails written", planned, "mails"),
            Row(f"{label}: statements", sent[0], "SQL"),
        ]
    with organization_scope(filled.organization):
        assert OutgoingMessage.objects.exists()
    return [*rows, Row("peak memory", peak_megabytes(), "MB")]
