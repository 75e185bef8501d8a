"""A step between two drafts of which one is the other changed by hand: undoing that change, or redoing it.

A step takes along what the change itself said, with its seat, and nothing else. A word that the champion
gave since on the same pair stays, unless the step would make a pair that they have ruled out since, or part
one that they keep since: then it is refused, and the sentence names the pair. What stood open between them
words and the draft before the change was made does not matter: going back does not make it worse.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from matching.actions.holds import check_seats, check_there
from matching.actions.rulings import NOTE_LENGTH, kept_pairs
from matching.enums import RulingKind
from matching.models import MatchRun, Proposal, Ruling
from matching.queries.people import pair_names
from matching.queries.runs import proposals
from matching.queries.seats import seats_of
from matching.rules import Text
from matching.run_settings import Ids
from mentoring.actors import Actor
from mentoring.models import User
from mentoring.rules import NotAllowed
from programs.actions.participants import add_seat, take_seat_back
from programs.models import Cohort, Participant
from programs.queries.participants import participant_in


def word_of(ruling: Ruling) -> dict[str, Any]:
    """A ruling as the `changes` of an edit keep it."""
    return {
        "kind": ruling.kind,
        "note": ruling.note,
        "overrides": ruling.overrides,
        "by": ruling.created_by_id,
        "at": ruling.created_at.isoformat(),
    }


def change_rulings(cohort: Cohort, run: MatchRun, *, to: str) -> None:
    """Say of the pairs of this edit what was said of them "before" or "after" it.

    Only where what is said now is still what the other side said; a note that was added since is kept there
    and comes back with it. Any other word is a later one, and stays.
    """
    left = "after" if to == "before" else "before"
    now = {(row.mentor_id, row.mentee_id): row for row in Ruling.objects.filter(cohort=cohort)}
    changes = run.edit.get("changes", [])
    for change in changes:
        row = now.get((change["mentor"], change["mentee"]))
        if (row.kind if row else None) != (change[left] or {}).get("kind"):
            continue
        change[left] = word_of(row) if row else None
        if row:
            row.delete()
        if change[to]:
            _say(cohort, change["mentor"], change["mentee"], change[to])
    if changes:
        MatchRun.objects.filter(pk=run.pk).update(edit=run.edit)


def _say(cohort: Cohort, mentor: int, mentee: int, said: dict[str, Any]) -> None:
    if Participant.objects.filter(pk__in=(mentor, mentee)).count() < 2:
        return
    ruling = Ruling.objects.create(
        cohort=cohort,
        mentor_id=mentor,
        mentee_id=mentee,
        kind=RulingKind(said["kind"]),
        note=said["note"][:NOTE_LENGTH],
        overrides=said["overrides"],
        created_by=User.objects.filter(pk=said["by"]).first(),
    )
    if said["at"]:
        Ruling.objects.filter(pk=ruling.pk).update(created_at=said["at"])


def check_step(edit: MatchRun, *, come_from: MatchRun, go_to: MatchRun) -> None:
    """NotAllowed, with names, if going from one draft to the other would cross a word said since `edit`, or
    make a pair that can no longer be. Rulings are as they will be by now."""
    found = list(proposals().filter(run=go_to).order_by("id"))
    there = set(Proposal.objects.filter(run=come_from).values_list("mentor_id", "mentee_id"))
    made = [one for one in found if (one.mentor_id, one.mentee_id) not in there]
    pairs = {(one.mentor_id, one.mentee_id) for one in made}
    _check_said(edit, pairs, there - {(one.mentor_id, one.mentee_id) for one in found})
    for ids in sorted((pairs & go_to.settings_then.rulings.overrides.keys()) - kept_pairs(edit.cohort)):
        raise NotAllowed(
            _(
                "%(mentor)s and %(mentee)s would break a rule, and they are no longer kept. Keep them with a "
                "reason first, or run the matching again."
            )
            % pair_names(ids)
        )
    check_there(go_to, made)
    check_seats(found, {}, among={pk for ids in pairs for pk in ids})


def _check_said(edit: MatchRun, made: set[Ids], parted: set[Ids]) -> None:
    since = Ruling.objects.filter(cohort=edit.cohort, created_at__gt=edit.created_at)
    said = {(row.mentor_id, row.mentee_id): row.kind for row in since}
    for ids in sorted(made):
        if said.get(ids) == RulingKind.NEVER:
            raise NotAllowed(
                _(
                    "You said never for %(mentor)s and %(mentee)s since then, and this would make them a "
                    "pair again. Take that back first, or run the matching again."
                )
                % pair_names(ids)
            )
    for ids in sorted(parted):
        if said.get(ids) == RulingKind.KEEP:
            raise NotAllowed(
                _(
                    "You keep %(mentor)s with %(mentee)s since then, and this would part them. Take that "
                    "back first, or change the draft by hand."
                )
                % pair_names(ids)
            )


def give_seat_again(run: MatchRun, by: Actor) -> None:
    """The seat that came with this change and was taken back with it; none if they take as many by now."""
    seat = run.edit.get("seat")
    if not seat or seat["given"]:
        return
    participant = participant_in(run.cohort, seat["participant"])
    if participant is None or participant.capacity >= seat["capacity"]:
        return
    add_seat(participant=participant, by=by)
    seat["given"] = True
    MatchRun.objects.filter(pk=run.pk).update(edit=run.edit)


def take_back_seat(run: MatchRun, before: MatchRun, by: Actor) -> Text:
    """Take back the seat that came with this change: in words what became of it, nothing without one.

    It stays where it is taken by now, or somebody has said another number since.
    """
    seat = run.edit.get("seat")
    participant = participant_in(run.cohort, seat["participant"]) if seat and seat["given"] else None
    if participant is None:
        return ""
    name = {"name": participant.person}
    if _needed(participant, before) >= seats_of([participant])[participant.pk]:
        return _("The further seat of %(name)s is taken by now, so it stays.") % name
    try:
        take_seat_back(participant=participant, capacity=seat["capacity"], by=by)
    except NotAllowed as refusal:
        return str(refusal)
    seat["given"] = False
    MatchRun.objects.filter(pk=run.pk).update(edit=run.edit)
    return _("The further seat of %(name)s is taken back too.") % name


def _needed(participant: Participant, draft: MatchRun) -> int:
    """How many seats they need for this draft, and for everybody they are kept with."""
    drafted = Proposal.objects.filter(run=draft, **{participant.role: participant}).count()
    kept = sum(participant.pk in ids for ids in kept_pairs(draft.cohort))
    return max(drafted, kept)
