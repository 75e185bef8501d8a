"""Doing what would place somebody who found nobody: one more seat, or one pair in spite of a rule."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from matching.actions.edits import changes_to, check_counts, rulings_after, word
from matching.actions.rulings import NOTE_LENGTH, check_joined, overridden
from matching.actions.runs import start_run
from matching.enums import EditKind, InquiryKind, RulingKind, RunPurpose
from matching.models import MatchInquiry, MatchRun
from matching.queries.settings import settings_now
from matching.run_settings import Changes
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.enums import JobStatus
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort
from programs.actions.participants import add_seat
from programs.enums import PairRole
from programs.models import Cohort, Participant
from programs.queries.participants import participant_in


def apply_remedy(*, inquiry: MatchInquiry, number: int, by: Actor, note: str = "") -> MatchRun:
    """Start the run that places the person as remedy `number` (from 1) says; its result is the new draft.

    The person's new pair is kept, so that nobody else takes the seat. One more seat counts from now on:
    the champion has asked who gives it. The run remembers it, so that undoing takes it back. An exception
    from a rule or from the lowest score needs a note that says why. Refused for a draft that counts no more.
    """
    cohort = lock_cohort(inquiry.run.cohort)
    remedy = _remedy(inquiry, number)
    check_counts(cohort, inquiry.run)
    note = note.strip()[:NOTE_LENGTH]
    if remedy["kind"] != "seat" and not note:
        raise NotAllowed(_("Say why this pair is all right: an exception needs a reason."))
    person = inquiry.mentor or inquiry.mentee
    assert person is not None
    meets = _participant(cohort, remedy["meets"])
    mentor, mentee = (person, meets) if person.role == PairRole.MENTOR else (meets, person)
    check_joined((mentor, mentee))
    seat = {}
    if remedy["kind"] == "seat":
        partner = add_seat(participant=_participant(cohort, remedy["partner"]), by=by)
        seat = {"seat": {"participant": partner.pk, "capacity": partner.capacity, "given": True}}
    settings = settings_now(cohort)
    broken = overridden(mentor, mentee, settings, note=note, override=remedy["kind"] == "rule")
    changes = changes_to(cohort, {(mentor.pk, mentee.pk): word(RulingKind.KEEP, broken, note, by)})
    run = start_run(
        cohort=cohort,
        by=by,
        purpose=RunPurpose.EDIT,
        based_on=inquiry.run,
        changes=Changes(rulings=rulings_after(settings.rulings, changes)),
        edit={
            "kind": EditKind.REMEDY.value,
            "before": [],
            "after": [[mentor.pk, mentee.pk]],
            "changes": changes,
            **seat,
        },
        note=note,
    )
    told = {"kind": remedy["kind"], "mentor": mentor.pk, "mentee": mentee.pk, "overrides": broken}
    audit.record("matching.remedied", run, by=by, **told, partner=remedy["partner"], note=note)
    return run


def _remedy(inquiry: MatchInquiry, number: int) -> dict[str, Any]:
    found = inquiry.result.get("remedies", [])
    if inquiry.kind != InquiryKind.REMEDIES or inquiry.status != JobStatus.DONE:
        raise NotAllowed(_("This has not been worked out yet."))
    if not 1 <= number <= len(found):
        raise NotAllowed(_("There is no such way to place this person. Open the page again."))
    remedy: dict[str, Any] = found[number - 1]
    return remedy


def _participant(cohort: Cohort, participant_id: int) -> Participant:
    found = participant_in(cohort, participant_id)
    if found is None:
        raise NotAllowed(_("Somebody has left this cohort since. Run the matching again."))
    return found
