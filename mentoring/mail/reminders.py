"""Planning reminders: rules compute what is due, the outbox makes each at most once.

A rule looks at state, not at events, so a scheduler that was down for a day still finds everything; the
outbox's unique key (rule, object, due date, recipient) lets it run as often as it likes. One that was
dropped before it went out, late or no longer true, gives its key back and is made anew if it is still due.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation

from mentoring.batches import batches
from mentoring.mail.kinds import About
from mentoring.mail.outbox import Recipient, queue_messages, render_message
from mentoring.models import Organization, OutgoingMessage

MORNING = time(9)
EVENING = time(17)
BATCH = 500


@dataclass(frozen=True)
class Reminder:
    """One mail that is due. `object_key` and `due_on` are what it is about and for which day or month.
    A context that costs something (signed links) is a function, called only if the mail is new."""

    object_key: str
    due_on: date
    kind: str
    to: Recipient
    context: dict[str, Any] | Callable[[], dict[str, Any]] = field(default_factory=dict)
    reply_to: str = ""
    about: About = field(default_factory=dict)
    useful_until: datetime | None = None
    thread: str = ""
    sequence: int = 0
    at_once: bool = False


@dataclass(frozen=True)
class ReminderRule:
    """Computes what is due at `now`, from state and not from events, so that nothing is lost while the
    scheduler was down. `plan_reminders` makes each of them at most once."""

    key: str
    due: Callable[[Organization, datetime], Iterable[Reminder]]


# Every app appends its own in `AppConfig.ready()`.
reminder_rules: list[ReminderRule] = []


def reminder_key(rule: str, object_key: str, due_on: date, email: str) -> str:
    """The key that makes a reminder at most one mail; a rule may look up which of its own stand already."""
    return f"{rule}:{object_key}:{due_on}:{email}"


def working_moment(now: datetime, time_zone: str) -> datetime:
    """The next moment, in the recipient's time zone, between 9 and 17 o'clock on a Monday to Friday.

    Now, if it is one; else nine o'clock of the next working day. Computed on local clock time, so a
    change to or from summer time moves nothing.
    """
    zone = ZoneInfo(time_zone or "UTC")
    local = now.astimezone(zone)
    if local.weekday() < 5 and MORNING <= local.time() < EVENING:
        return now
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, zone)


def plan_reminders(organization: Organization, *, now: datetime) -> int:
    """Queue every reminder that is due and not queued yet; answers how many were new.

    Works in batches of 500: keys are looked up before anything is rendered, so that running it
    again for ten thousand pairs costs some queries and no templates.
    """
    return sum(
        _plan_batch(rule.key, batch, now)
        for rule in reminder_rules
        for batch in batches(rule.due(organization, now), BATCH)
    )


def _plan_batch(rule: str, batch: list[Reminder], now: datetime) -> int:
    keyed = {
        reminder_key(rule, item.object_key, item.due_on, item.to.email): item
        for item in batch
        if item.useful_until is None or item.useful_until > now
    }
    known = set(
        OutgoingMessage.objects.filter(idempotency_key__in=keyed).values_list("idempotency_key", flat=True)
    )
    new = [
        render_message(
            item.kind,
            to=item.to,
            context=_context(item),
            idempotency_key=key,
            reply_to=item.reply_to,
            send_after=now if item.at_once else working_moment(now, item.to.time_zone),
            about=item.about,
            useful_until=item.useful_until,
            thread=item.thread,
            sequence=item.sequence,
            in_working_hours=not item.at_once,
            rule=rule,
        )
        for key, item in keyed.items()
        if key not in known
    ]
    if new:
        queue_messages(new)
    return len(new)


def _context(item: Reminder) -> dict[str, Any]:
    if not callable(item.context):
        return item.context
    with translation.override(item.to.language):
        return item.context()
