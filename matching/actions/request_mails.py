"""What people are told while they ask each other. A request that was declined, that nobody answered and that
found no seat left end in the same words: why is nobody's business but the other one's."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from matching.enums import RequestStatus
from matching.models import PairRequest, SuggestionList, SuggestionRun
from matching.queries.mails import LABEL
from matching.queries.requests import hidden_from, pair_between, request_rows, waiting_requests
from matching.queries.seats import free_seats
from matching.rules import last_day
from mentoring.enums import JobStatus, MessageReason, PersonStatus
from mentoring.mail.kinds import About, MailKind, Useful
from mentoring.mail.outbox import Recipient, queue_messages, render_message
from mentoring.mail.reminders import Reminder, ReminderRule, working_moment
from mentoring.models import Organization, OutgoingMessage
from mentoring.queries.contacts import mail_context
from mentoring.rules import today_in
from programs.actions.pairs import NewPair
from programs.enums import CohortStatus, PairRole
from programs.guards import participant_url
from programs.models import Cohort, Participant
from programs.queries.cohorts import contact_of
from programs.queries.participants import participants
from programs.rules import choosing_is_open

REMIND_BEFORE = timedelta(days=1)
UNMET = (RequestStatus.DECLINED, RequestStatus.EXPIRED, RequestStatus.GONE)


def cards_between(cohort: Cohort, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    """(who looks, whom they see) -> `matching.suggesting.Card`, in a fixed number of queries; without those
    for whom no suggestions are worked out (any more)."""
    run = _suggestions(cohort)
    looks: dict[int, list[int]] = {}
    for me, other in wanted:
        looks.setdefault(me, []).append(other)
    if run is None or not looks:
        return {}
    from matching.suggesting import cards_for  # numpy

    lists = SuggestionList.objects.filter(participant__in=looks)
    scores = {one.participant_id: dict(zip(one.partners, one.scores, strict=True)) for one in lists}
    known = {
        me: {other: scores[me][other] for other in others if other in scores.get(me, {})}
        for me, others in looks.items()
    }
    return {
        (me, card.partner.pk): card
        for me, cards in cards_for(run, {me: found for me, found in known.items() if found}).items()
        for card in cards
    }


def _suggestions(cohort: Cohort) -> SuggestionRun | None:
    done = SuggestionRun.objects.filter(cohort=cohort, status=JobStatus.DONE)
    return done.select_related("cohort__program").order_by("-pk").first()


def new_pair(
    cohort: Cohort, mentor: Participant, mentee: Participant, picks: dict[str, int | None]
) -> NewPair:
    """The two with what speaks for them; with nothing as long as no suggestions were worked out."""
    run = _suggestions(cohort)
    listed = SuggestionList.objects.filter(participant=mentor).first()
    if run is None or listed is None:
        return NewPair(mentor, mentee)
    from matching.suggesting import told_to_both  # numpy

    score = dict(zip(listed.partners, listed.scores, strict=True)).get(mentee.pk)
    return NewPair(mentor, mentee, score, told_to_both(run, mentor, mentee, picks))


def tell(
    cohort: Cohort,
    *,
    sent: list[PairRequest],
    ended: list[PairRequest],
    hidden: set[tuple[int, int]],
    now: datetime,
) -> None:
    """The mails of one change: to whom is asked now, to whom a request was accepted, and to those for whom
    it was "not this time". A request that was sent and ended in the same breath is not worth a mail."""
    asked = [one for one in sent if one.status == RequestStatus.OPEN]
    accepted = [one for one in ended if one.status == RequestStatus.ACCEPTED and one not in sent]
    unmet = _disappointed(cohort, [one for one in ended if one.status in UNMET and one not in sent])
    ids = {pk for one in (*asked, *accepted, *unmet) for pk in (one.sender_id, one.receiver_id)}
    people = participants().select_related("organization").in_bulk(ids)
    following = {one.sender_id: one for one in asked}
    visible = [one for one in asked if (one.sender_id, one.receiver_id) not in hidden]
    cards = cards_between(cohort, [(one.receiver_id, one.sender_id) for one in visible])
    messages = [
        *(_asked(one, people, cards, now) for one in visible),
        *(_accepted(one, people, now) for one in accepted),
        *(_not_this_time(one, people, following.get(one.sender_id), now) for one in unmet),
    ]
    if found := [message for message in messages if message]:
        queue_messages(found)


def _disappointed(cohort: Cohort, unmet: list[PairRequest]) -> list[PairRequest]:
    """Those whose sender still looks for somebody; who has found a partner knows why."""
    if cohort.status not in (CohortStatus.ENROLLING, CohortStatus.MATCHING):
        return []
    seats = free_seats(cohort, [one.sender_id for one in unmet])
    return [one for one in unmet if seats[one.sender_id]]


def _message(
    kind: str, key: str, to: Participant, context: dict[str, Any], now: datetime, **more: Any
) -> OutgoingMessage | None:
    """In working hours of who reads it: a request that runs out at midnight is not told at midnight."""
    organization = to.organization
    if not to.person.email or to.person.status == PersonStatus.LEFT:
        return None
    program = to.cohort.program
    recipient = Recipient.of_person(to.person, organization)
    return render_message(
        kind,
        to=recipient,
        context=mail_context(
            organization, contact=contact_of(program), program=program, cohort=to.cohort, **context
        ),
        idempotency_key=key,
        send_after=working_moment(now, recipient.time_zone),
        in_working_hours=True,
        reply_to=contact_of(program)["email"],
        **more,
    )


def about_request(request: PairRequest, **more: object) -> About:
    return {"request": request.pk, **more}


def _asked(
    request: PairRequest,
    people: Mapping[int, Participant],
    cards: Mapping[tuple[int, int], Any],
    now: datetime,
) -> OutgoingMessage | None:
    """Once a day at the most, however often the sender takes it back and asks again."""
    receiver = people[request.receiver_id]
    card = cards.get((request.receiver_id, request.sender_id))
    key = f"pair_request:{request.sender_id}:{request.receiver_id}:{request.sent_at:%Y%m%d}"
    return _message(
        "pair_request",
        key,
        receiver,
        asked_context(request, people, card),
        now,
        about=about_request(request, until=request.expires_at.timestamp()),
        useful_until=request.expires_at,
    )


def asked_context(request: PairRequest, people: Mapping[int, Participant], card: Any) -> dict[str, Any]:
    receiver = people[request.receiver_id]
    return {
        "sender": people[request.sender_id].person,
        "as_mentor": receiver.role == PairRole.MENTOR,
        "reasons": card.reasons[:3] if card else [],
        "introduction": card.introduction if card else "",
        "until": last_day(request.expires_at, receiver.organization.time_zone),
        "url": participant_url(receiver, "pair_request_accept", request_id=request.pk),
        "decline_url": participant_url(receiver, "pair_request_decline", request_id=request.pk),
    }


def _accepted(
    request: PairRequest, people: Mapping[int, Participant], now: datetime
) -> OutgoingMessage | None:
    sender = people[request.sender_id]
    context = {"partner": people[request.receiver_id].person, "url": participant_url(sender)}
    key = f"pair_request_accepted:{request.pk}"
    return _message("pair_request_accepted", key, sender, context, now, about=about_request(request))


def _not_this_time(
    request: PairRequest, people: Mapping[int, Participant], following: PairRequest | None, now: datetime
) -> OutgoingMessage | None:
    sender = people[request.sender_id]
    following_person = people[following.receiver_id].person if following else None
    can_choose = choosing_is_open(sender.cohort, today_in(sender.organization.time_zone, now))
    context = {
        "partner": people[request.receiver_id].person,
        "following": following_person,
        "can_choose": can_choose,
        "url": participant_url(sender),
    }
    about = about_request(
        request,
        following=following.pk if following else None,
        can_choose=can_choose,
        until=str(sender.cohort.choose_until),
    )
    return _message(
        "pair_request_ended", f"pair_request_ended:{request.pk}", sender, context, now, about=about
    )


def due_reminders(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """A day before a request runs out, to who has not answered it; not where it was sent only then."""
    due = [
        one
        for one in waiting_requests().filter(expires_at__gt=now, expires_at__lte=now + REMIND_BEFORE)
        if one.expires_at - one.sent_at > REMIND_BEFORE
    ]
    hidden = hidden_from(due)
    for request in due:
        receiver = request.receiver
        if request.pk in hidden or not receiver.person.email or receiver.person.status == PersonStatus.LEFT:
            continue
        recipient = Recipient.of_person(receiver.person, organization)
        yield Reminder(
            object_key=f"pair_request:{request.pk}",
            due_on=last_day(request.expires_at, organization.time_zone),
            kind="pair_request",
            to=recipient,
            context=partial(_reminder_context, organization, request),
            reply_to=contact_of(request.cohort.program)["email"],
            about=about_request(request, until=request.expires_at.timestamp()),
            useful_until=request.expires_at,
            at_once=working_moment(now, recipient.time_zone) >= request.expires_at,
        )


def _reminder_context(organization: Organization, request: PairRequest) -> dict[str, Any]:
    program = request.cohort.program
    people = {request.sender_id: request.sender, request.receiver_id: request.receiver}
    cards = cards_between(request.cohort, [(request.receiver_id, request.sender_id)])
    return mail_context(
        organization,
        contact=contact_of(program),
        program=program,
        cohort=request.cohort,
        last_call=True,
        **asked_context(request, people, next(iter(cards.values()), None)),
    )


def _check_asked(about: About, now: datetime) -> MessageReason | None:
    """Still open, until the same moment, and nothing that the one who is asked must not see."""
    request = waiting_requests().filter(pk=about["request"]).first()
    if request is None or request.expires_at.timestamp() != about["until"] or hidden_from([request]):
        return MessageReason.OUTDATED
    gone = PersonStatus.LEFT in (request.sender.person.status, request.receiver.person.status)
    return MessageReason.OUTDATED if gone else None


def _check_accepted(about: About, now: datetime) -> MessageReason | None:
    request = request_rows().filter(pk=about["request"], status=RequestStatus.ACCEPTED).first()
    paired = request is not None and pair_between(request.sender, request.receiver)
    return None if paired else MessageReason.OUTDATED


def _check_ended(about: About, now: datetime) -> MessageReason | OutgoingMessage | None:
    """That it was "not this time" stays true as long as the two are no pair and somebody is looked for; who
    is asked next, and whether others can be chosen, is said as it is now."""
    request = request_rows().filter(pk=about["request"], status__in=UNMET).first()
    if request is None or not _disappointed(request.cohort, [request]):
        return MessageReason.OUTDATED
    still_asked = PairRequest.objects.filter(sender=request.sender_id, status=RequestStatus.OPEN)
    following = still_asked.filter(pk=about["following"]).first() or still_asked.order_by("pk").first()
    ids = {request.sender_id, request.receiver_id} | ({following.receiver_id} if following else set())
    people = participants().select_related("organization").in_bulk(ids)
    anew = _not_this_time(request, people, following, now)
    return anew if anew and anew.about != about else None


KINDS = (
    MailKind("pair_request", LABEL, Useful.GIVEN, _check_asked),
    MailKind("pair_request_accepted", LABEL, Useful.ALWAYS, _check_accepted),
    MailKind("pair_request_ended", LABEL, Useful.ALWAYS, _check_ended),
)
RULES = (ReminderRule("pair_request_reminder", due_reminders),)
