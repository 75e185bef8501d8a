"""Participants of a cohort, people who could become one, and a user's own participations."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from mentoring.enums import PersonStatus
from mentoring.models import Person, User
from mentoring.queries.search import words_in
from programs.enums import PairStatus, ResponseStatus
from programs.models import Answer, Cohort, Pair, Participant
from programs.queries.rests import rests_until

PAGE_SIZE = 25
SEARCHED = ("first_name", "last_name", "email", "title")
PERSON_FILTERS = ("unit", "location", "region")


def participants() -> QuerySet[Participant]:
    return Participant.objects.select_related("person", "cohort__program__champion__user")


def participant_in(cohort: Cohort, participant_id: int) -> Participant | None:
    return participants().filter(cohort=cohort, pk=participant_id).first()


def _active_pairs() -> QuerySet[Pair]:
    """Those of the participant of the query around it."""
    own = Q(mentor=OuterRef("pk")) | Q(mentee=OuterRef("pk"))
    return Pair.objects.filter(own, status=PairStatus.ACTIVE)


def has_pair() -> Exists:
    """True for participants who have a partner."""
    return Exists(_active_pairs())


def participants_found(cohort: Cohort, criteria: dict[str, Any], *, today: date) -> QuerySet[Participant]:
    """A cohort's participants by search words, role and status, by name, each with `has_pair`, the first
    pair's `pair_id` and, if the person is on a break, `rests_until`."""
    paired = _active_pairs().filter(cohort=cohort)
    found = (
        Participant.objects.filter(cohort=cohort)
        .select_related("person")
        .annotate(
            has_pair=Exists(paired),
            pair_id=paired.order_by("pk").values("pk")[:1],
            rests_until=rests_until(today),
        )
    )
    if role := criteria.get("role"):
        found = found.filter(role=role)
    status = criteria.get("status")
    if status == "answered":
        found = found.filter(status="joined", answered_at__isnull=False)
    elif status == "unanswered":
        found = found.filter(status="joined", answered_at__isnull=True)
    elif status == "unfinished":
        found = found.filter(Q(status="invited") | Q(status="joined", answered_at__isnull=True))
    elif status:
        found = found.filter(status=status)
    found = found.filter(words_in(criteria.get("q"), (f"person__{name}" for name in SEARCHED)))
    return found.order_by("person__last_name", "person__first_name", "id")


def people_found(cohort: Cohort, criteria: dict[str, Any], *, today: date) -> QuerySet[Person]:
    """Active people by filter who are not in this cohort yet, by name; on a break they have `rests_until`."""
    enrolled = Participant.objects.filter(cohort=cohort, person=OuterRef("pk"))
    found = Person.objects.filter(~Exists(enrolled), status=PersonStatus.ACTIVE)
    found = found.annotate(rests_until=rests_until(today, "pk"))
    for name in PERSON_FILTERS:
        if value := criteria.get(name):
            found = found.filter(**{name: value})
    if (lowest := criteria.get("level_from")) is not None:
        found = found.filter(level__gte=lowest)
    if (highest := criteria.get("level_to")) is not None:
        found = found.filter(level__lte=highest)
    found = found.filter(words_in(criteria.get("q"), SEARCHED))
    return found.order_by("last_name", "first_name", "id")


@dataclass(frozen=True)
class Invitable:
    """How many of the people a filter finds can be invited; how many lack an address, and how many of the
    others are on a break."""

    total: int
    without_email: int
    resting: int

    @property
    def number(self) -> int:
        return self.total - self.without_email - self.resting


def invitable(found: QuerySet[Person]) -> Invitable:
    """`found` as by `people_found`."""
    resting = Q(rests_until__isnull=False) & ~Q(email="")
    counts = found.aggregate(
        total=Count("pk"), without_email=Count("pk", filter=Q(email="")), resting=Count("pk", filter=resting)
    )
    return Invitable(**counts)


def participations_of(user: User) -> QuerySet[Participant]:
    """A user's own, the running ones first."""
    return (
        participants()
        .filter(person__user=user)
        .exclude(status="withdrawn")
        .order_by("-cohort__starts_on", "-id")
    )


def participations_of_person(person: Person) -> QuerySet[Participant]:
    found = Participant.objects.filter(person=person).select_related("cohort__program")
    found = found.annotate(has_pair=Exists(_active_pairs()))
    return found.order_by("-cohort__starts_on", "-id")


SHARED_WITH_PARTNER = ("introduction", "learning_question")


def shared_answers(participant_ids: list[int]) -> dict[int, dict[str, str]]:
    """What each wrote for the partner to read, by question key. Everything else stays with matching."""
    rows = (
        Answer.objects.filter(
            response__participant__in=participant_ids,
            response__status=ResponseStatus.SUBMITTED,
            question__key__in=SHARED_WITH_PARTNER,
            text__isnull=False,
        )
        .order_by("response__submitted_at")
        .values_list("response__participant", "question__key", "text")
    )
    found: dict[int, dict[str, str]] = {}
    for participant_id, key, text in rows:
        found.setdefault(participant_id, {})[key] = text or ""
    return found
