"""Who asks whom, in a cohort whose people choose for themselves: whom to ask next, what is open."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from matching.enums import RequestStatus
from matching.models import PairRequest, Pick
from matching.queries.inputs import ready
from programs.enums import CohortStatus, MatchingMode, PairRole, PairStatus
from programs.models import Cohort, Pair, Participant


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


def hidden_from(requests: Iterable[PairRequest]) -> set[int]:
    """Those of the requests whose receiver said "not for me" about the sender: they must not see them."""
    wanted = {(one.receiver_id, one.sender_id): one.pk for one in requests}
    refused = Pick.objects.filter(
        participant__in={receiver for receiver, _sender in wanted},
        partner__in={sender for _receiver, sender in wanted},
        rank=None,
    )
    pairs = refused.values_list("participant_id", "partner_id")
    return {wanted[pair] for pair in pairs if pair in wanted}


def request_rows() -> QuerySet[PairRequest]:
    """Requests with the people of both sides, for mails."""
    return PairRequest.objects.select_related(
        "cohort__program__champion__user",
        "sender__person",
        "receiver__person",
        "sender__organization",
        "receiver__organization",
    ).order_by("id")


def waiting_requests() -> QuerySet[PairRequest]:
    return request_rows().filter(status=RequestStatus.OPEN)


def request_to(participant: Participant, request_id: int) -> PairRequest | None:
    """A request to this participant that they may know of."""
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
    """What waits for their answer, the one that runs out first in front."""
    waiting = PairRequest.objects.filter(receiver=participant, status=RequestStatus.OPEN, expires_at__gt=now)
    found = list(waiting.select_related("sender__person").order_by("expires_at", "id"))
    hidden = hidden_from(found)
    return [one for one in found if one.pk not in hidden]


def sent_by(participant: Participant) -> list[PairRequest]:
    """What they asked, in order, without what they took back. Why one ended is not for them to know."""
    sent = PairRequest.objects.filter(sender=participant).exclude(status=RequestStatus.WITHDRAWN)
    return list(sent.select_related("receiver__person").order_by("id"))


@dataclass(frozen=True)
class SelfMade:
    """How far the people of a cohort have come among themselves: `pairs` they made of those `possible` (the
    seats of the smaller side), `waiting` requests, and by role how many of those who take part have no
    partner yet."""

    pairs: int
    possible: int
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
    there = list(ready(cohort).order_by().values_list("pk", "role", "capacity"))
    paired = {pk for pair in active for pk in pair}
    people = Counter(role for _pk, role, _seats in there)
    without = Counter(role for pk, role, _seats in there if pk not in paired)
    seats = [sum(number for _pk, role, number in there if role == one) for one in PairRole]
    return SelfMade(
        len(active & set(sides)),
        min(seats),
        counts.get(RequestStatus.OPEN, 0),
        {role.value: without[role] for role in PairRole},
        {role.value: people[role] for role in PairRole},
    )
