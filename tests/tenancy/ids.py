"""One row of everything that a URL can name, in each organization of the cast."""

from copy import copy
from datetime import timedelta
from typing import Any

from matching.enums import Cause, InquiryKind, RulingKind
from matching.models import (
    Criterion,
    Exclusion,
    MatchInquiry,
    MatchRun,
    PairRequest,
    Proposal,
    Ruling,
    Unmatched,
)
from mentoring.actions.roster_imports import start_import
from mentoring.enums import JobStatus, MessageReason, MessageStatus, Role
from mentoring.jobs import run_job
from mentoring.models import Membership, OutgoingMessage, RosterImport, StoredFile, User
from mentoring.tasks.people import work_on_import as work_on_roster
from outcomes.models import MetricsExport
from programs.actions.response_import import start_response_import
from programs.enums import CohortStatus, PairRole, QuestionnaireStatus, QuestionType
from programs.models import Choice, Cohort, Question, Questionnaire, ResponseImport
from programs.tasks.response_import import work_on_import as work_on_answers
from sessions.models import Meeting
from tests.cast import NOW, PASSWORD, Cast

ROSTER = b"Employee ID,First name,Last name,E-mail\r\n77,Ada,Okafor,ada@x.example\r\n"
ANSWERS = b"Email,Name,Topics\r\nada@x.example,Ada Okafor,Careers\r\n"


def ids_of(cast: Cast) -> dict[str, Any]:
    """What stands in this organization's URLs, by the name of the URL's argument. Where two apps give an
    argument the same name for different things, the key is "app.name"."""
    with cast.scope():
        make_questionnaire(cast)
        proposal = make_proposal(cast)
        return {
            "organization": cast.organization.slug,
            "cohort_id": cast.cohort.pk,
            "program_id": cast.program.pk,
            "participant_id": cast.mentor.pk,
            "partner_id": cast.mentee.pk,
            "pair_id": cast.pair.pk,
            "person_id": cast.people["mentor"].pk,
            "double_id": cast.people["spare"].pk,
            "member_id": Membership.objects.get(user=cast.overseer).pk,
            "meeting_id": make_meeting(cast).pk,
            "mentoring.import_id": make_roster_import(cast),
            "programs.import_id": make_response_import(cast),
            "export_id": make_export().pk,
            "run_id": proposal.run_id,
            "proposal_id": proposal.pk,
            "exclusion_id": make_exclusion(cast).pk,
            "request_id": make_request(cast).pk,
            "ruling_id": make_ruling(cast).pk,
            "inquiry_id": make_inquiry(proposal).pk,
            "unmatched_id": make_unmatched(proposal).pk,
            "criterion_id": make_criterion(cast).pk,
            "message_id": make_message(cast).pk,
        }


def make_questionnaire(cast: Cast) -> None:
    for role in PairRole:
        questionnaire = Questionnaire.objects.create(
            program=cast.program, audience=role, title="About you", published_at=NOW
        )
        question = Question.objects.create(
            questionnaire=questionnaire,
            key="topics",
            type=QuestionType.SINGLE_CHOICE,
            label="Topics",
            position=1,
        )
        Choice.objects.create(question=question, key="careers", label="Careers", position=1)
        Questionnaire.objects.filter(pk=questionnaire.pk).update(status=QuestionnaireStatus.PUBLISHED)


def make_proposal(cast: Cast) -> Proposal:
    placed = {"placed": 1, "of": 1, "seats": 1}
    figures = {"mentors": placed, "mentees": placed, "pairs": 1, "mean": 88.0, "lowest": 88, "forbidden": {}}
    run = MatchRun.objects.create(
        cohort=cast.cohort,
        number=1,
        status=JobStatus.DONE,
        finished_at=NOW,
        settings={"criteria": [], "rules": []},
        figures={**figures, "bins": [0] * 9 + [1], "proven": True},
    )
    return Proposal.objects.create(run=run, mentor=cast.mentor, mentee=cast.mentee, points=88, score=88)


def make_inquiry(proposal: Proposal) -> MatchInquiry:
    """What the pair itself would cost: nothing."""
    change: dict[str, Any] = {"lost": 0, "points": 0.0, "dropped": [], "added": [], "alone": []}
    place = {"rank": 1, "of": 1}
    result = {"made": True, "possible": True, "score": 88, "forbidden": [], "under_floor": False, **change}
    return MatchInquiry.objects.create(
        run_id=proposal.run_id,
        kind=InquiryKind.PRICE,
        mentor_id=proposal.mentor_id,
        mentee_id=proposal.mentee_id,
        status=JobStatus.DONE,
        result={**result, "contributions": [], "ranks": {"mentor": place, "mentee": place}},
    )


def make_unmatched(proposal: Proposal) -> Unmatched:
    """The pair's mentor as if left out by a run: enough for her page to exist."""
    detail = {"forbidden": {}, "allowed": 0, "best": None, "partners": 0, "partner_seats": 0, "rivals": 0}
    return Unmatched.objects.create(
        run_id=proposal.run_id,
        participant_id=proposal.mentor_id,
        cause=Cause.NO_ALLOWED_PARTNER,
        detail=detail,
    )


def make_exclusion(cast: Cast) -> Exclusion:
    first, second = sorted((cast.people["boss"], cast.people["spare"]), key=lambda person: person.pk)
    return Exclusion.objects.create(person=first, other=second)


def make_criterion(cast: Cast) -> Criterion:
    source = "person:job_family"
    return Criterion.objects.create(
        cohort=cast.cohort,
        key="families",
        label="From different job families",
        comparator="different",
        mentor_source=source,
        mentee_source=source,
    )


def make_ruling(cast: Cast) -> Ruling:
    return Ruling.objects.create(
        cohort=cast.cohort, mentor=cast.mentor, mentee=cast.mentee, kind=RulingKind.KEEP, note="They asked"
    )


def make_request(cast: Cast) -> PairRequest:
    return PairRequest.objects.create(
        cohort=cast.cohort,
        sender=cast.mentee,
        receiver=cast.mentor,
        sent_at=NOW,
        expires_at=NOW + timedelta(days=3),
    )


def make_meeting(cast: Cast) -> Meeting:
    return Meeting.objects.create(
        pair=cast.pair, number=1, starts_at=NOW + timedelta(days=9), minutes=45, planned_by=cast.mentor
    )


def make_message(cast: Cast) -> OutgoingMessage:
    """A mail to the mentor that failed."""
    person = cast.people["mentor"]
    return OutgoingMessage.objects.create(
        kind="new_link",
        to_email=person.email,
        to_name=person.name,
        person=person,
        subject="Your new link",
        text="https://upward.example/s/open/secret/",
        html="<p>secret</p>",
        status=MessageStatus.FAILED,
        reason=MessageReason.NO_ADDRESS,
        error="550 no such user",
        idempotency_key="failed",
    )


def make_export() -> MetricsExport:
    file = StoredFile.objects.create(
        name="pairs.csv", content=b"Pair\n1\n", content_type="text/csv", size=7, sha256="0" * 64
    )
    return MetricsExport.objects.create(format="csv", file=file, status=JobStatus.DONE, finished_at=NOW)


def make_roster_import(cast: Cast) -> int:
    organization = cast.organization
    found = start_import(
        name="people.csv", content=ROSTER, organization=organization, in_line=False, by=cast.by
    )
    run_job(RosterImport, work_on_roster, organization.pk, found.pk)
    return found.pk


def make_response_import(cast: Cast) -> int:
    before = copy(cast.cohort)  # as it was when answers could still be imported
    before.status, before.published_at = CohortStatus.ENROLLING, None
    found = start_response_import(
        cohort=before,
        role=PairRole.MENTOR,
        name="answers.csv",
        content=ANSWERS,
        in_line=False,
        by=cast.by,
    )
    Cohort.objects.filter(pk=cast.cohort.pk).update(status=CohortStatus.ENROLLING, published_at=None)
    run_job(ResponseImport, work_on_answers, cast.organization.pk, found.pk)
    cast.cohort.save()
    return found.pk


def mentor_user(cast: Cast) -> User:
    """A login for the cast's mentor, so that participants' pages can be opened by signing in."""
    person = cast.people["mentor"]
    user = User.objects.create_user(person.email, PASSWORD, name=person.name)
    with cast.scope():
        Membership.objects.create(user=user, role=Role.PARTICIPANT, joined_at=NOW)
        person.user = user
        person.save()
    return user
