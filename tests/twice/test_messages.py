"""What the page says to each of two presses of one button."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mentoring.actions.leaving import mark_left
from programs.actions.rests import take_rest
from sessions.actions.meetings import plan_meeting
from sessions.models import Meeting
from tests.cast import Cast
from tests.tenancy.ids import mentor_user
from tests.twice import programs
from tests.twice.people import failed_mail, started

HERE = "/o/northwind/"


class Button(NamedTuple):
    """Inside the cast's scope `prepare` answers where the press goes to, with what is sent."""

    who: str
    prepare: Callable[[Cast], tuple[str, dict[str, Any]]]
    first: list[str]
    second: list[str]


def invite(cast: Cast) -> tuple[str, dict[str, Any]]:
    return HERE + "members/invite/", {"email": "ada@northwind.example", "name": "", "role": "champion"}


def mail(cast: Cast) -> tuple[str, dict[str, Any]]:
    return reverse("resend_mail", args=["northwind", failed_mail(cast).pk]), {}


def all_mail(cast: Cast) -> tuple[str, dict[str, Any]]:
    failed_mail(cast)
    return reverse("resend_all_mail", args=["northwind"]), {}


def come_back(cast: Cast) -> tuple[str, dict[str, Any]]:
    mark_left(person=cast.people["spare"], now=timezone.now(), by=cast.by)
    return reverse("person_come_back", args=["northwind", cast.people["spare"].pk]), {}


def stop_import(cast: Cast) -> tuple[str, dict[str, Any]]:
    return reverse("roster_import_cancel", args=["northwind", started(cast).pk]), {}


def needs(cast: Cast) -> tuple[str, dict[str, Any]]:
    cohort = programs.publish_needs(cast).given["cohort"]
    return reverse("cohort_needs", args=["northwind", cohort.pk]), {}


def break_over(cast: Cast) -> tuple[str, dict[str, Any]]:
    now = timezone.now()
    until = (now + timedelta(days=60)).date()
    take_rest(person=cast.people["mentor"], until=until, by=cast.by, now=now)
    return reverse("rest_end", args=["northwind", cast.mentor.pk]), {}


def meeting(cast: Cast, days: int) -> Meeting:
    now = timezone.now()
    cast.run_around(now)
    before = now - timedelta(days=9)
    given = {**programs.planned(cast), "starts_at": now + timedelta(days=days), "now": before}
    return plan_meeting(**given)


def address_of(name: str, row: Meeting) -> str:
    return reverse(name, args=["northwind", row.pair.mentor_id, row.pair_id, row.pk])


def cancel(cast: Cast) -> tuple[str, dict[str, Any]]:
    return address_of("meeting_cancel", meeting(cast, 7)), {}


def held(cast: Cast) -> tuple[str, dict[str, Any]]:
    return address_of("meeting_answer", meeting(cast, -1)), {"answer": "held"}


BUTTONS = [
    Button(
        "owner",
        invite,
        ["The invitation goes to ada@northwind.example."],
        ["ada@northwind.example was invited before. No further mail is sent."],
    ),
    Button(
        "owner",
        mail,
        ["The mail to ada@northwind.example is on its way again."],
        ["The mail to ada@northwind.example is on its way already, or was sent."],
    ),
    Button("owner", all_mail, ["1 mail is on its way again."], ["No mail waits to be sent again."]),
    Button(
        "champion", come_back, ["Jun Park is here again, and can be invited."], ["Nothing was different."]
    ),
    Button("champion", stop_import, [], ["This import was stopped before. Nothing has changed."]),
    Button(
        "champion",
        needs,
        ["Published. Mentors read it in their invitation: invite them now."],
        ["This was published before. Invite mentors now."],
    ),
    Button(
        "mentor",
        break_over,
        ["Welcome back: you can be invited again."],
        ["Your break was over already: you can be invited."],
    ),
    Button(
        "mentor",
        cancel,
        ["Cancelled. Both calendars take it out with our mail."],
        ["This meeting was cancelled before. Nothing has changed."],
    ),
    Button("mentor", held, ["Thank you, noted."], ["Thank you. That was noted before."]),
]


def told(browser: Client, url: str, data: dict[str, Any]) -> list[str]:
    answer = browser.post(url, data)
    assert answer.status_code == 302
    messages = [str(message) for message in get_messages(answer.wsgi_request)]
    browser.get(answer["Location"])  # which shows them, once
    return messages


def test_second_press_is_told_that_it_did_nothing(northwind: Cast, sign_in: Any) -> None:
    with northwind.scope():
        mentor = mentor_user(northwind)
    users = {"owner": northwind.owner, "champion": northwind.champion, "mentor": mentor}
    faults = {}
    for button in BUTTONS:
        with transaction.atomic():
            browser = sign_in(users[button.who])
            with northwind.scope():
                url, data = button.prepare(copy.deepcopy(northwind))
            messages = told(browser, url, data), told(browser, url, data)
            if messages != (button.first, button.second):
                faults[button.prepare.__name__] = messages
            transaction.set_rollback(True)
    assert faults == {}


def test_session_that_is_over_is_not_ended_again(northwind: Cast, sign_in: Any) -> None:
    with_none = told(sign_in(northwind.owner), reverse("end_session"), {"session": "session:1"})
    assert with_none == ["That session was over already."]


def test_form_sent_as_it_was_saves_nothing(northwind: Cast, sign_in: Any) -> None:
    browser, url = sign_in(northwind.owner), reverse("organization_settings", args=["northwind"])
    form = browser.get(url).context["form"]
    data = {field.html_name: field.value() or "" for field in form}
    assert told(browser, url, data) == ["Nothing was different."]
    assert told(browser, url, {**data, "contact_name": "Ada"}) == ["Saved."]
