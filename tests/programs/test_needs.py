"""Mentees enrol first: what they want to learn is told to mentors, without names."""

from typing import Any

import pytest
from django.test import Client

from mentoring.mail.reminders import plan_reminders
from mentoring.models import AuditEvent, OutgoingMessage, Person
from mentoring.rules import NotAllowed
from programs.actions.cohorts import publish_needs
from programs.actions.participants import invite_people
from programs.enums import CohortStatus, PairRole
from programs.guards import participant_url
from programs.models import Cohort, Participant, Question
from programs.next_steps import cohort_steps
from programs.queries.cohorts import add_funnels, funnels
from programs.queries.needs import needs_of
from tests.cast import NOW, Cast
from tests.matching.making import Someone, add_participants, make_cohort


@pytest.fixture
def cohort(northwind: Cast) -> Cohort:
    """Four mentees who want something, one who has not answered."""
    with northwind.scope():
        made = make_cohort(
            northwind,
            [],
            [
                Someone("Ada Quill", ("ai_tools", "wellbeing")),
                Someone("Bea Quill", ("ai_tools",)),
                Someone("Cyd Quill", ("ai_tools", "start_ups")),
                Someone("Dan Quill", ("start_ups",)),
                Someone("Eve Quill", ("automation",), answered=False),
            ],
            status=CohortStatus.ENROLLING,
        )
        made.mentees_first = True
        made.save()
    return made


def invite_a_mentor(cast: Cast, cohort: Cohort) -> None:
    spare = Person.objects.filter(pk=cast.people["spare"].pk)
    invite_people(cohort=cohort, people=spare, role=PairRole.MENTOR, by=cast.by, now=NOW)


def test_needs_are_counted_by_topic(northwind: Cast, cohort: Cohort) -> None:
    with northwind.scope():
        needs = needs_of(cohort)
    assert [(need.topic, need.mentees, need.few) for need in needs.topics] == [
        ("AI tools in everyday work", 3, False),
        ("How start-ups try things out", 2, True),
        ("Mental health and boundaries at work", 1, True),
    ]
    assert needs.answered == 4


def test_needs_leave_out_what_is_sensitive(northwind: Cast, cohort: Cohort) -> None:
    with northwind.scope():
        Question.objects.filter(questionnaire__program=cohort.program, key="skills").update(sensitive=True)
        assert needs_of(cohort).topics == []


def test_mentors_are_invited_after_the_needs_are_published(northwind: Cast, cohort: Cohort) -> None:
    with northwind.scope():
        with pytest.raises(NotAllowed, match="Mentees enrol first"):
            invite_a_mentor(northwind, cohort)
        for _twice in range(2):
            publish_needs(cohort=cohort, by=northwind.by, now=NOW)
        invite_a_mentor(northwind, cohort)
        plan_reminders(northwind.organization, now=NOW)
        mail = OutgoingMessage.objects.get(kind="invitation")
        assert AuditEvent.objects.filter(action="cohort.needs_published").count() == 1
    told = "Mentees who have joined most want to learn:\n- AI tools in everyday work\n"
    assert told in mail.text
    assert not [name for name in ("Ada", "Bea", "Cyd", "Dan", "Quill") if name in mail.text + mail.html]


def test_publish_needs_without_answers(northwind: Cast, cohort: Cohort) -> None:
    with northwind.scope():
        Participant.objects.filter(cohort=cohort).update(status="withdrawn")
        with pytest.raises(NotAllowed, match="No mentee has said yet"):
            publish_needs(cohort=cohort, by=northwind.by, now=NOW)


def test_publish_needs_where_all_enrol_at_once(northwind: Cast, cohort: Cohort) -> None:
    with northwind.scope():
        Cohort.objects.filter(pk=cohort.pk).update(mentees_first=False)
        with pytest.raises(NotAllowed, match="at the same time"):
            publish_needs(cohort=cohort, by=northwind.by, now=NOW)


def test_champion_reads_and_publishes(northwind: Cast, cohort: Cohort, sign_in: Any) -> None:
    champion: Client = sign_in(northwind.champion)
    url = f"/o/northwind/cohorts/{cohort.pk}/needs/"
    assert "Publish it to mentors" in champion.get(url).content.decode()
    assert champion.post(url)["Location"] == f"/o/northwind/cohorts/{cohort.pk}/invite/"
    assert "Invite mentors" in champion.get(url).content.decode()
    with northwind.scope():
        cohort.refresh_from_db()
    assert cohort.needs_published_at


def test_mentor_reads_needs_where_she_joins(northwind: Cast, cohort: Cohort, client: Client) -> None:
    with northwind.scope():
        publish_needs(cohort=cohort, by=northwind.by, now=NOW)
        mentor, mentee = (
            add_participants(cohort, role, [Someone(f"Nia {role}", answered=False)])[0] for role in PairRole
        )
        pages = {}
        for one in (mentor, mentee):
            opened = client.get(participant_url(one, "join"), follow=True)
            pages[one.role] = opened.content.decode()
    assert "AI tools in everyday work" in pages[PairRole.MENTOR]
    assert "one or two" in pages[PairRole.MENTOR]
    assert "AI tools in everyday work" not in pages[PairRole.MENTEE]
    assert "Quill" not in pages[PairRole.MENTOR]


def test_next_step_leads_to_the_needs(northwind: Cast, cohort: Cohort) -> None:
    with northwind.scope():
        funnel = add_funnels(*funnels(cohort).values())
        steps = cohort_steps(cohort, funnel, today=NOW.date(), active_pairs=0)
        assert [step.url_name for step in steps][:2] == ["cohort_participants", "cohort_needs"]
        publish_needs(cohort=cohort, by=northwind.by, now=NOW)
        cohort.refresh_from_db()
        steps = cohort_steps(cohort, funnel, today=NOW.date(), active_pairs=0)
        assert [step.url_name for step in steps][:2] == ["cohort_participants", "cohort_invite"]
