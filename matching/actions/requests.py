"""People who choose for themselves: one asks, the other accepts or not, and the next one is asked.

Everything here holds the cohort's row while it works, as publishing does. So a seat is never taken twice,
whatever happens at the same moment, and nothing can deadlock; whoever locks participants as well locks the
cohort first. A request takes no seat. A pair does.

Somebody who said "not for me" about the sender is asked for show only: the request waits as long as any
other that nobody answers, she neither sees it nor gets a mail. Skipping her would tell more: the sender
would see her second pick asked while the first one still has a seat, and know.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from matching.actions.request_mails import cards_between, tell
from matching.enums import RequestStatus
from matching.models import PairRequest
from matching.queries.requests import (
    candidates,
    forbidden,
    free_seats,
    open_between,
    open_in,
    open_of,
    pair_between,
    picked_by,
    refused_since_asked,
    who_must_look,
)
from matching.rules import check_request_transition, request_expires
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort
from programs.actions.pairs import NewPair, create_pairs
from programs.enums import CohortStatus, MatchingMode, PairRole
from programs.models import Cohort, Pair, Participant
from programs.rules import choosing_is_open, today_in


@dataclass
class Turn:
    """What one change brings about: requests sent and ended, and pairs made."""

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

    def finish(self) -> None:
        """Tell everybody, once everything stands."""
        tell(self.cohort, sent=self.sent, ended=self.ended, now=self.now)


def send_next_requests(*, participant: Participant, by: Actor, now: datetime) -> None:
    """Go on with somebody's picks, in her order: whoever picked her too is her partner at once; of the
    others as many are asked as she has free seats. A request to somebody she no longer picks is taken back,
    one from somebody she refuses since is declined; one that is out stays when she only sorts her list.

    Outside of the days for choosing, and in other modes, nothing happens. Call it after every change of
    picks; lock the cohort before any row of its participants.
    """
    if participant.cohort.matching_mode != MatchingMode.CHOOSE:
        return
    turn = Turn.begin(participant.cohort, by=by, now=now)
    if not turn.is_open:
        return
    picked, open_requests = set(picked_by(participant.pk)), open_of(participant.pk)
    refused = refused_since_asked(participant.pk, open_requests)
    for request in open_requests:
        if request.sender_id == participant.pk and request.receiver_id not in picked:
            _end(turn, request, RequestStatus.WITHDRAWN)
        elif request.pk in refused:
            _end(turn, request, RequestStatus.DECLINED)
    _go_on(turn, [participant.pk, *(one.sender_id for one in turn.ended)])
    if turn.sent or turn.ended:
        audit.record("pair_request.sent", participant, by=by, cohort=turn.cohort.pk)
    turn.finish()


def accept_request(*, request: PairRequest, by: Actor, now: datetime) -> Pair:
    """Say yes: the two are a pair at once, and whoever asked one who has no seat left goes on. Saying it
    twice is saying it once."""
    turn = Turn.begin(request.cohort, by=by, now=now)
    request = _answerable(turn, request, RequestStatus.ACCEPTED)
    if request.status == RequestStatus.ACCEPTED:
        return _pair_of(request)
    sender, receiver = request.sender, request.receiver
    seats = free_seats(turn.cohort, (sender.pk, receiver.pk))
    if not seats[receiver.pk]:
        raise NotAllowed(_("You have as many partners as you wanted, so you cannot accept another."))
    if not seats[sender.pk] or forbidden(turn.cohort, sender, [receiver.pk]):
        raise NotAllowed(_("This is no longer possible: things have changed since you were asked."))
    pair = _make_pair(turn, sender, receiver)
    audit.record("pair_request.accepted", receiver, by=by, cohort=turn.cohort.pk)
    _go_on(turn, (sender.pk, receiver.pk))
    turn.finish()
    return pair


def decline_request(*, request: PairRequest, by: Actor, now: datetime) -> PairRequest:
    """Say "not this time", without a reason; the sender's next pick is asked."""
    turn = Turn.begin(request.cohort, by=by, now=now)
    request = _answerable(turn, request, RequestStatus.DECLINED)
    if request.status == RequestStatus.DECLINED:
        return request
    _end(turn, request, RequestStatus.DECLINED)
    audit.record("pair_request.declined", request.receiver, by=by, cohort=turn.cohort.pk)
    _go_on(turn, [request.sender_id])
    turn.finish()
    return request


def sweep_requests(*, cohort: Cohort, by: Actor, now: datetime) -> int:
    """Bring a cohort's requests in line with what has happened meanwhile: time that ran out, the last day,
    somebody who left or stepped back, a number of partners that was changed, a pair that ended. It looks at
    what is, so it may come late and as often as it likes. Answers how many requests ended or were sent."""
    turn = Turn.begin(cohort, by=by, now=now)
    over = not turn.is_open and turn.cohort.status != CohortStatus.ENROLLING
    for request in open_in(turn.cohort):
        if over or request.expires_at <= now:
            _end(turn, request, RequestStatus.EXPIRED)
    if turn.is_open:
        _go_on(turn, who_must_look(turn.cohort))
    turn.finish()
    return len(turn.ended) + len(turn.sent)


def _pair_of(request: PairRequest) -> Pair:
    pair = pair_between(request.sender, request.receiver)
    if pair is None:
        raise NotAllowed(_("You said yes to this, and the pair has ended since."))
    return pair


def _answerable(turn: Turn, request: PairRequest, to: RequestStatus) -> PairRequest:
    found = PairRequest.objects.select_related("sender__person", "receiver__person").get(pk=request.pk)
    if found.status == to:
        return found
    check_request_transition(found.status, to)
    if found.expires_at <= turn.now or not turn.is_open:
        raise NotAllowed(_("The time to answer this request is over."))
    return found


def _go_on(turn: Turn, participants: Iterable[int]) -> None:
    """Ask for these, and for everybody whose own request ends because of it."""
    waiting = deque(sorted(set(participants)))
    while waiting and turn.is_open:
        waiting.extend(_ask(turn, waiting.popleft()))


def _ask(turn: Turn, pk: int) -> list[int]:
    """One participant's turn; answers who has to look again."""
    free = free_seats(turn.cohort, [pk])[pk]
    again, waiting = _let_go(turn, pk, free)
    if not free:
        return again
    participant = Participant.objects.select_related("person").get(pk=pk)
    found = candidates(turn.cohort, participant)
    if found.mutual:
        partner = Participant.objects.select_related("person").get(pk=found.mutual[0])
        _make_pair(turn, participant, partner)
        return [*again, pk, partner.pk]
    for receiver in found.others[: free - waiting]:
        turn.sent.append(_send(turn, pk, receiver))
    return again


def _let_go(turn: Turn, pk: int, free: int) -> tuple[list[int], int]:
    """End what can no longer be met: without a seat everything, else the youngest of her own requests that
    are more than her seats. Answers whose request ended, and how many of her own stay open."""
    requests = open_of(pk)
    own = [one for one in requests if one.sender_id == pk]
    received = [] if free else [one for one in requests if one.receiver_id == pk]
    for request in (*own[free:], *received):
        _end(turn, request, RequestStatus.GONE)
    return [one.sender_id for one in received], len(own[:free])


def _send(turn: Turn, sender: int, receiver: int, *, answered: bool = False) -> PairRequest:
    zone = turn.cohort.organization.time_zone
    assert turn.cohort.choose_until  # people choose in this cohort
    expires_at = turn.now if answered else request_expires(turn.now, turn.cohort.choose_until, zone)
    return PairRequest.objects.create(
        cohort=turn.cohort,
        sender_id=sender,
        receiver_id=receiver,
        sent_at=turn.now,
        expires_at=expires_at,
    )


def _make_pair(turn: Turn, sender: Participant, receiver: Participant) -> Pair:
    """The pair, with what was asked between the two accepted; if nobody had asked, both picked each other."""
    mentor, mentee = (sender, receiver) if sender.role == PairRole.MENTOR else (receiver, sender)
    seen = cards_between(turn.cohort, [(mentor.pk, mentee.pk), (mentee.pk, mentor.pk)])
    told = {
        PairRole(one.role).value: card.reasons
        for one in (mentor, mentee)
        for (me, _other), card in seen.items()
        if me == one.pk
    }
    new = NewPair(mentor, mentee, next((card.score for card in seen.values()), None), told)
    (pair,) = create_pairs(cohort=turn.cohort, pairs=[new], by=turn.by, now=turn.now, start=False)
    asked = list(open_between(sender.pk, receiver.pk))
    if not asked:
        asked = [_send(turn, sender.pk, receiver.pk, answered=True)]
        turn.sent += asked
    for request in asked:
        _end(turn, request, RequestStatus.ACCEPTED)
    turn.made.append(pair)
    return pair


def _end(turn: Turn, request: PairRequest, status: RequestStatus) -> None:
    check_request_transition(request.status, status)
    request.status = status
    request.ended_at = turn.now
    request.save(update_fields=["status", "ended_at"])
    turn.ended.append(request)
