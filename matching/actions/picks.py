"""Choosing whom one wants to meet. Each change locks the participant's own row, so that two tabs are one
after the other and ranks are always 1, 2, 3 without a hole."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from matching.actions.requests import send_next_requests
from matching.enums import Choosing
from matching.models import Pick
from matching.queries.picks import choices_of
from matching.queries.seats import choosing_now
from matching.rules import WHY_NOT_CHOOSING
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort
from programs.enums import MatchingMode
from programs.models import Participant

Change = Callable[[list[int], set[int]], None]


def pick_partner(
    *, participant: Participant, partner_id: int, by: Actor, now: datetime, instead: int | None = None
) -> int:
    """Put somebody at the end of the list, or in the place of `instead`; answers the rank. Who is on the
    list already stays where they are."""

    def change(ranked: list[int], refused: set[int]) -> None:
        refused.discard(partner_id)
        if partner_id in ranked:
            return
        if instead in ranked:
            ranked[ranked.index(instead)] = partner_id
            return
        most = participant.cohort.picks_at_most
        if len(ranked) >= most:
            raise NotAllowed(
                ngettext_lazy(
                    "You can choose %(most)s person. Take them off your list first.",
                    "You can choose %(most)s people. Choose whom to replace.",
                    most,
                )
                % {"most": most}
            )
        ranked.append(partner_id)

    return _change(participant, partner_id, change, by, now).index(partner_id) + 1


def refuse_partner(*, participant: Participant, partner_id: int, by: Actor, now: datetime) -> None:
    """ "Not for me": never paired with each other, no reason asked, and nobody is told."""

    def change(ranked: list[int], refused: set[int]) -> None:
        refused.add(partner_id)
        if partner_id in ranked:
            ranked.remove(partner_id)

    _change(participant, partner_id, change, by, now)


def clear_partner(*, participant: Participant, partner_id: int, by: Actor, now: datetime) -> None:
    """Neither picked nor refused any more."""

    def change(ranked: list[int], refused: set[int]) -> None:
        refused.discard(partner_id)
        if partner_id in ranked:
            ranked.remove(partner_id)

    _change(participant, partner_id, change, by, now)


def move_pick(*, participant: Participant, partner_id: int, steps: int, by: Actor, now: datetime) -> None:
    """Up (-1) or down (+1) in one's list; at its end nothing happens."""

    def change(ranked: list[int], _refused: set[int]) -> None:
        if partner_id not in ranked:
            raise NotAllowed(_("Your list has changed meanwhile. Look at it again, please."))
        place = ranked.index(partner_id)
        ranked.remove(partner_id)
        ranked.insert(max(0, place + steps), partner_id)

    _change(participant, partner_id, change, by, now)


def order_picks(*, participant: Participant, order: Sequence[int], by: Actor, now: datetime) -> None:
    """Sort one's list. It changes the order and nothing else: who was chosen in another tab meanwhile stays,
    at the end, and who was taken off there does not come back."""

    def change(ranked: list[int], _refused: set[int]) -> None:
        first = [pk for pk in dict.fromkeys(order) if pk in ranked]
        ranked[:] = first + [pk for pk in ranked if pk not in first]

    _change(participant, None, change, by, now)


def _change(
    participant: Participant, partner_id: int | None, change: Change, by: Actor, now: datetime
) -> list[int]:
    """Check, change, write what differs; answers the list. Neither the audit row nor a refusal names anybody.
    Where people ask each other, the cohort is locked before anybody's row, as in `actions.requests`."""
    asking = participant.cohort.matching_mode == MatchingMode.CHOOSE
    if asking:
        lock_cohort(participant.cohort)
    Participant.objects.select_for_update(no_key=True).values_list("pk").get(pk=participant.pk)
    # Read after the wait: pairs may have been published meanwhile, and the cohort is what says so.
    locked = Participant.objects.select_related("cohort__organization", "person").get(pk=participant.pk)
    state = choosing_now(locked, locked.cohort.organization.time_zone, now)
    if state != Choosing.OPEN:
        raise NotAllowed(WHY_NOT_CHOOSING[state])
    choices = choices_of(locked)
    if partner_id is not None and partner_id not in (choices.scores or ()):
        raise NotAllowed(_("This person cannot be chosen any more."))
    ranked, refused = list(choices.ranked), set(choices.refused)
    change(ranked, refused)
    if (ranked, refused) != (choices.ranked, choices.refused):
        _write(locked, {**dict.fromkeys(refused), **{pk: rank for rank, pk in enumerate(ranked, 1)}})
        audit.record("picks.changed", locked, by=by)
        if asking:
            send_next_requests(participant=locked, by=by, now=now)
    return ranked


def _write(participant: Participant, wanted: dict[int, int | None]) -> None:
    known = {pick.partner_id: pick for pick in Pick.objects.filter(participant=participant)}
    gone = [pick.pk for partner, pick in known.items() if partner not in wanted]
    moved = [pick for partner, pick in known.items() if partner in wanted and pick.rank != wanted[partner]]
    for pick in moved:
        pick.rank = wanted[pick.partner_id]
    Pick.objects.filter(pk__in=gone).delete()
    Pick.objects.bulk_update(moved, ["rank"])
    Pick.objects.bulk_create(
        [
            Pick(participant=participant, partner_id=partner, rank=rank)
            for partner, rank in wanted.items()
            if partner not in known
        ]
    )
