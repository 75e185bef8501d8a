"""Taking a change of a draft by hand back."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from matching.actions.adopt import check_adoptable
from matching.actions.edits import check_counts
from matching.actions.steps import change_rulings, check_step, take_back_seat
from matching.enums import RunPurpose
from matching.models import MatchRun
from matching.queries.runs import current_draft
from matching.rules import Text
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.enums import JobStatus
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort


@dataclass(frozen=True)
class Undone:
    """The draft that counts again, and what became of the seat that came with the change, if one did."""

    draft: MatchRun
    seat: Text = ""


@transaction.atomic
def undo_edit(*, run: MatchRun, by: Actor, now: datetime) -> Undone | None:
    """Back to the draft before: it counts again, what this change kept and ruled out is as it was, and a
    seat that came with it is taken back where that can be. What was said since stays (`actions.steps`).

    Only the draft that counts can be undone; the one before may be an edit as well and be undone next.
    Redoing it is `adopt_run` of this run. Undone twice at once, the second finds it done: None.
    """
    cohort = lock_cohort(run.cohort)
    run = MatchRun.objects.select_related("cohort", "based_on__cohort").get(pk=run.pk)
    before = run.based_on
    if run.purpose != RunPurpose.EDIT or before is None or before.status != JobStatus.DONE:
        raise NotAllowed(_("There is nothing to undo in this draft."))
    counting = current_draft(cohort)
    if counting is not None and counting.pk == before.pk:
        return None
    check_counts(cohort, run)
    check_adoptable(cohort, run)
    check_adoptable(cohort, before)
    change_rulings(cohort, run, to="before")
    check_step(run, come_from=run, go_to=before)
    seat = take_back_seat(run, before, by)
    MatchRun.objects.filter(pk=before.pk).update(adopted_at=now)
    audit.record("matching.edit_undone", run, by=by, back_to=before.number, seat=str(seat))
    return Undone(before, seat)
