"""Changing a draft by hand: another partner for somebody, or two pairs that swap.

An edit is a run of purpose `edit`, based on the draft it changes: it keeps the pairs that were asked for,
and moves as few others as possible. Its `edit` says what was asked (`kind`, `before` and `after`: pairs of
participant ids) and, under `changes`, what was said of each pair before and is said after it. `actions.undo`
takes it back.
"""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from matching.actions.rulings import NOTE_LENGTH, check_joined, overridden
from matching.actions.runs import start_run
from matching.actions.steps import change_rulings, word_of
from matching.enums import EditKind, RulingKind, RunPurpose
from matching.models import MatchRun, Proposal, Ruling
from matching.queries.inquiries import prices_of
from matching.queries.pairing import broken_by
from matching.queries.runs import current_draft, open_run
from matching.queries.seats import seats_of
from matching.queries.settings import settings_now
from matching.run_settings import Changes, Ids, Rulings
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort
from programs.enums import PairRole
from programs.models import Cohort, Participant

Pairing = tuple[Participant, Participant]


@dataclass
class EditPlan:
    """What an edit would do. `wanted` pairs are kept from then on, `released` ones end; `dropped` are other
    pairs that were kept and no longer can be; `left` lose a partner and are placed anew; `broken` holds the
    hard rules by wanted pair."""

    kind: EditKind
    wanted: list[Pairing]
    released: list[Pairing]
    dropped: list[Ruling] = field(default_factory=list)
    left: list[Participant] = field(default_factory=list)
    broken: dict[Ids, list[str]] = field(default_factory=dict)


def plan_edit(*, proposal: Proposal, kind: EditKind, other: Participant) -> EditPlan:
    """What giving `other` to one of the two of this pair, or swapping partners with the pair that `other` is
    in, would mean; NotAllowed if it means nothing. Nothing is changed."""
    mentor, mentee = proposal.mentor, proposal.mentee
    if other.cohort_id != mentor.cohort_id:
        raise NotAllowed(_("Choose somebody of this cohort."))
    check_joined((mentor, mentee, other))
    if kind == EditKind.SWAP:
        theirs = _pair_of(proposal, other)
        wanted = [(mentor, theirs.mentee), (theirs.mentor, mentee)]
        released = [(mentor, mentee), (theirs.mentor, theirs.mentee)]
    else:
        if other.role != kind.value:
            raise NotAllowed(_("Choose a mentor for a mentee, and a mentee for a mentor."))
        wanted = [(mentor, other)] if kind == EditKind.MENTEE else [(other, mentee)]
        released = [(mentor, mentee)]
    if _ids(wanted) & _ids(_pairs_of_draft(proposal.run, wanted)):
        raise NotAllowed(_("They are a pair in this draft already. Choose somebody else."))
    plan = EditPlan(kind, wanted, released)
    cohort = mentor.cohort
    plan.dropped = _dropped(cohort, plan)
    plan.left = _left(proposal.run, plan)
    settings = settings_now(cohort)
    low = under_floor(proposal.run, wanted)
    plan.broken = {
        (a.pk, b.pk): broken_by(a, b, settings) + (["floor"] if (a.pk, b.pk) in low else [])
        for a, b in wanted
    }
    return plan


def edit_draft(
    *,
    proposal: Proposal,
    kind: EditKind,
    other: Participant,
    by: Actor,
    note: str = "",
    override: bool = False,
) -> MatchRun:
    """Start the run that makes this change; its result is the new draft, the old one stays.

    What is kept and ruled out changes only once that draft stands (`settle_edit`), so a cancelled edit has
    changed nothing. Refused for a draft that no longer counts.
    """
    cohort = lock_cohort(proposal.run.cohort)
    note = note.strip()[:NOTE_LENGTH]
    check_counts(cohort, proposal.run)
    plan = plan_edit(proposal=proposal, kind=kind, other=other)
    settings = settings_now(cohort)
    rules = {
        ids: overridden(
            mentor, mentee, settings, note=note, override=override, low="floor" in plan.broken[ids]
        )
        for mentor, mentee in plan.wanted
        for ids in [(mentor.pk, mentee.pk)]
    }
    changes = _changes(cohort, plan, rules, note, by)
    run = start_run(
        cohort=cohort,
        by=by,
        purpose=RunPurpose.EDIT,
        based_on=proposal.run,
        changes=Changes(rulings=rulings_after(settings.rulings, changes)),
        edit={
            "kind": kind.value,
            "before": [[a.pk, b.pk] for a, b in plan.released],
            "after": [[a.pk, b.pk] for a, b in plan.wanted],
            "changes": changes,
        },
        note=note,
    )
    told = {"before": run.edit["before"], "after": run.edit["after"]}
    broken = sorted({rule for found in rules.values() for rule in found})
    audit.record("matching.edited", run, by=by, kind=kind.value, **told, note=note, overrides=broken)
    return run


def settle_edit(run: MatchRun) -> None:
    """Write down what an edit keeps and rules out, with the draft that it made."""
    if run.purpose == RunPurpose.EDIT:
        change_rulings(lock_cohort(run.cohort), run, to="after")


def check_counts(cohort: Cohort, run: MatchRun) -> None:
    """Somebody else may have changed the draft since this page was opened."""
    counting = current_draft(cohort)
    if open_run(cohort):
        raise NotAllowed(_("A run of this cohort is on its way already. Wait for it, or cancel it."))
    if counting is None or counting.pk != run.pk:
        raise NotAllowed(
            _("There is a newer draft by now, so nothing was changed. Look at it, and change that one.")
        )
    if counting.published_at:
        raise NotAllowed(_("These pairs are published. Run the matching again to change a draft."))


def under_floor(run: MatchRun, pairs: list[Pairing]) -> set[Ids]:
    """Which of these pairs score less than may be paired, as far as their price has been worked out."""
    asked = prices_of(run, [(mentor.pk, mentee.pk) for mentor, mentee in pairs])
    return {ids for ids, one in asked.items() if one.is_done and one.result["under_floor"]}


def _pair_of(proposal: Proposal, other: Participant) -> Proposal:
    """The one other pair of the draft that somebody is in."""
    role = PairRole(other.role).value
    found = Proposal.objects.filter(run=proposal.run, **{role: other}).exclude(pk=proposal.pk)
    found = list(found.select_related("mentor__person", "mentee__person", "mentor__cohort", "mentee__cohort"))
    name = {"name": other.person}
    if not found:
        raise NotAllowed(_("%(name)s is in no other pair of this draft. Move somebody instead.") % name)
    if len(found) > 1:
        raise NotAllowed(_("%(name)s is in several pairs: open one of them and swap from there.") % name)
    if found[0].mentor_id == proposal.mentor_id or found[0].mentee_id == proposal.mentee_id:
        raise NotAllowed(_("These two pairs share a person: there is nothing to swap."))
    return found[0]


def _ids(pairs: list[Pairing]) -> set[Ids]:
    return {(mentor.pk, mentee.pk) for mentor, mentee in pairs}


def _pairs_of_draft(run: MatchRun, near: list[Pairing]) -> list[Pairing]:
    """Pairs of the draft in which somebody of these pairs is."""
    found = Proposal.objects.filter(run=run, mentor__in=[a for a, _b in near]) | Proposal.objects.filter(
        run=run, mentee__in=[b for _a, b in near]
    )
    rows = found.select_related("mentor__person", "mentee__person").order_by("id")
    return [(one.mentor, one.mentee) for one in rows]


def _left(run: MatchRun, plan: EditPlan) -> list[Participant]:
    """Who of the draft loses a partner and gets none by the edit itself."""
    wanted = [one for pair in plan.wanted for one in pair]
    free = seats_of(wanted)
    released, gone = _ids(plan.released), {one.pk: one for pair in plan.released for one in pair}
    for person in {one.pk: one for one in wanted}.values():
        beside = [pair for pair in _pairs_of_draft(run, plan.wanted) if person.pk in (pair[0].pk, pair[1].pk)]
        beside = [pair for pair in beside if (pair[0].pk, pair[1].pk) not in released]
        if len(beside) + 1 > free[person.pk]:
            gone |= {one.pk: one for pair in beside for one in pair}
    kept = {one.pk for one in wanted}
    return [one for pk, one in gone.items() if pk not in kept]


def _dropped(cohort: Cohort, plan: EditPlan) -> list[Ruling]:
    """Pairs that are kept and for which the edit leaves no seat; the oldest word gives way first."""
    people = [one for pair in plan.wanted for one in pair]
    free = seats_of(people)
    ids = [one.pk for one in people]
    kept = Ruling.objects.filter(cohort=cohort, kind=RulingKind.KEEP).order_by("created_at", "id")
    kept = kept.select_related("mentor__person", "mentee__person")
    rows = list(kept.filter(mentor__in=ids) | kept.filter(mentee__in=ids))
    apart = _ids(plan.wanted) | _ids(plan.released)
    rows = [row for row in rows if (row.mentor_id, row.mentee_id) not in apart]
    dropped: list[Ruling] = []
    for person in people:
        own = [row for row in rows if person.pk in (row.mentor_id, row.mentee_id) and row not in dropped]
        taken = sum(person.pk in pair for pair in _ids(plan.wanted))
        dropped += own[: max(0, len(own) + taken - free[person.pk])]
    return dropped


def _changes(
    cohort: Cohort, plan: EditPlan, rules: dict[Ids, list[str]], note: str, by: Actor
) -> list[dict[str, Any]]:
    """What is said of each pair that the edit touches, before and after it.

    A pair that ends is ruled out where both still have a seat: otherwise it could simply be made again.
    """
    seats = seats_of(one for pair in plan.released for one in pair)
    for one in (one for pair in plan.wanted for one in pair if one.pk in seats):
        seats[one.pk] -= 1
    after: dict[Ids, dict[str, Any] | None] = {
        (mentor.pk, mentee.pk): word(RulingKind.NEVER, [], note, by)
        if seats[mentor.pk] > 0 and seats[mentee.pk] > 0
        else None
        for mentor, mentee in plan.released
    }
    after |= {(row.mentor_id, row.mentee_id): None for row in plan.dropped}
    after |= {ids: word(RulingKind.KEEP, broken, note, by) for ids, broken in rules.items()}
    return changes_to(cohort, after)


def word(kind: RulingKind, overrides: list[str], note: str, by: Actor) -> dict[str, Any]:
    """A ruling as it will be said."""
    return {"kind": kind.value, "overrides": overrides, "note": note, "by": by.user_id, "at": None}


def changes_to(cohort: Cohort, after: dict[Ids, dict[str, Any] | None]) -> list[dict[str, Any]]:
    """What is said of each of these pairs now and `after`, where anything is."""
    known = {
        (row.mentor_id, row.mentee_id): word_of(row)
        for row in Ruling.objects.filter(cohort=cohort)
        if (row.mentor_id, row.mentee_id) in after
    }
    return [
        {"mentor": ids[0], "mentee": ids[1], "before": known.get(ids), "after": now}
        for ids, now in after.items()
        if now or known.get(ids)
    ]


def rulings_after(present: Rulings, changes: list[dict[str, Any]]) -> Rulings:
    """The rulings as the run's settings have them, with the changes."""
    said = {(one["mentor"], one["mentee"]): one["after"] for one in changes}
    kept = {ids: one for ids, one in said.items() if one and one["kind"] == RulingKind.KEEP}
    never = {ids for ids, one in said.items() if one and one["kind"] == RulingKind.NEVER}
    stay = {ids: rules for ids, rules in present.overrides.items() if ids not in said}
    broken = {ids: tuple(sorted(one["overrides"])) for ids, one in kept.items() if one["overrides"]}
    return Rulings(
        keep=present.keep - said.keys() | kept.keys(),
        never=present.never - said.keys() | never,
        overrides=stay | broken,
    )
