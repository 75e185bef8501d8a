"""Markup in every word that people or files bring, on every page and in every mail: shown, never obeyed."""

import re
from datetime import timedelta
from email.utils import getaddresses
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from matching.models import Criterion, Exclusion, MatchRun, Proposal, Ruling
from mentoring.mail.outbox import as_email
from mentoring.mail.reminders import plan_reminders
from mentoring.models import OutgoingMessage, Person, User
from programs.enums import CohortStatus
from programs.models import Choice, Cohort, Pair, Participant, Program, Question
from sessions.actions.meetings import plan_meeting
from sessions.models import Meeting
from tests.cast import Cast
from tests.tenancy.ids import ids_of, mentor_user
from tests.tenancy.test_urls import ROUTES, WORDS

MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
SOURCES = dict.fromkeys(("mentor_source", "mentee_source"), f"person:{MARKUP}")
PLACE = f'javascript:alert(1) {MARKUP} https://a.example/"onmouseover="alert(3)'
# A script or image of ours has no such attribute; a link is to a page, never a program.
OBEYED = re.compile(
    r"""<script>|<img src=x|(?:href|src|action)=["']?\s*(?:javascript|data):|["']\s*onmouseover="""
)


def fill(cast: Cast) -> None:
    """Everything that can be typed, imported or answered."""
    for person in Person.objects.all():
        person.first_name, person.last_name = MARKUP, MARKUP
        person.title, person.unit, person.location, person.region = [MARKUP] * 4
        person.employee_id, person.attributes = f"{person.pk}{MARKUP}"[:64], {MARKUP: MARKUP}
        person.save()
    Program.objects.update(name=MARKUP, purpose=PLACE, endorsement=PLACE, initiative=MARKUP)
    Cohort.objects.update(name=MARKUP)
    Pair.objects.update(reasons={"mentor": [MARKUP], "mentee": [MARKUP]}, end_reason=MARKUP)
    Participant.objects.update(decline_reason=MARKUP)
    Meeting.objects.update(place=PLACE)
    Choice.objects.update(label=MARKUP)
    Question.objects.update(label=MARKUP)
    Ruling.objects.update(note=MARKUP)
    Criterion.objects.update(label=MARKUP)
    Exclusion.objects.update(note=MARKUP)
    settings = {"criteria": [{"key": "k", "label": MARKUP, "comparator": "same", "weight": 1, **SOURCES}]}
    MatchRun.objects.update(note=MARKUP, settings={**settings, "rules": []}, error=MARKUP)
    told = {"key": "k", "label": MARKUP, "comparator": "same", "state": "answered", "subject": MARKUP}
    told |= {"weight": 1, "points": 88, "percent": 100, "mentor_value": MARKUP, "mentee_value": MARKUP}
    Proposal.objects.update(contributions=[{**told, "attribute": ""}], kept=True)
    cast.organization.name = cast.organization.contact_name = MARKUP
    cast.organization.save()
    User.objects.update(name=MARKUP)


def test_markup_on_every_page(northwind: Cast, sign_in: Any, settings: Any, sent_tasks: Any) -> None:
    settings.DEMO = True
    ids = {**ids_of(northwind), **WORDS, "token": "e30:a:b", "box": "northwind", "message_id": 1}
    owner, mentor = sign_in(northwind.owner), sign_in(mentor_user(northwind))
    query = urlencode(dict.fromkeys(("q", "tab", "page", "sort", "sponsor", "person", "next"), MARKUP))
    wrong, seen = [], 0
    for status in (CohortStatus.RUNNING, CohortStatus.ENROLLING):
        with northwind.scope():
            fill(northwind)
            Cohort.objects.update(status=status)
        for route in ROUTES:
            browser = mentor if route.guard.kind == "participant" else owner
            for url in (route.url(ids), f"{route.url(ids)}?{query}"):
                answer = browser.get(url)
                if answer.headers["Content-Type"].startswith("text/csv"):  # saved, never shown
                    assert answer.headers["Content-Disposition"].startswith("attachment"), url
                    continue
                page = answer.content.decode()
                seen += "&lt;script&gt;alert(1)" in page
                wrong += [(url, found[0]) for found in OBEYED.finditer(page)]
    assert seen > 40
    assert wrong == []


def test_markup_in_mails_and_calendars(northwind: Cast, sent_tasks: Any) -> None:
    now = timezone.now()
    breaks = "\r\nATTENDEE:mailto:mallory@evil.example\r\nBcc: mallory@evil.example"
    with northwind.scope():
        northwind.run_around(now)
        fill(northwind)
        Person.objects.update(last_name=f'";{breaks}')
        Program.objects.update(name=f"Upwards{breaks}")
        mentor = Participant.objects.select_related("person").get(pk=northwind.mentor.pk)
        plan_meeting(
            pair=Pair.objects.get(pk=northwind.pair.pk),
            starts_at=now + timedelta(days=5),
            minutes=45,
            place=PLACE + breaks,
            participant=mentor,
            now=now,
            by=northwind.by,
        )
        plan_reminders(northwind.organization, now=now)
        mails = list(OutgoingMessage.objects.all())
    assert any("alert(1)" in mail.html for mail in mails)
    for mail in mails:
        assert OBEYED.findall(mail.html) == []
        message = as_email(mail).message()
        assert [address for _name, address in getaddresses([message["To"]])] == [mail.to_email]
        assert message["Bcc"] is None
        lines = mail.calendar.replace("\r\n ", "").splitlines()
        addressed = {line.rpartition("mailto:")[2] for line in lines if line.startswith("ATTENDEE")}
        people = {"amara.osei@northwind.example", "henrik.lund@northwind.example"}
        assert addressed == (people if mail.calendar else set())
