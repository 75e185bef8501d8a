"""Sending what stands in the outbox, one mail at a time.

A worker takes PostgreSQL's advisory lock on a row, looks once more at whether the mail is still true, hands
it over and marks it. The lock dies with the worker: only a row that nobody holds goes back in line. So a mail
is sent at least once, with the same Message-ID each time.

Only an answer about this very mail costs it an attempt. A mail at which the connection breaks goes last,
while the others go on over a new one; it is given up if it keeps breaking while others pass.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q

from mentoring.enums import MessageReason, MessageStatus, PersonStatus
from mentoring.jobs import advisory_lock
from mentoring.mail.kinds import mail_kinds
from mentoring.mail.outbox import as_email, emptied
from mentoring.mail.reminders import working_moment
from mentoring.mail.server import mail_server, may_try, server_failed, server_worked, stop_trying
from mentoring.mail.smtp import Broke, Connection, PutOff, Refused, ServerDown
from mentoring.models import AccountMessage, OutgoingMessage, Person
from mentoring.rules import normalize_email
from mentoring.tenancy.scoping import organization_scope

log = structlog.get_logger(__name__)

STUCK_AFTER = timedelta(minutes=2)
CANDIDATES = 20
# Of a mail that the server puts off: four and a half days, longer than any week-end.
RETRY_MINUTES = (1, 5, 15, 60, 240, *(720,) * 9)
# Of a mail at which the connection breaks: so often while others pass, or so often in all (a week).
PROVEN_BREAKS, BREAKS_AT_MOST = 3, 45
BREAK_MINUTES, BREAK_MINUTES_AT_MOST = 5, 240
FAULTY_AFTER = 2  # mails in a row at which the connection broke: it is the server
TELL_EVERY = timedelta(seconds=1)
RENEWED = ("subject", "text", "html", "about", "useful_until")
RECONNECT_SECONDS = (0, 1, 5, 15)


class Sender:
    """Sends the due mail of one organization (None: of the accounts)."""

    def __init__(self, organization_id: int | None) -> None:
        self.organization_id = organization_id
        self.model: Any = AccountMessage if organization_id is None else OutgoingMessage
        self.connection = Connection()
        self.candidates: list[int] = []
        self.probing = False
        self.broken: list[int] = []  # since a mail passed
        self.told_at: datetime | None = None

    def scope(self) -> AbstractContextManager[None]:
        if self.organization_id is None:
            return transaction.atomic()
        return organization_scope(self.organization_id)

    def send_all(self, now: Callable[[], datetime]) -> None:
        try:
            while self.send_next(now=now()):
                pass
        finally:
            self.connection.close()
            if self.probing:
                stop_trying(now())

    def send_next(self, *, now: datetime) -> bool:
        """Send or drop one mail that is due. False: there is none, or the server takes none at present."""
        if not self.candidates:
            with self.scope():
                due = self._due(now).order_by("send_after", "pk").values_list("pk", flat=True)
                self.candidates = list(due[:CANDIDATES])
        if not self.candidates or not self._connected(now):
            return False
        while self.candidates:
            pk = self.candidates.pop(0)
            with advisory_lock(self.model, pk) as held:
                if held:
                    row = self._claim(pk, now)
                    return row is None or self._send(row, now)
        return False  # other workers have all of them

    def _due(self, now: datetime) -> Any:
        """In line, and no other mail about the same is on its way."""
        on_its_way = self.model.objects.filter(thread=OuterRef("thread"), status=MessageStatus.SENDING)
        due = self.model.objects.filter(status=MessageStatus.QUEUED, send_after__lte=now)
        return due.filter(Q(thread="") | ~Exists(on_its_way))

    def _connected(self, now: datetime) -> bool:
        if self.connection.is_open:
            return True
        if not self.probing and not self.broken:
            down_since = mail_server().down_since
            if not may_try(now):
                return False
            self.probing = down_since is not None
        try:
            self.connection.open()
        except ServerDown as error:
            self._server_failed(error, now)
            return False
        return True

    def _claim(self, pk: int, now: datetime) -> Any:
        """The row, ready to be sent; None where it was dropped, put off, or taken by another worker."""
        with self.scope():
            row = self._due(now).select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
            if row is None or (row.thread and not self._comes_next(row)):
                return None
            try:
                with transaction.atomic():
                    ready = self._prepare(row, now)
            except Exception as error:  # a check of ours: this mail waits, the others go on
                log.exception("mail could not be checked", message=row.pk, kind=row.kind)
                self._put_off(row, error, now, MessageReason.OUR_FAULT)
                return None
            if not ready:
                return None
            row.status, row.claimed_at = MessageStatus.SENDING, now
            row.save(update_fields=["status", "claimed_at"])
        return row

    def _prepare(self, row: Any, now: datetime) -> bool:
        """Whether it is still true, of use, and the right hour; drops it or puts it off where not."""
        moment = working_moment(now, row.working_zone) if row.working_zone else now
        in_time = row.useful_until is None or moment < row.useful_until
        if reason := self._reason_against(row, in_time, now):
            self._drop(row, reason)
            return False
        if moment > now and in_time:
            row.send_after = moment
            row.save(update_fields=["send_after"])
            return False
        return True

    def _comes_next(self, row: Any) -> bool:
        """Of one thread the newest mail counts: it takes the place of those that wait."""
        same = self.model.objects.filter(thread=row.thread).exclude(pk=row.pk)
        if same.filter(Q(sequence__gt=row.sequence) | Q(sequence=row.sequence, pk__gt=row.pk)).exists():
            self._drop(row, MessageReason.REPLACED)
            return False
        same.filter(status=MessageStatus.QUEUED).update(
            status=MessageStatus.DROPPED, reason=MessageReason.REPLACED
        )
        return not same.filter(status=MessageStatus.SENDING).exists()

    def _reason_against(self, row: Any, in_time: bool, now: datetime) -> MessageReason | None:
        """Why this mail must not go out any more. `in_time`: it is of use in the next working hours, too; if
        not, a reminder's rule finds other words for them, and any other mail goes out now."""
        if (row.useful_until and row.useful_until <= now) or (row.rule and not in_time):
            return MessageReason.LATE
        if reason := _about_person(row):
            return reason
        kind = mail_kinds.get(row.kind)
        if kind is None or kind.check is None or not row.about:
            return None
        verdict = kind.check(row.about, now)
        if isinstance(verdict, OutgoingMessage):
            for field in RENEWED:
                setattr(row, field, getattr(verdict, field))
            row.save(update_fields=RENEWED)
            return None
        return verdict

    def _drop(self, row: Any, reason: MessageReason) -> None:
        """A reminder gives its key back: if it is still due, its rule makes it anew in the words of then."""
        row.status, row.reason = MessageStatus.DROPPED, reason
        changed = ["status", "reason"]
        if row.rule and reason != MessageReason.REPLACED:
            row.idempotency_key = f"{row.pk}:{row.idempotency_key}"[:200]
            changed.append("idempotency_key")
        for field, empty in emptied(row, row.status).items():
            setattr(row, field, empty)
            changed.append(field)
        row.save(update_fields=changed)
        log.info("mail dropped", message=row.pk, kind=row.kind, reason=reason)

    def _send(self, row: Any, now: datetime) -> bool:
        try:
            self._hand_over(row)
        except ServerDown as error:
            self._mark(row, status=MessageStatus.QUEUED, error=str(error)[:500])
            self._server_failed(error, now)
            return False
        except Broke as error:
            self._put_aside(row, error, now)
            self.broken.append(row.pk)
            self.told_at = None
            if len(set(self.broken)) < FAULTY_AFTER:
                return True
            self._server_failed(error, now)
            return False
        except PutOff as error:
            self._put_off(row, error, now)
        except Refused as error:
            self._give_up(row, error, error.reason)
        except Exception as error:  # ours: this mail waits, the others go on over a new connection
            log.exception("mail could not be made", message=row.pk, kind=row.kind)
            self.connection.close()
            self._put_off(row, error, now, MessageReason.OUR_FAULT)
            return True
        else:
            self._mark(row, status=MessageStatus.SENT, sent_at=now, error="", reason="")
        self._server_worked(now)
        return True

    def _hand_over(self, row: Any) -> None:
        """Some servers answer a few mails over one connection, or refuse one, and then close it: that is not
        the fault of the next mail."""
        used = self.connection.answered
        try:
            self.connection.send(lambda backend: as_email(row, backend))
        except Broke as error:
            if not used or error.handed_over:
                raise
            self.connection.open()
            self.connection.send(lambda backend: as_email(row, backend))

    def _put_aside(self, row: Any, error: Exception, now: datetime) -> None:
        worked_at = mail_server().worked_at
        others_passed = bool(row.broke_at and worked_at and worked_at > row.broke_at)
        attempts, breaks = row.attempts + others_passed, row.breaks + 1
        if attempts >= PROVEN_BREAKS or breaks >= BREAKS_AT_MOST:
            self._give_up(row, error, MessageReason.BREAKS, attempts=attempts, breaks=breaks)
            return
        wait = min(BREAK_MINUTES * 2 ** (breaks - 1), BREAK_MINUTES_AT_MOST)
        self._mark(
            row,
            status=MessageStatus.QUEUED,
            send_after=now + timedelta(minutes=wait),
            attempts=attempts,
            breaks=breaks,
            broke_at=now,
            error=str(error)[:500],
        )

    def _put_off(
        self, row: Any, error: Exception, now: datetime, reason: MessageReason = MessageReason.PUT_OFF
    ) -> None:
        attempts = row.attempts + 1
        if attempts > len(RETRY_MINUTES):
            self._give_up(row, error, reason, attempts=attempts)
            return
        send_after = now + timedelta(minutes=RETRY_MINUTES[attempts - 1])
        self._mark(
            row, status=MessageStatus.QUEUED, send_after=send_after, attempts=attempts, error=str(error)[:500]
        )

    def _give_up(self, row: Any, error: Exception, reason: MessageReason, **counts: int) -> None:
        log.error("mail failed for good", message=row.pk, kind=row.kind, reason=reason)
        counts = counts or {"attempts": row.attempts + 1}
        self._mark(row, status=MessageStatus.FAILED, reason=reason, error=str(error)[:500], **counts)

    def _mark(self, row: Any, **fields: Any) -> None:
        """Also over a new connection, if the database went away while the mail server had the mail."""
        for seconds in RECONNECT_SECONDS:
            time.sleep(seconds)
            try:
                with self.scope():
                    mine = self.model.objects.filter(pk=row.pk, status=row.status)
                    mine.update(claimed_at=None, **fields, **emptied(row, fields["status"]))
            except (OperationalError, InterfaceError):
                if seconds == RECONNECT_SECONDS[-1] or connection.in_atomic_block:
                    raise
                connection.close()
            else:
                return

    def _server_failed(self, error: Exception, now: datetime) -> None:
        self.connection.close()
        server_failed(str(error), now, probing=self.probing)
        self.probing = False

    def _server_worked(self, now: datetime) -> None:
        self.broken.clear()
        if self.probing or self.told_at is None or now - self.told_at >= TELL_EVERY:
            server_worked(now)
            self.probing, self.told_at = False, now


def _about_person(row: Any) -> MessageReason | None:
    """Nothing goes to somebody who has left, but what takes a meeting out of the calendar; and nothing to an
    address that is no longer theirs. Its links were made for that one: only calendar entries move along."""
    person = Person.objects.filter(pk=row.person_id).first() if getattr(row, "person_id", None) else None
    if person is None:
        return None
    if person.status == PersonStatus.LEFT and row.calendar_method != "CANCEL":
        return MessageReason.LEFT
    if normalize_email(person.email) != normalize_email(row.to_email):
        if not person.email or not row.calendar:
            return MessageReason.READDRESSED
        row.to_email = person.email
        row.save(update_fields=["to_email"])
    return None


def sweep_mail(organization_id: int | None, *, now: datetime) -> int:
    """Return rows whose worker died between claiming and marking; answers how many."""
    sender = Sender(organization_id)
    with sender.scope():
        stuck = sender.model.objects.filter(status=MessageStatus.SENDING, claimed_at__lt=now - STUCK_AFTER)
        rows = list(stuck.values_list("pk", flat=True))
    swept = 0
    for pk in rows:
        with advisory_lock(sender.model, pk) as free, sender.scope():
            if free:
                left = sender.model.objects.filter(pk=pk, status=MessageStatus.SENDING)
                swept += left.update(status=MessageStatus.QUEUED, claimed_at=None)
    return swept


def has_due(organization_id: int | None, *, now: datetime) -> bool:
    sender = Sender(organization_id)
    with sender.scope():
        return bool(sender._due(now).exists())
