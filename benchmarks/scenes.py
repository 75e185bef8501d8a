"""What of the demo the pictures show: Northwind's cohorts, and its mentor and mentee in them."""

from dataclasses import dataclass

from matching.models import Proposal
from mentoring.models import Organization, Person
from mentoring.tenancy.scoping import organization_scope
from programs.enums import CohortStatus, PairRole
from programs.models import Cohort, Pair, Participant, Program


@dataclass
class Scene:
    organization: Organization
    program: Program
    running: Cohort
    enrolling: Cohort
    closed: Cohort
    person: Person
    mentor: Participant
    mentee: Participant
    mentors_pair: Pair
    mentees_pair: Pair
    proposal: Proposal


def find_scene() -> Scene:
    organization = Organization.objects.get(slug="northwind")
    with organization_scope(organization):
        running, enrolling, closed = (
            Cohort.objects.select_related("program").filter(status=status).latest("pk")
            for status in (CohortStatus.RUNNING, CohortStatus.ENROLLING, CohortStatus.CLOSED)
        )
        mentor, mentee = (
            Participant.objects.select_related("person").get(
                cohort=running, role=role, person__email=f"{role.value}@northwind.example"
            )
            for role in PairRole
        )
        return Scene(
            organization=organization,
            program=running.program,
            running=running,
            enrolling=enrolling,
            closed=closed,
            person=mentor.person,
            mentor=mentor,
            mentee=mentee,
            mentors_pair=Pair.objects.filter(mentor=mentor).latest("pk"),
            mentees_pair=Pair.objects.filter(mentee=mentee).latest("pk"),
            proposal=Proposal.objects.filter(run__cohort=running).latest("score"),
        )
