"""People who choose for themselves: one asks, the other accepts or not, and the next one is asked.

Everything here holds the cohort's row while it works, as publishing does. So a seat is never taken twice,
whatever happens at the same moment, and nothing can deadlock; whoever locks participants as well locks the
cohort first. A request takes no seat. A pair does.

Somebody who said "not for me" about the sender is asked for show only: the request waits as long as any
other that nobody answers, she neither sees it nor gets a mail. Skipping her would tell more: the sender
would see the second pick asked at once while the first one still has a seat, and know.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from matching.enums import RequestStatus
from matching.models import PairRequest, SuggestionList
from matching.queries.requests import candidates, forbidden, free_seats, open_between, open_of, picked_by
from matching.rules import check_request_transition, request_expires
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort
from programs.actions.pairs import NewPair, create_pairs
from programs.enums import MatchingMode, PairRole
from programs.models import Cohort, Pair, Participant
from programs.rules import choosing_is_open, today_in


@dataclass
class Turn:
    """What one change brings about: requests sent and ended, pairs made, and who has to look again."""

    cohort: Cohort
    by: Actor
    now: datetime
    is_open: bool
    sent: list[PairRequest] = field(default_factory=list)
    ended: list[PairRequest] = field(default_factory=list)
    made: list[Pair] = field(default_factory=list)

    @classmethod
    def begin(cls, cohort: Cohort, *, by: Actor, now: datetime) -> "Turn":
        locked = lock_cohort(cohort)
        today = today_in(locked.organization.time_zone, now)
        chooses = locked.matching_mode == MatchingMode.CHOOSE
        return cls(locked, by, now, chooses and choosing_is_open(locked, today))


def send_next_requests(*, participant: Participant, by: Actor, now: datetime) -> None:
    """Go on with somebody's picks, in her order: whoever picked her too is her partner at once; of the
    others as many are asked as she has free seats. Requests to those no longer picked are taken back.

    Outside of the days for choosing, and in other modes, nothing happens. Call it after every change of
    picks; the cohort has to be locked before anything of its participants is.
    """
    turn = Turn.begin(participant.cohort, by=by, now=now)
    if not turn.is_open:
        return
    picked = set(picked_by(participant.pk))
    for request in open_of(participant.pk):
        if request.sender_id == participant.pk and request.receiver_id not in picked:
            _end(turn, request, RequestStatus.WITHDRAWN)
    _go_on(turn, [participant.pk])


def _go_on(turn: Turn, participants: Iterable[int]) -> None:
    """Ask for these, and for everybody whose own request ends because of it."""
    waiting = deque(sorted(set(participants)))
    while waiting and turn.is_open:
        waiting.extend(_ask(turn, waiting.popleft()))


def _ask(turn: Turn, pk: int) -> list[int]:
    """One participant's turn; answers who has to look again."""
    participant = Participant.objects.select_related("person").get(pk=pk)
    free = free_seats(turn.cohort, [pk])[pk]
    again, sent = _let_go(turn, pk, free)
    if free <= 0:
        return again
    found = candidates(turn.cohort, participant)
    if found.mutual:
        partner = Participant.objects.select_related("person").get(pk=found.mutual[0])
        _make_pair(turn, participant, partner)
        return [*again, pk, partner.pk]
    for receiver in found.others[: free - sent]:
        expires_at = request_expires(turn.now, turn.cohort.choose_until, turn.cohort.organization.time_zone)
        turn.sent.append(
            PairRequest.objects.create(
                cohort=turn.cohort,
                sender=participant,
                receiver_id=receiver,
                sent_at=turn.now,
                expires_at=expires_at,
            )
        )
    return again


def _let_go(turn: Turn, pk: int, free: int) -> tuple[list[int], int]:
    """End what can no longer be met: without a seat everything, else the youngest of her own requests that
    are more than her seats. Answers whose request ended, and how many of her own stay open."""
    requests = open_of(pk)
    own = [request for request in requests if request.sender_id == pk]
    received = [request for request in requests if request.receiver_id == pk]
    for request in own[free:]:
        _end(turn, request, RequestStatus.GONE)
    for request in [] if free else received:
        _end(turn, request, RequestStatus.GONE)
    return [] if free else [request.sender_id for request in received], len(own[:free])


def _make_pair(turn: Turn, sender: Participant, receiver: Participant) -> Pair:
    mentor, mentee = (sender, receiver) if sender.role == PairRole.MENTOR else (receiver, sender)
    score = _score(mentor.pk, mentee.pk)
    (pair,) = create_pairs(
        cohort=turn.cohort, pairs=[NewPair(mentor, mentee, score)], by=turn.by, now=turn.now, start=False
    )
    asked = list(open_between(sender.pk, receiver.pk)) or [
        PairRequest(
            cohort=turn.cohort, sender=sender, receiver=receiver, sent_at=turn.now, expires_at=turn.now
        )
    ]
    for request in asked:
        _end(turn, request, RequestStatus.ACCEPTED)
    turn.made.append(pair)
    return pair


def _score(mentor: int, mentee: int) -> int | None:
    suggested = SuggestionList.objects.filter(participant=mentor).first()
    return dict(zip(suggested.partners, suggested.scores, strict=True)).get(mentee) if suggested else None


def _end(turn: Turn, request: PairRequest, status: RequestStatus) -> None:
    check_request_transition(request.status, status)
    request.status = status
    request.ended_at = turn.now
    request.save()
    turn.ended.append(request)


def accept_request(*, request: PairRequest, by: Actor, now: datetime) -> Pair:
    """Say yes: the two are a pair at once."""
    turn = Turn.begin(request.cohort, by=by, now=now)
    request = _answerable(turn, request)
    sender, receiver = request.sender, request.receiver
    seats = free_seats(turn.cohort, (sender.pk, receiver.pk))
    if not seats[receiver.pk]:
        raise NotAllowed(_("You have no free seat for another partner."))
    if not seats[sender.pk] or forbidden(turn.cohort, sender, [receiver.pk]):
        raise NotAllowed(_("This is no longer possible."))
    pair = _make_pair(turn, sender, receiver)
    audit.record("pair_request.accepted", receiver, by=by, cohort=turn.cohort.pk)
    _go_on(turn, (sender.pk, receiver.pk))
    return pair


def decline_request(*, request: PairRequest, by: Actor, now: datetime) -> PairRequest:
    """Say no, without a reason; the sender's next pick is asked."""
    turn = Turn.begin(request.cohort, by=by, now=now)
    request = _answerable(turn, request)
    _end(turn, request, RequestStatus.DECLINED)
    audit.record("pair_request.declined", request.receiver, by=by, cohort=turn.cohort.pk)
    _go_on(turn, [request.sender_id])
    return request


def _answerable(turn: Turn, request: PairRequest) -> PairRequest:
    found = PairRequest.objects.select_related("sender__person", "receiver__person").get(pk=request.pk)
    check_request_transition(found.status, RequestStatus.ACCEPTED)
    if not turn.is_open or found.expires_at <= turn.now:
        raise NotAllowed(_("The time to answer this request is over."))
    return found
