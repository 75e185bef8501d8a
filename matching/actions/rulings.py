from django.utils.translation import gettext_lazy as _

from matching.enums import RulingKind
from matching.models import Ruling
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort
from programs.enums import PairRole, ParticipantStatus
from programs.models import Participant


def rule_pairing(
    *, mentor: Participant, mentee: Participant, kind: RulingKind | None, by: Actor
) -> Ruling | None:
    """Keep this pairing in every run of the cohort, never propose it again, or (None) take that back.

    Takes effect at the next run: a draft that exists is not changed. Nobody can be kept with more
    partners than she takes.
    """
    cohort = lock_cohort(mentor.cohort)
    if mentor.cohort_id != mentee.cohort_id or (mentor.role, mentee.role) != (
        PairRole.MENTOR,
        PairRole.MENTEE,
    ):
        raise NotAllowed(_("These two are not a mentor and a mentee of the same cohort."))
    earlier = Ruling.objects.filter(cohort=cohort, mentor=mentor, mentee=mentee).first()
    if (earlier.kind if earlier else None) == kind:
        return earlier
    if kind == RulingKind.KEEP:
        _check_seats(mentor, mentee)
    if earlier:
        earlier.delete()
    ruling = None
    if kind:
        ruling = Ruling.objects.create(
            cohort=cohort, mentor=mentor, mentee=mentee, kind=kind, created_by_id=by.user_id
        )
    said = kind.value if kind else "cleared"
    audit.record("matching.ruled", cohort, by=by, kind=said, mentor=mentor.pk, mentee=mentee.pk)
    return ruling


def _check_seats(mentor: Participant, mentee: Participant) -> None:
    for participant in (mentor, mentee):
        if participant.status != ParticipantStatus.JOINED:
            raise NotAllowed(_("%(name)s is no longer in this cohort.") % {"name": participant.person})
    kept = Ruling.objects.filter(cohort=mentor.cohort_id, kind=RulingKind.KEEP)
    for participant, rows in ((mentor, kept.filter(mentor=mentor)), (mentee, kept.filter(mentee=mentee))):
        if rows.count() >= participant.capacity:
            raise NotAllowed(
                _("%(name)s is kept with somebody already and takes no more partners. Undo that one first.")
                % {"name": participant.person}
            )
