"""Every kind of mail, by the product's own code: sent in time it arrives; three days late it arrives only if
it still is of use; made untrue before it is sent it does not arrive as it was."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from mentoring.enums import MessageReason, MessageStatus
from mentoring.mail.delivery import Sender
from mentoring.mail.kinds import Useful, mail_kinds
from mentoring.models import AccountMessage, OutgoingMessage
from mentoring.queries.mails import ACCOUNT_CHANGES
from tests.at_rest import TOKEN, stored
from tests.cast import Cast
from tests.mail.scenes import SCENES, plan_all
from tests.mail.sending import send_due

TEMPLATES = Path(settings.BASE_DIR) / "templates"
SPOILED = sorted(kind for kind, scene in SCENES.items() if scene.spoil)


def rows(cast: Cast, kind: str) -> list[Any]:
    with cast.scope():
        return [
            *OutgoingMessage.objects.filter(kind=kind).order_by("pk"),
            *AccountMessage.objects.filter(kind=kind).order_by("pk"),
        ]


def send_all(cast: Cast, now: datetime) -> None:
    send_due(cast, now)
    Sender(None).send_all(lambda: now)


def test_every_kind_says_until_when_it_is_of_use_and_has_a_scene() -> None:
    mailed = {path.name.removesuffix(".subject.txt") for path in (TEMPLATES / "emails").glob("*.subject.txt")}
    for account in (TEMPLATES / "account" / "email", TEMPLATES / "mfa" / "email"):
        mailed |= {path.name.removesuffix("_subject.txt") for path in account.glob("*_subject.txt")}
    assert mailed == set(mail_kinds) == set(SCENES)
    assert {kind.key for kind in mail_kinds.values() if kind.useful is Useful.ALWAYS} == ALWAYS


ALWAYS = {
    *ACCOUNT_CHANGES,
    "account_already_exists",
    "address_left",
    "address_new",
    "sign_up_invitation",
    "introduction",
    "meeting_cancelled",
    "pair_over",
    "pair_request_accepted",
    "pair_request_ended",
    "waitlist",
}

WITHOUT_LINKS = {"address_left", "address_new"}


def tokens_in(messages: list[Any]) -> set[str]:
    bodies = [body for row in messages for body in (row.text, row.html, row.calendar)]
    return {token for body in bodies for token in TOKEN.findall(body.replace("\r\n ", ""))}


@pytest.mark.parametrize("kind", SCENES)
def test_in_time_it_arrives(northwind: Cast, kind: str, sent_tasks: Any) -> None:
    """And neither while it waits nor afterwards do its links stand anywhere in the database."""
    now = SCENES[kind].queue(northwind)
    queued = rows(northwind, kind)
    assert queued
    assert {row.status for row in queued} == {MessageStatus.QUEUED}
    due = max([now, *(row.send_after for row in queued)])
    tokens = tokens_in(queued)
    assert tokens or isinstance(queued[0], AccountMessage) or kind in WITHOUT_LINKS
    waiting = stored(northwind)
    send_all(northwind, due)
    kept = waiting + stored(northwind)
    assert queued[0].message_id in kept  # it does look where they are
    assert [token for token in tokens if token in kept] == []
    assert [(row.status, row.reason) for row in rows(northwind, kind)] == [(MessageStatus.SENT, "")] * len(
        queued
    )


@pytest.mark.parametrize("kind", SCENES)
def test_three_days_late(northwind: Cast, kind: str, sent_tasks: Any) -> None:
    SCENES[kind].queue(northwind)
    queued = rows(northwind, kind)
    late = max(row.send_after for row in queued) + timedelta(days=3)
    send_all(northwind, late)
    found = {row.pk: row for row in rows(northwind, kind)}
    expected = {
        "sent": (MessageStatus.SENT, ""),
        "dropped": (MessageStatus.DROPPED, MessageReason.LATE),
    }[SCENES[kind].late]
    assert [(found[row.pk].status, found[row.pk].reason) for row in queued] == [expected] * len(queued)
    for row in found.values():
        if row.status == MessageStatus.SENT and row.useful_until:
            assert row.sent_at < row.useful_until


@pytest.mark.parametrize("kind", SPOILED)
def test_made_untrue_it_does_not_arrive_as_it_was(northwind: Cast, kind: str, sent_tasks: Any) -> None:
    scene = SCENES[kind]
    now = scene.queue(northwind)
    queued = {row.pk: row.text for row in rows(northwind, kind)}
    assert scene.spoil
    scene.spoil(northwind, now)
    due = max([now, *(row.send_after for row in rows(northwind, kind))])
    send_all(northwind, due)
    as_they_were = [
        row.pk
        for row in rows(northwind, kind)
        if row.status == MessageStatus.SENT and queued.get(row.pk) == row.text
    ]
    assert as_they_were == []
    for minutes in (10, 20):  # a rule that disagrees with its check would make it anew each time
        plan_all(northwind, due + timedelta(minutes=minutes))
        send_all(northwind, due + timedelta(minutes=minutes))
        number = len(rows(northwind, kind))
    assert number == len(rows(northwind, kind)) <= 2 * len(queued)
