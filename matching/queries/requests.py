"""Who asks whom, in a cohort whose people choose for themselves: seats, whom to ask next, what is open."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from matching.enums import RequestStatus, Rule, RulingKind
from matching.models import Exclusion, HardRule, PairRequest, Pick, Ruling
from matching.queries.inputs import ready
from programs.enums import CohortStatus, MatchingMode, PairRole, PairStatus
from programs.models import Cohort, Pair, Participant


def free_seats(cohort: Cohort, participants: Iterable[int]) -> dict[int, int]:
    """How many more partners each can take; 0 for who does not take part (any more)."""
    wanted = set(participants)
    seats = dict.fromkeys(wanted, 0) | dict(
        ready(cohort).filter(pk__in=wanted).order_by().values_list("pk", "capacity")
    )
    pairs = Pair.objects.filter(Q(mentor__in=wanted) | Q(mentee__in=wanted), status=PairStatus.ACTIVE)
    taken = Counter(pk for ids in pairs.values_list("mentor_id", "mentee_id") for pk in ids)
    return {pk: max(0, number - taken[pk]) for pk, number in seats.items()}


def open_between(one: int, other: int) -> QuerySet[PairRequest]:
    """Open requests of these two, whoever asked."""
    return PairRequest.objects.filter(
        Q(sender=one, receiver=other) | Q(sender=other, receiver=one), status=RequestStatus.OPEN
    )


def open_of(participant: int) -> list[PairRequest]:
    """All open requests to and from somebody, the oldest first."""
    side = Q(sender=participant) | Q(receiver=participant)
    return list(PairRequest.objects.filter(side, status=RequestStatus.OPEN).order_by("id"))


def cohorts_with_requests() -> list[int]:
    """Cohorts in which there may be something to sweep: people still choose, or a request is still open."""
    still_open = PairRequest.objects.filter(cohort=OuterRef("pk"), status=RequestStatus.OPEN)
    chooses = Q(matching_mode=MatchingMode.CHOOSE, status=CohortStatus.MATCHING)
    found = Cohort.objects.filter(chooses | Exists(still_open)).order_by("pk")
    return list(found.values_list("pk", flat=True))


def open_in(cohort: Cohort) -> list[PairRequest]:
    return list(PairRequest.objects.filter(cohort=cohort, status=RequestStatus.OPEN).order_by("id"))


def who_must_look(cohort: Cohort) -> set[int]:
    """Participants for whom there is something to do: more open requests than seats, or a seat and a pick
    that was never asked. Worked out from four lists of the whole cohort, not by questions about each."""
    seats = Counter(dict(ready(cohort).order_by().values_list("pk", "capacity")))
    active = Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE)
    taken = Counter(pk for pair in active.values_list("mentor_id", "mentee_id") for pk in pair)
    requests = PairRequest.objects.filter(cohort=cohort).exclude(status=RequestStatus.WITHDRAWN)
    asked = {
        (sender, receiver): status == RequestStatus.OPEN
        for sender, receiver, status in requests.order_by("id").values_list(
            "sender_id", "receiver_id", "status"
        )
    }
    waiting = Counter(sender for (sender, _receiver), is_open in asked.items() if is_open)
    free = Counter({pk: number - taken[pk] for pk, number in seats.items() if number > taken[pk]})
    too_many = {
        pk
        for pair, is_open in asked.items()
        if is_open
        for pk in pair
        if not free[pk] or waiting[pk] > free[pk]
    }
    picks = Pick.objects.filter(participant__cohort=cohort, rank__isnull=False).order_by()
    return too_many | {
        sender
        for sender, receiver in picks.values_list("participant_id", "partner_id")
        if free[sender] > waiting[sender] and free[receiver] and (sender, receiver) not in asked
    }


def refused_since_asked(participant: int, requests: Iterable[PairRequest]) -> set[int]:
    """Those of the requests to her that she had before she said "not for me" about the sender."""
    received = {one.sender_id: one for one in requests if one.receiver_id == participant}
    refused = Pick.objects.filter(participant=participant, partner__in=received, rank=None)
    return {
        received[partner].pk
        for partner, at in refused.values_list("partner_id", "created_at")
        if at >= received[partner].sent_at
    }


def picked_by(participant: int) -> list[int]:
    """Whom somebody picked, in her order."""
    picks = Pick.objects.filter(participant=participant, rank__isnull=False).order_by("rank")
    return list(picks.values_list("partner_id", flat=True))


@dataclass(frozen=True)
class Candidates:
    """Whom somebody could have as a partner now, in her order: `mutual` have picked her too."""

    mutual: list[int]
    others: list[int]


def candidates(cohort: Cohort, participant: Participant) -> Candidates:
    """Her picks who have a seat and whom nothing forbids. A request that was answered or ran out is not
    sent again; one that she took back herself can be.

    Somebody who does not want her ("not for me") is among them on purpose: see `actions.requests`.
    """
    picked = picked_by(participant.pk)
    if not picked:
        return Candidates([], [])
    seats = free_seats(cohort, picked)
    there = [pk for pk in picked if seats[pk]]
    barred = forbidden(cohort, participant, there)
    asked = set(
        PairRequest.objects.filter(sender=participant, receiver__in=there)
        .exclude(status=RequestStatus.WITHDRAWN)
        .values_list("receiver_id", flat=True)
    )
    chosen_back = set(
        Pick.objects.filter(participant__in=there, partner=participant, rank__isnull=False).values_list(
            "participant_id", flat=True
        )
    )
    allowed = [pk for pk in there if pk not in barred]
    return Candidates(
        [pk for pk in allowed if pk in chosen_back],
        [pk for pk in allowed if pk not in chosen_back and pk not in asked],
    )


def forbidden(cohort: Cohort, participant: Participant, others: Iterable[int]) -> set[int]:
    """Those of the others who cannot become her partner: a pair already or before, ruled out, or on the
    exclusion list by now. Everything else was a condition for being suggested to her."""
    among = set(others)
    sides = (("mentor_id", "mentee_id"), ("mentee_id", "mentor_id"))
    found: set[int] = set()
    for own, other in sides:
        rows = Pair.objects.filter(**{own: participant.pk, f"{other}__in": among})
        rows = rows.exclude(status=PairStatus.RETRACTED)
        found.update(rows.values_list(other, flat=True))
        never = Ruling.objects.filter(
            cohort=cohort, kind=RulingKind.NEVER, **{own: participant.pk, f"{other}__in": among}
        )
        found.update(never.values_list(other, flat=True))
    if HardRule.objects.filter(cohort=cohort, rule=Rule.EXCLUSION, enabled=False).exists():
        return found
    people = dict(Participant.objects.filter(pk__in=among).values_list("person_id", "pk"))
    excluded = Exclusion.objects.filter(
        Q(person=participant.person_id, other__in=people) | Q(other=participant.person_id, person__in=people)
    )
    for pair in excluded.values_list(F("person_id"), F("other_id")):
        found.update(people[pk] for pk in pair if pk in people)
    return found


def hidden_from(requests: Iterable[PairRequest]) -> set[int]:
    """Those of the requests whose receiver said "not for me" about the sender: she must not see them."""
    wanted = {(one.receiver_id, one.sender_id): one.pk for one in requests}
    refused = Pick.objects.filter(
        participant__in={receiver for receiver, _sender in wanted},
        partner__in={sender for _receiver, sender in wanted},
        rank=None,
    )
    pairs = refused.values_list("participant_id", "partner_id")
    return {wanted[pair] for pair in pairs if pair in wanted}


def waiting_requests() -> QuerySet[PairRequest]:
    """Open requests with the people of both sides, for mails."""
    return (
        PairRequest.objects.filter(status=RequestStatus.OPEN)
        .select_related(
            "cohort__program__champion__user",
            "sender__person",
            "receiver__person",
            "sender__organization",
            "receiver__organization",
        )
        .order_by("id")
    )


def request_to(participant: Participant, request_id: int) -> PairRequest | None:
    """A request to this participant that she may know of."""
    found = (
        PairRequest.objects.filter(receiver=participant, pk=request_id)
        .select_related("cohort", "sender__person")
        .first()
    )
    said_herself = found and found.status in (RequestStatus.ACCEPTED, RequestStatus.DECLINED)
    return None if found and not said_herself and hidden_from([found]) else found


def newest_of(request: PairRequest) -> PairRequest:
    """The last one between the same two: a request that was taken back may have been sent again."""
    later = PairRequest.objects.filter(sender=request.sender_id, receiver=request.receiver_id)
    return later.filter(pk__gt=request.pk).order_by("-pk").first() or request


def pair_between(one: Participant, other: Participant) -> Pair | None:
    sides = Q(mentor=one, mentee=other) | Q(mentor=other, mentee=one)
    return Pair.objects.filter(sides, status=PairStatus.ACTIVE).first()


def received_by(participant: Participant, now: datetime) -> list[PairRequest]:
    """What waits for her answer, the one that runs out first in front."""
    waiting = PairRequest.objects.filter(receiver=participant, status=RequestStatus.OPEN, expires_at__gt=now)
    found = list(waiting.select_related("sender__person").order_by("expires_at", "id"))
    hidden = hidden_from(found)
    return [one for one in found if one.pk not in hidden]


def sent_by(participant: Participant) -> list[PairRequest]:
    """What she asked, in order, without what she took back. Why one ended is not for her to know."""
    sent = PairRequest.objects.filter(sender=participant).exclude(status=RequestStatus.WITHDRAWN)
    return list(sent.select_related("receiver__person").order_by("id"))


@dataclass(frozen=True)
class SelfMade:
    """How far the people of a cohort have come among themselves: `pairs` they made, `waiting` requests, and
    by role how many of those who take part have no partner yet."""

    pairs: int
    waiting: int
    without: dict[str, int]
    people: dict[str, int]


def self_made(cohort: Cohort) -> SelfMade:
    counts = dict(
        PairRequest.objects.filter(cohort=cohort).order_by().values_list("status").annotate(Count("pk"))
    )
    accepted = PairRequest.objects.filter(cohort=cohort, status=RequestStatus.ACCEPTED)
    sides = [
        (sender, receiver) if role == PairRole.MENTOR else (receiver, sender)
        for sender, receiver, role in accepted.values_list("sender_id", "receiver_id", "sender__role")
    ]
    active = set(
        Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE).values_list("mentor_id", "mentee_id")
    )
    there = ready(cohort).order_by().values_list("pk", "role")
    paired = {pk for pair in active for pk in pair}
    people = Counter(role for _pk, role in there)
    without = Counter(role for pk, role in there if pk not in paired)
    return SelfMade(
        len(active & set(sides)),
        counts.get(RequestStatus.OPEN, 0),
        {role.value: without[role] for role in PairRole},
        {role.value: people[role] for role in PairRole},
    )
