"""What of the demo the pictures show: Northwind's cohorts, and its mentor and mentee in them."""

from dataclasses import dataclass

from matching.models import MatchRun, PairRequest, Proposal, SuggestionList, Unmatched
from mentoring.models import Organization, Person
from mentoring.tenancy.scoping import organization_scope
from programs.enums import CohortStatus, MatchingMode, PairRole
from programs.models import Cohort, Pair, Participant, Program


@dataclass
class Scene:
    """`choosing` is the cohort in which people pick, `asking` the one in which they ask each other; its
    participants and the draft of the former end in the same words."""

    organization: Organization
    program: Program
    running: Cohort
    enrolling: Cohort
    closed: Cohort
    choosing: Cohort
    asking: Cohort
    person: Person
    mentor: Participant
    mentee: Participant
    mentors_pair: Pair
    mentees_pair: Pair
    proposal: Proposal
    draft: MatchRun
    draft_proposal: Proposal
    unmatched: Unmatched
    mentee_choosing: Participant
    mentee_asking: Participant
    mentor_asking: Participant
    suggested: Participant
    request: PairRequest


def find_scene() -> Scene:
    organization = Organization.objects.get(slug="northwind")
    with organization_scope(organization):
        running, enrolling, closed = (
            Cohort.objects.select_related("program").filter(status=status).latest("pk")
            for status in (CohortStatus.RUNNING, CohortStatus.ENROLLING, CohortStatus.CLOSED)
        )
        choosing, asking = (
            Cohort.objects.get(status=CohortStatus.MATCHING, matching_mode=mode)
            for mode in (MatchingMode.HYBRID, MatchingMode.CHOOSE)
        )
        mentor, mentee = (_of_the_cast(running, role) for role in PairRole)
        mentee_choosing = _of_the_cast(choosing, PairRole.MENTEE)
        mentor_asking = _of_the_cast(asking, PairRole.MENTOR)
        draft = MatchRun.objects.filter(cohort=choosing, adopted_at__isnull=False).latest("adopted_at")
        suggestions = SuggestionList.objects.get(participant=mentee_choosing)
        return Scene(
            organization=organization,
            program=running.program,
            running=running,
            enrolling=enrolling,
            closed=closed,
            choosing=choosing,
            asking=asking,
            person=mentor.person,
            mentor=mentor,
            mentee=mentee,
            mentors_pair=Pair.objects.filter(mentor=mentor).latest("pk"),
            mentees_pair=Pair.objects.filter(mentee=mentee).latest("pk"),
            proposal=Proposal.objects.filter(run__cohort=running).latest("score"),
            draft=draft,
            draft_proposal=Proposal.objects.filter(run=draft).latest("score"),
            unmatched=Unmatched.objects.filter(run=draft).latest("pk"),
            mentee_choosing=mentee_choosing,
            mentee_asking=_of_the_cast(asking, PairRole.MENTEE),
            mentor_asking=mentor_asking,
            suggested=Participant.objects.get(pk=suggestions.partners[0]),
            request=PairRequest.objects.filter(receiver=mentor_asking).latest("pk"),
        )


def _of_the_cast(cohort: Cohort, role: PairRole) -> Participant:
    address = f"{role.value}@northwind.example"
    return Participant.objects.select_related("person").get(cohort=cohort, role=role, person__email=address)
