"""Programs, cohorts, who takes part, pairs, their meetings and what is exported."""

from datetime import timedelta
from typing import Any

from mentoring.actors import Actor
from mentoring.models import Person
from outcomes import actions as exports
from programs.actions import cohorts, pairs, participants, programs, questionnaires, responses, rests
from programs.actions import response_import as answers
from programs.enums import CohortStatus, PairRole, ParticipantStatus, QuestionnaireStatus
from programs.models import Cohort, Participant, Questionnaire, ResponseImport
from programs.tasks.response_import import work_on_import
from sessions.actions import meetings
from sessions.models import Meeting
from tests.cast import NOW, Cast
from tests.matching.making import Someone
from tests.matching.making import make_cohort as filled_cohort
from tests.programs import making
from tests.programs.answering import ANSWERS, ready_to_answer
from tests.twice.pressing import Press, case

LATER = NOW + timedelta(days=2)
THURSDAY = NOW + timedelta(days=4, hours=5)


@case("programs.create_program")
def create_program(cast: Cast) -> Press:
    template = making.CATALOGUE["goals_and_interests"]
    given = {"template": template, "name": "Up", "purpose": "Why", "champion": making.champion_of(cast)}
    return Press(programs.create_program, {**given, "by": cast.by})


@case("programs.update_program")
def update_program(cast: Cast) -> Press:
    return Press(programs.update_program, {"program": cast.program, "purpose": "Mine", "by": cast.by})


def drafts(cast: Cast) -> list[Questionnaire]:
    template = making.CATALOGUE["goals_and_interests"]
    return questionnaires.create_questionnaires_from_template(
        program=cast.program, template=template, by=cast.by
    )


@case("questionnaires.publish_questionnaire")
def publish_questionnaire(cast: Cast) -> Press:
    return Press(questionnaires.publish_questionnaire, {"questionnaire": drafts(cast)[0], "by": cast.by})


@case("questionnaires.supersede_questionnaire")
def supersede_questionnaire(cast: Cast) -> Press:
    published = questionnaires.publish_questionnaire(questionnaire=drafts(cast)[0], by=cast.by)
    assert published.status == QuestionnaireStatus.PUBLISHED
    return Press(questionnaires.supersede_questionnaire, {"questionnaire": published, "by": cast.by})


@case("cohorts.create_cohort")
def create_cohort(cast: Cast) -> Press:
    given = {"program": cast.program, "name": "Winter", "dates": making.dates_from(NOW)}
    return Press(cohorts.create_cohort, {**given, "meeting_minutes": 45, "by": cast.by, "now": NOW})


@case("cohorts.update_cohort")
def update_cohort(cast: Cast) -> Press:
    return Press(cohorts.update_cohort, {"cohort": cast.cohort, "name": "Mine", "by": cast.by, "now": NOW})


@case("cohorts.open_enrolment")
def open_enrolment(cast: Cast) -> Press:
    cohort = making.make_cohort(cast, now=NOW)
    return Press(cohorts.open_enrolment, {"cohort": cohort, "by": cast.by, "now": NOW})


@case("cohorts.close_enrolment")
def close_enrolment(cast: Cast) -> Press:
    cohort = making.make_enrolling(cast, now=NOW)
    for role in PairRole:
        making.add_participant(cohort, cast.people[role.value], role)
    return Press(cohorts.close_enrolment, {"cohort": cohort, "by": cast.by})


@case("cohorts.publish_needs")
def publish_needs(cast: Cast) -> Press:
    mentees = [Someone("Ada Quill", ("ai_tools",)), Someone("Bea Quill", ("ai_tools",))]
    cohort = filled_cohort(cast, [], mentees, status=CohortStatus.ENROLLING)
    cohort.mentees_first = True
    cohort.save()
    return Press(cohorts.publish_needs, {"cohort": cohort, "by": cast.by, "now": NOW})


@case("cohorts.close_cohort")
def close_cohort(cast: Cast) -> Press:
    return Press(cohorts.close_cohort, {"cohort": cast.cohort, "by": cast.by, "now": NOW})


def two_to_pair(cast: Cast) -> dict[str, Any]:
    cohort, mentor, mentee = making.make_matching(cast, now=NOW)
    return {"cohort": cohort, "pairs": [pairs.NewPair(mentor, mentee, 80, {})], "by": cast.by, "now": NOW}


@case("pairs.create_pairs")
def create_pairs(cast: Cast) -> Press:
    return Press(pairs.create_pairs, two_to_pair(cast))


@case("pairs.end_pair")
def end_pair(cast: Cast) -> Press:
    meetings.plan_meeting(**planned(cast))
    return Press(pairs.end_pair, {"pair": cast.pair, "reason": "moved", "by": cast.by, "now": NOW})


@case("participants.invite_people")
def invite_people(cast: Cast) -> Press:
    given = {
        "cohort": making.make_enrolling(cast, now=NOW),
        "people": Person.objects.filter(employee_id__in=["E2", "E4"]),
    }
    return Press(participants.invite_people, {**given, "role": PairRole.MENTOR, "by": cast.by, "now": NOW})


def participant(cast: Cast, status: ParticipantStatus) -> Participant:
    cohort = making.make_enrolling(cast, now=NOW)
    spare = cast.people["spare"]
    return making.add_participant(cohort, spare, PairRole.MENTOR, status=status, capacity=2)


@case("participants.resend_invitation")
def resend(cast: Cast) -> Press:
    gone = participant(cast, ParticipantStatus.WITHDRAWN)
    return Press(participants.resend_invitation, {"participant": gone, "by": cast.by, "now": NOW})


@case("participants.withdraw_participant")
def withdraw(cast: Cast) -> Press:
    joined = participant(cast, ParticipantStatus.JOINED)
    return Press(participants.withdraw_participant, {"participant": joined, "by": cast.by})


@case("participants.join_cohort")
def join(cast: Cast) -> Press:
    invited = participant(cast, ParticipantStatus.INVITED)
    given = {"participant": invited, "capacity": 1, "by": Actor.of_person(invited.person), "now": NOW}
    return Press(participants.join_cohort, given)


@case("participants.take_seat_back")
def take_seat_back(cast: Cast) -> Press:
    joined = participant(cast, ParticipantStatus.JOINED)
    return Press(participants.take_seat_back, {"participant": joined, "capacity": 2, "by": cast.by})


@case("participants.decline_invitation")
def decline(cast: Cast) -> Press:
    invited = participant(cast, ParticipantStatus.INVITED)
    given = {"participant": invited, "reason": "", "until": (NOW + timedelta(days=60)).date()}
    by = Actor.of_person(invited.person)
    return Press(participants.decline_invitation, {**given, "by": by, "now": NOW})


@case("rests.take_rest")
def take_rest(cast: Cast) -> Press:
    until = (NOW + timedelta(days=60)).date()
    return Press(rests.take_rest, {"person": cast.people["spare"], "until": until, "by": cast.by, "now": NOW})


@case("rests.end_rest")
def end_rest(cast: Cast) -> Press:
    rests.take_rest(**take_rest(cast).given)
    return Press(rests.end_rest, {"person": cast.people["spare"], "by": cast.by, "now": NOW})


def answering(cast: Cast) -> dict[str, Any]:
    ready_to_answer(cast)
    Cohort.objects.filter(pk=cast.cohort.pk).update(
        enroll_until=LATER.date(), starts_on=LATER.date() + timedelta(days=7)
    )
    mentor = Participant.objects.select_related("cohort__program", "person").get(pk=cast.mentor.pk)
    return {"participant": mentor, "values": ANSWERS, "by": Actor.of_person(mentor.person)}


@case("responses.submit_response")
def submit_response(cast: Cast) -> Press:
    return Press(responses.submit_response, {**answering(cast), "now": NOW})


@case("responses.save_answers")
def save_answers(cast: Cast) -> Press:
    given = answering(cast)
    responses.submit_response(**given, now=NOW)
    return Press(responses.save_answers, {**given, "values": {"motto": "Upward"}})


@case("response_import.start_response_import")
def start_response_import(cast: Cast) -> Press:
    ready_to_answer(cast)
    text = "Email,Which tools can you show?,What do you hope for?\njo@northwind.example,C,All\n"
    given = {"cohort": cast.cohort, "role": PairRole.MENTOR, "name": "a.csv", "content": text.encode()}
    return Press(answers.start_response_import, {**given, "by": cast.by})


def worked_off(cast: Cast) -> ResponseImport:
    from mentoring.jobs import run_job

    pk = ResponseImport.objects.latest("id").pk
    run_job(ResponseImport, work_on_import, cast.organization.pk, pk)
    return ResponseImport.objects.select_related("cohort__program").get(pk=pk)


@case("response_import.choose_response_mapping")
def choose_response_mapping(cast: Cast) -> Press:
    answers.start_response_import(**start_response_import(cast).given)
    found = worked_off(cast)
    given = {"response_import": found, "mapping": found.mapping, "by": cast.by}
    return Press(answers.choose_response_mapping, given)


@case("response_import.apply_response_import")
def apply_response_import(cast: Cast) -> Press:
    answers.choose_response_mapping(**choose_response_mapping(cast).given)
    given = {"response_import": worked_off(cast), "add_choices": False, "skip_bad_rows": True}
    return Press(answers.apply_response_import, {**given, "by": cast.by})


def planned(cast: Cast) -> dict[str, Any]:
    by = Actor.of_person(cast.mentor.person)
    given = {"pair": cast.pair, "starts_at": THURSDAY, "minutes": 45, "participant": cast.mentor}
    return {**given, "now": NOW, "by": by}


def meeting(cast: Cast) -> dict[str, Any]:
    given = planned(cast)
    made = meetings.plan_meeting(**given)
    return {"meeting": made, "participant": cast.mentor, "now": LATER, "by": given["by"]}


@case("meetings.plan_meeting")
def plan_meeting(cast: Cast) -> Press:
    return Press(meetings.plan_meeting, planned(cast))


@case("meetings.move_meeting")
def move_meeting(cast: Cast) -> Press:
    given = {**meeting(cast), "starts_at": THURSDAY + timedelta(hours=1), "minutes": 45}
    return Press(meetings.move_meeting, given)


@case("meetings.cancel_meeting")
def cancel_meeting(cast: Cast) -> Press:
    return Press(meetings.cancel_meeting, meeting(cast))


def over(cast: Cast) -> dict[str, Any]:
    return {**meeting(cast), "now": THURSDAY + timedelta(days=1)}


@case("meetings.mark_held")
def mark_held(cast: Cast) -> Press:
    return Press(meetings.mark_held, over(cast))


@case("meetings.mark_missed")
def mark_missed(cast: Cast) -> Press:
    return Press(meetings.mark_missed, over(cast))


@case("meetings.undo_answer")
def undo_answer(cast: Cast) -> Press:
    given = over(cast)
    meetings.mark_held(**given)
    return Press(meetings.undo_answer, {**given, "meeting": Meeting.objects.get()})


@case("actions.request_export")
def request_export(cast: Cast) -> Press:
    return Press(exports.request_export, {"cohort": cast.cohort, "format": "csv", "by": cast.by})
