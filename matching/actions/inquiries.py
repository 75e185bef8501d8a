"""Asking what a pair would cost, or what would place somebody. `matching.actions.inquire` answers."""

from django.utils.translation import gettext_lazy as _

from matching.enums import InquiryKind
from matching.models import MatchInquiry, MatchRun
from mentoring.actors import Actor
from mentoring.enums import JobStatus
from mentoring.jobs import queue_job
from mentoring.rules import NotAllowed
from programs.enums import PairRole
from programs.models import Participant

ENDED_WITHOUT_ANSWER = (JobStatus.FAILED, JobStatus.CANCELLED)


def ask(
    *,
    run: MatchRun,
    kind: InquiryKind,
    mentor: Participant | None = None,
    mentee: Participant | None = None,
    by: Actor,
) -> MatchInquiry:
    """The question and, once it is worked out, its answer: asked once for a run, kind and people.

    One that failed is put in line again. Asking changes nothing in the cohort and leaves no audit row.
    """
    if run.status != JobStatus.DONE:
        raise NotAllowed(_("This draft is not finished."))
    given = [(mentor, PairRole.MENTOR), (mentee, PairRole.MENTEE)]
    people = [(one, role) for one, role in given if one is not None]
    if len(people) != (2 if kind == InquiryKind.PRICE else 1):
        raise ValueError(f"{kind}: give a mentor and a mentee for a price, one of both for remedies")
    if any(one.cohort_id != run.cohort_id or one.role != role for one, role in people):
        raise NotAllowed(_("These two are not a mentor and a mentee of the same cohort."))
    inquiry, created = MatchInquiry.objects.get_or_create(
        run=run, kind=kind, mentor=mentor, mentee=mentee, defaults={"created_by_id": by.user_id}
    )
    if not created and inquiry.status in ENDED_WITHOUT_ANSWER:
        inquiry = MatchInquiry.objects.select_for_update(no_key=True).get(pk=inquiry.pk)
    if created or inquiry.status in ENDED_WITHOUT_ANSWER:
        inquiry.result = {}
        queue_job(inquiry)
    return inquiry
