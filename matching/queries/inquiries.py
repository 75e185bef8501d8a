"""Questions about a draft that were asked, and what came out."""

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from matching.enums import Cause, InquiryKind
from matching.models import MatchInquiry, MatchRun, Unmatched
from programs.enums import PairRole
from programs.models import Cohort, Participant

Asked = tuple[int, int]


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
                filter=Q(participant__role=role, detail__partners=run.figures[f"{role.other.value}s"]["of"]),
            )
            for role in PairRole
        }
    )
