"""People who choose for themselves: one asks, the other accepts or not, and the next one is asked.

Everything here holds the cohort's row while it works, as publishing does. So a seat is never taken twice,
whatever happens at the same moment, and nothing can deadlock; whoever locks participants as well locks the
cohort first. A request takes no seat. A pair does.

Somebody who said "not for me" about the sender is asked for show only: the request waits as long as any
other that nobody answers, they neither see it nor get a mail. Skipping them would tell more: the sender
would see their second pick asked while the first one still has a seat, and know.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from matching.actions.request_mails import new_pair, tell
from matching.enums import RequestStatus
from matching.models import PairRequest
from matching.queries.board import Board, load_board
from matching.queries.pairing import broken_by
from matching.queries.requests import open_in, pair_between, who_must_look
from matching.queries.settings import settings_now
from matching.rules import check_request_transition, request_expires
from matching.run_settings import Settings
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.rules import NotAllowed, today_in
from programs.actions.cohorts import lock_cohort
from programs.actions.pairs import create_pairs, hold_pairing
from programs.enums import CohortStatus, MatchingMode, PairRole
from programs.models import Cohort, Pair, Participant
from programs.rules import choosing_is_open


@dataclass
class Turn:
    """What one change brings about: requests sent and ended, written round by round; `hidden` are those
    (sender, receiver) of whom the receiver must not know."""

    cohort: Cohort
    by: Actor
    now: datetime
    is_open: bool
    sent: list[PairRequest] = field(default_factory=list)
    ended: list[PairRequest] = field(default_factory=list)
    hidden: set[tuple[int, int]] = field(default_factory=set)
    unwritten: list[PairRequest] = field(default_factory=list)

    @cached_property
    def settings(self) -> Settings:
        """What the cohort is matched by."""
        return settings_now(self.cohort)

    @classmethod
    def begin(cls, cohort: Cohort, *, by: Actor, now: datetime) -> "Turn":
        locked = lock_cohort(cohort)
        today = today_in(locked.organization.time_zone, now)
        chooses = locked.matching_mode == MatchingMode.CHOOSE
        return cls(locked, by, now, chooses and choosing_is_open(locked, today))

    def send(self, sender: int, receiver: int) -> PairRequest:
        assert self.cohort.choose_until  # people choose in this cohort
        expires_at = request_expires(self.now, self.cohort.choose_until, self.cohort.organization.time_zone)
        request = PairRequest(
            cohort=self.cohort,
            sender_id=sender,
            receiver_id=receiver,
            sent_at=self.now,
            expires_at=expires_at,
        )
        self.sent.append(request)
        self.unwritten.append(request)
        return request

    def end(self, request: PairRequest, status: RequestStatus) -> None:
        check_request_transition(request.status, status)
        request.status = status
        request.ended_at = self.now
        self.ended.append(request)
        self.unwritten.append(request)

    def write(self) -> None:
        """First what ended: the same two may have an open request only once."""
        for status in {one.status for one in self.unwritten}:
            ids = [one.pk for one in self.unwritten if one.pk and one.status == status]
            PairRequest.objects.filter(pk__in=ids).update(status=status, ended_at=self.now)
        PairRequest.objects.bulk_create([one for one in self.sent if not one.pk], batch_size=500)
        self.unwritten.clear()

    def finish(self) -> None:
        """Tell everybody, once everything stands."""
        self.write()
        if self.sent or self.ended:
            tell(self.cohort, sent=self.sent, ended=self.ended, hidden=self.hidden, now=self.now)


def send_next_requests(*, participant: Participant, by: Actor, now: datetime) -> None:
    """Go on with somebody's picks, in their order: whoever picked them too is their partner at once; of the
    others as many are asked as they have free seats. A request to somebody they no longer pick is taken back,
    one from somebody they refuse since is declined; one that is out stays when they only sort their list.

    Outside of the days for choosing, and in other modes, nothing happens. Call it after every change of
    picks; lock the cohort before any row of its participants.
    """
    if participant.cohort.matching_mode != MatchingMode.CHOOSE:
        return
    turn = Turn.begin(participant.cohort, by=by, now=now)
    if not turn.is_open:
        return
    me = participant.pk
    board = load_board(turn.cohort, [me])
    for request in board.open_of(me):
        refused_at = board.refused.get((me, request.sender_id))
        if request.sender_id == me and request.receiver_id not in board.picks.get(me, []):
            turn.end(request, RequestStatus.WITHDRAWN)
        elif refused_at and refused_at >= request.sent_at:
            turn.end(request, RequestStatus.DECLINED)
    declined = [one.sender_id for one in turn.ended if one.sender_id != me]
    _go_on(turn, [me, *declined], None if declined else board)
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
    sender, receiver = request.sender_id, request.receiver_id
    board = load_board(turn.cohort, (sender, receiver))
    if not board.free[receiver]:
        raise NotAllowed(_("You have as many partners as you wanted, so you cannot accept another."))
    if not board.can_pair(sender, receiver) or _forbidden(turn, sender, receiver):
        raise NotAllowed(_("This is no longer possible: things have changed since you were asked."))
    pair = _make_pair(turn, board, sender, receiver)
    audit.record("pair_request.accepted", request.receiver, by=by, cohort=turn.cohort.pk)
    _go_on(turn, (sender, receiver), board)
    turn.finish()
    return pair


def decline_request(*, request: PairRequest, by: Actor, now: datetime) -> PairRequest:
    """Say "not this time", without a reason; the sender's next pick is asked."""
    turn = Turn.begin(request.cohort, by=by, now=now)
    request = _answerable(turn, request, RequestStatus.DECLINED)
    if request.status == RequestStatus.DECLINED:
        return request
    turn.end(request, RequestStatus.DECLINED)
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
            turn.end(request, RequestStatus.EXPIRED)
    if turn.is_open:
        turn.write()
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


def _go_on(turn: Turn, participants: Iterable[int], board: Board | None = None) -> None:
    """Ask for these, then for everybody whose own request ended because of it, and so on. Each round ends
    requests or makes pairs, of which there are finitely many."""
    waiting = set(participants)
    while waiting and turn.is_open:
        turn.write()
        board = board or load_board(turn.cohort, waiting)
        waiting = {pk for one in sorted(waiting) for pk in _ask(turn, board, one)}
        board = None


def _ask(turn: Turn, board: Board, me: int) -> set[int]:
    """One participant's turn; answers who has to look again."""
    again = _let_go(turn, board, me)
    for partner in board.mutual(me):
        if not _forbidden(turn, me, partner):
            _make_pair(turn, board, me, partner)
            return again | {me, partner}
    waiting = sum(one.sender_id == me for one in board.open_of(me))
    for receiver in board.others(me)[: max(0, board.free[me] - waiting)]:
        turn.send(me, receiver)
        if (receiver, me) in board.refused:
            turn.hidden.add((me, receiver))
    return again


def _let_go(turn: Turn, board: Board, me: int) -> set[int]:
    """End what can no longer be met: without a seat everything, else the youngest of their own requests that
    are more than their seats. Answers whose request to them ended."""
    free, requests = board.free[me], board.open_of(me)
    received = [] if free else [one for one in requests if one.receiver_id == me]
    for request in [one for one in requests if one.sender_id == me][free:] + received:
        turn.end(request, RequestStatus.GONE)
    return {one.sender_id for one in received}


def _forbidden(turn: Turn, one: int, other: int) -> bool:
    """Whether a hard rule is against it by now: suggestions may be older than the roster or an answer. What
    one of the two said of the other before does not count: they have just said otherwise."""
    hold_pairing(turn.cohort)
    found = Participant.objects.select_related("person").in_bulk([one, other])
    mentor, mentee = sorted(found.values(), key=lambda person: person.role == PairRole.MENTEE)
    return bool(set(broken_by(mentor, mentee, turn.settings)) - {"refused"})


def _make_pair(turn: Turn, board: Board, sender: int, receiver: int) -> Pair:
    """The pair, with what was asked between the two accepted; if nobody had asked, both picked each other."""
    people = Participant.objects.select_related("person").in_bulk([sender, receiver])
    mentor, mentee = sorted(people.values(), key=lambda one: one.role == PairRole.MENTEE)
    picks = {
        PairRole.MENTOR.value: board.rank(mentor.pk, mentee.pk),
        PairRole.MENTEE.value: board.rank(mentee.pk, mentor.pk),
    }
    new = new_pair(turn.cohort, mentor, mentee, picks)
    (pair,) = create_pairs(cohort=turn.cohort, pairs=[new], by=turn.by, now=turn.now, start=False)
    board.barred.add(frozenset(people))
    board.free.subtract((sender, receiver))
    for request in board.open_between(sender, receiver) or [turn.send(sender, receiver)]:
        turn.end(request, RequestStatus.ACCEPTED)
    return pair
