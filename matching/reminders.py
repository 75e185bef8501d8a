"""Mails of choosing, computed from the state: that it is open, with three suggestions, and a last call."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef

from matching.models import Pick, SuggestionList
from matching.queries.inputs import ready
from matching.queries.requests import free_seats
from matching.queries.suggestions import cohorts_in_choosing
from matching.rules import LAST_CALL
from mentoring.batches import batches
from mentoring.enums import PersonStatus
from mentoring.mail.context import mail_context
from mentoring.mail.outbox import Recipient
from mentoring.mail.reminders import Reminder, ReminderRule, reminder_key, working_moment
from mentoring.models import Organization, OutgoingMessage
from programs.enums import PairRole
from programs.guards import participant_url
from programs.models import Cohort, Participant
from programs.queries.cohorts import contact_of
from programs.queries.participants import participants
from programs.rules import today_in

if TYPE_CHECKING:
    from matching.suggesting import Card

MAILED = 3  # suggestions in a mail
QUIET = timedelta(days=1)  # between the two mails
BATCH = 200


def opened(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """Everybody who can choose and has suggestions, once: when choosing opens, or later for who is late."""
    for cohort in cohorts_in_choosing(now):
        for chunk in batches(_can_choose(cohort), BATCH):
            waiting = _unplanned("choose_opened", chunk)
            seats = free_seats(cohort, [one.pk for one in waiting])
            waiting = [one for one in waiting if seats[one.pk] and _in_time(organization, one, now)]
            cards = _top(waiting)
            for one in waiting:
                if cards.get(one.pk):
                    yield _mail("choose_opened", organization, one, cards=cards[one.pk])


def last_calls(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """Three days before the end, whoever has picked nobody; not the day after the first mail."""
    today = today_in(organization.time_zone, now)
    for cohort in cohorts_in_choosing(now):
        assert cohort.choose_until  # in choosing
        if today < cohort.choose_until - LAST_CALL:
            continue
        ranked = Pick.objects.filter(participant=OuterRef("pk"), rank__isnull=False)
        for chunk in batches(_can_choose(cohort).filter(~Exists(ranked)), BATCH):
            waiting = _told_before(_unplanned("choose_last_call", chunk), now)
            seats = free_seats(cohort, [one.pk for one in waiting])
            for one in waiting:
                if seats[one.pk] and _in_time(organization, one, now):
                    yield _mail("choose_last_call", organization, one)


def _can_choose(cohort: Cohort) -> Any:
    """Ready, reachable, and with somebody to choose from."""
    listed = SuggestionList.objects.filter(participant=OuterRef("pk"), partners__len__gt=0)
    found = participants().filter(Exists(listed), pk__in=ready(cohort).order_by().values("pk"))
    return found.filter(person__status=PersonStatus.ACTIVE).exclude(person__email="").order_by("pk")


def _case(participant: Participant) -> tuple[str, date]:
    """What makes it one mail for each time somebody joins, however the dates of the cohort move."""
    return f"participant:{participant.pk}", (participant.joined_at or participant.created_at).date()


def _key(rule: str, participant: Participant) -> str:
    return reminder_key(rule, *_case(participant), participant.person.email)


def _unplanned(rule: str, found: Iterable[Participant]) -> list[Participant]:
    keys = {_key(rule, one): one for one in found}
    known = set(
        OutgoingMessage.objects.filter(idempotency_key__in=keys).values_list("idempotency_key", flat=True)
    )
    return [one for key, one in keys.items() if key not in known]


def _told_before(found: Iterable[Participant], now: datetime) -> list[Participant]:
    keys = {_key("choose_opened", one): one for one in found}
    told = OutgoingMessage.objects.filter(idempotency_key__in=keys, send_after__lte=now - QUIET)
    return [keys[key] for key in told.order_by("person_id").values_list("idempotency_key", flat=True)]


def _in_time(organization: Organization, participant: Participant, now: datetime) -> bool:
    """A mail that waits for Monday must not arrive after the last day."""
    sent = working_moment(now, participant.person.zone(organization))
    return bool(today_in(organization.time_zone, sent) <= participant.cohort.choose_until)  # type: ignore[operator]


def _top(found: list[Participant]) -> "dict[int, list[Card]]":
    if not found:
        return {}
    from matching.suggesting import cards_for  # numpy

    lists = list(SuggestionList.objects.select_related("run").filter(participant__in=found))
    wanted = {
        one.participant_id: dict(zip(one.partners[:MAILED], one.scores[:MAILED], strict=True))
        for one in lists
    }
    return cards_for(lists[0].run, wanted) if lists else {}


def _mail(kind: str, organization: Organization, participant: Participant, **more: Any) -> Reminder:
    object_key, due_on = _case(participant)
    return Reminder(
        object_key=object_key,
        due_on=due_on,
        kind=kind,
        to=Recipient.of_person(participant.person, organization),
        context=partial(choose_context, organization, participant, **more),
        reply_to=contact_of(participant.cohort.program)["email"],
    )


def choose_context(
    organization: Organization, participant: Participant, cards: "Iterable[Card]" = ()
) -> dict[str, Any]:
    cohort = participant.cohort
    return mail_context(
        organization,
        contact=contact_of(cohort.program),
        program=cohort.program,
        cohort=cohort,
        as_mentor=participant.role == PairRole.MENTOR,
        suggestions=[
            (card, participant_url(participant, "choose_profile", partner_id=card.partner.pk))
            for card in cards
        ],
        url=participant_url(participant, "choose"),
    )


RULES = (
    ReminderRule("choose_opened", opened),
    ReminderRule("choose_last_call", last_calls),
)
