"""Mails of choosing, computed from the state: that it is open, with three suggestions, and a last call."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, QuerySet

from matching.models import Pick, SuggestionList
from matching.queries.inputs import ready
from matching.queries.mails import about_choosing
from matching.queries.seats import free_seats
from matching.queries.suggestions import cohorts_in_choosing
from matching.rules import LAST_CALL
from mentoring.batches import batches
from mentoring.enums import PersonStatus
from mentoring.mail.outbox import Recipient
from mentoring.mail.reminders import Reminder, ReminderRule, reminder_key, working_moment
from mentoring.models import Organization, OutgoingMessage
from mentoring.queries.contacts import mail_context
from mentoring.rules import today_in
from programs.enums import PairRole
from programs.guards import participant_url
from programs.models import Cohort, Participant
from programs.queries.cohorts import contact_of
from programs.queries.participants import participants
from programs.rules import end_of_day

if TYPE_CHECKING:
    from matching.suggesting import Card

MAILED = 3  # suggestions in a mail
QUIET = timedelta(days=1)  # between the two mails
BATCH = 200


@dataclass(frozen=True)
class Case:
    """One mail to somebody, for each time they join: however the dates of the cohort move, it is one."""

    rule: str
    object_key: str
    due_on: date
    email: str

    @property
    def key(self) -> str:
        return reminder_key(self.rule, self.object_key, self.due_on, self.email)


def opened(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """Everybody who can choose and has suggestions, once: when choosing opens, or later for who is late."""
    for cohort in cohorts_in_choosing(now):
        cases = _cases("choose_opened", _can_choose(cohort))
        for chunk in batches(_unplanned(cases), BATCH):
            waiting = _still(organization, cohort, chunk, now)
            cards = _top(waiting)
            for one in waiting:
                if cards.get(one.pk):
                    yield _mail(cases[one.pk], organization, one, cards=cards[one.pk])


def last_calls(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """Three days before the end, whoever has picked nobody; not within a day of the first mail."""
    today = today_in(organization.time_zone, now)
    for cohort in cohorts_in_choosing(now):
        assert cohort.choose_until  # in choosing
        if today < cohort.choose_until - LAST_CALL:
            continue
        ranked = Pick.objects.filter(participant=OuterRef("pk"), rank__isnull=False)
        silent = _can_choose(cohort).filter(~Exists(ranked))
        cases = _cases("choose_last_call", silent)
        before = _cases("choose_opened", silent)
        for chunk in batches(_unplanned(cases), BATCH):
            told = _told_before({pk: before[pk] for pk in chunk}, now)
            for one in _still(organization, cohort, told, now):
                yield _mail(cases[one.pk], organization, one)


def _can_choose(cohort: Cohort) -> QuerySet[Participant]:
    """Ready, reachable, and with somebody to choose from."""
    listed = SuggestionList.objects.filter(participant=OuterRef("pk"), partners__len__gt=0)
    reachable = ready(cohort).filter(person__status=PersonStatus.ACTIVE).exclude(person__email="")
    return reachable.filter(Exists(listed)).order_by("pk")


def _cases(rule: str, found: QuerySet[Participant]) -> dict[int, Case]:
    rows = found.values_list("pk", "joined_at", "created_at", "person__email")
    return {
        pk: Case(rule, f"participant:{pk}", (joined or created).date(), email)
        for pk, joined, created, email in rows
    }


def _unplanned(cases: Mapping[int, Case]) -> Iterator[int]:
    """Those whose mail does not stand in the outbox yet, so that nobody else is loaded at each round."""
    for chunk in batches(cases.items(), BATCH):
        keys = {case.key: pk for pk, case in chunk}
        known = OutgoingMessage.objects.filter(idempotency_key__in=keys)
        for key in known.values_list("idempotency_key", flat=True):
            del keys[key]
        yield from keys.values()


def _told_before(cases: Mapping[int, Case], now: datetime) -> list[int]:
    keys = {case.key: pk for pk, case in cases.items()}
    told = OutgoingMessage.objects.filter(idempotency_key__in=keys, send_after__lte=now - QUIET)
    return [keys[key] for key in told.values_list("idempotency_key", flat=True)]


def _still(
    organization: Organization, cohort: Cohort, participant_ids: list[int], now: datetime
) -> list[Participant]:
    """Those of them with a free seat; and a mail that waits for Monday must not come after the last day."""
    assert cohort.choose_until  # in choosing
    last, seats = cohort.choose_until, free_seats(cohort, participant_ids)

    def in_time(one: Participant) -> bool:
        sent = working_moment(now, one.person.zone(organization))
        return today_in(organization.time_zone, sent) <= last

    found = participants().filter(pk__in=[pk for pk in participant_ids if seats[pk]])
    return [one for one in found.order_by("pk") if in_time(one)]


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


def _mail(
    case: Case, organization: Organization, participant: Participant, cards: "Iterable[Card]" = ()
) -> Reminder:
    cohort = participant.cohort
    assert cohort.choose_until  # in choosing
    return Reminder(
        object_key=case.object_key,
        due_on=case.due_on,
        kind=case.rule,
        to=Recipient.of_person(participant.person, organization),
        context=partial(choose_context, organization, participant, cards),
        reply_to=contact_of(cohort.program)["email"],
        about=about_choosing(participant, [card.partner.pk for card in cards]),
        useful_until=end_of_day(cohort.choose_until, organization.time_zone),
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
