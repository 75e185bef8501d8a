"""Questions about a draft that were asked, and what came out."""

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from matching.enums import Cause, InquiryKind
from matching.models import MatchInquiry, MatchRun, Unmatched
from matching.queries.inputs import ready
from mentoring.queries.search import NAMES, words_in
from programs.enums import PairRole
from programs.models import Cohort, Participant

Asked = tuple[int, int]
FOUND_AT_MOST = 6


def inquiries() -> QuerySet[MatchInquiry]:
    return MatchInquiry.objects.select_related("run__cohort", "mentor__person", "mentee__person")


def inquiry_in(cohort: Cohort, inquiry_id: int) -> MatchInquiry | None:
    return inquiries().filter(run__cohort=cohort, pk=inquiry_id).first()


def prices_of(run: MatchRun, pairs: Iterable[Asked]) -> dict[Asked, MatchInquiry]:
    """Those of these pairs whose price was asked for, by (mentor, mentee)."""
    wanted = Q(pk=None)
    for mentor, mentee in pairs:
        wanted |= Q(mentor=mentor, mentee=mentee)
    found = MatchInquiry.objects.filter(wanted, run=run, kind=InquiryKind.PRICE)
    return {(one.mentor_id, one.mentee_id): one for one in found if one.mentor_id and one.mentee_id}


def remedies_for(run: MatchRun, participant: Participant) -> MatchInquiry | None:
    asked = inquiries().filter(run=run, kind=InquiryKind.REMEDIES)
    return asked.filter(**{participant.role: participant}).first()


def unmatched_in(cohort: Cohort, unmatched_id: int) -> Unmatched | None:
    found = Unmatched.objects.select_related("run__cohort", "participant__person", "participant__cohort")
    return found.filter(run__cohort=cohort, pk=unmatched_id).first()


def crowd_of(run: MatchRun) -> dict[str, int]:
    """By role: how many are alone only because the whole other side has too few seats."""
    return Unmatched.objects.filter(run=run, cause=Cause.COMPETITION).aggregate(
        **{
            role.value: Count(
                "id",
                filter=Q(participant__role=role, detail__partners=run.figures[f"{_other(role)}s"]["of"]),
            )
            for role in PairRole
        }
    )


def _other(role: PairRole) -> str:
    return (PairRole.MENTEE if role == PairRole.MENTOR else PairRole.MENTOR).value


def participant_in(cohort: Cohort, participant_id: int) -> Participant | None:
    found = Participant.objects.select_related("person", "cohort").filter(cohort=cohort)
    return found.filter(pk=participant_id).first()


def participants_by_id(participant_ids: Iterable[int]) -> dict[int, Participant]:
    found = Participant.objects.filter(pk__in=set(participant_ids))
    return {one.pk: one for one in found.select_related("person")}


def partners_named(
    cohort: Cohort, text: str, *, roles: Iterable[str], limit: int = FOUND_AT_MOST
) -> list[Participant]:
    """Who of a cohort's people that are considered is meant: an exact e-mail address is one person, else
    all whose name or address has every word; an exact full name comes before a part of one."""
    text = text.strip()
    if not text:
        return []
    there = ready(cohort).filter(role__in=list(roles)).select_related("person")
    exact = list(there.filter(person__email__iexact=text)[:limit])
    if len(exact) == 1:
        return exact
    found = there.filter(words_in(text, [f"person__{name}" for name in NAMES]))
    people = list(found.order_by("person__last_name", "person__first_name", "id")[: limit * 5])
    same = [one for one in people if one.person.name.casefold() == text.casefold()]
    return (same or people)[:limit]
