"""Programs with their cohorts, and who may stand for one."""

from django.db.models import Count, Prefetch, QuerySet

from mentoring.models import Membership, Person
from mentoring.queries.people import people_found
from mentoring.tenancy.permissions import ROLE_PERMISSIONS, Permission
from programs.enums import QuestionnaireStatus
from programs.models import Cohort, Program, Questionnaire

MANAGING_ROLES = [role for role, rights in ROLE_PERMISSIONS.items() if Permission.MANAGE_PROGRAMS in rights]


def programs() -> QuerySet[Program]:
    """By name, each with its cohorts, the latest first."""
    cohorts = Cohort.objects.order_by("-starts_on", "-id")
    return (
        Program.objects.select_related("champion__user", "deputy__user", "sponsor")
        .prefetch_related(Prefetch("cohorts", queryset=cohorts))
        .order_by("name")
    )


def program_of(program_id: int) -> Program | None:
    return programs().filter(pk=program_id).first()


def questionnaires_of(program: Program) -> QuerySet[Questionnaire]:
    """The published ones, mentors' first, each with its number of questions."""
    published = Questionnaire.objects.filter(program=program, status=QuestionnaireStatus.PUBLISHED)
    return published.annotate(number=Count("questions")).order_by("-audience")


def managing_members() -> QuerySet[Membership]:
    """Members who may be a program's champion or deputy."""
    return (
        Membership.objects.filter(role__in=MANAGING_ROLES, suspended_at=None)
        .select_related("user")
        .order_by("name", "invited_email")
    )


def people_named(words: str, *, limit: int = 20) -> list[Person]:
    """People whose name, address or ID fits, for a field that takes one person."""
    return list(people_found({"q": words, "status": "active"})[:limit]) if words.strip() else []
