"""Cohorts whose people choose for themselves, and who asked whom in them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from matching.actions.requests import accept_request, decline_request, send_next_requests, sweep_requests
from matching.enums import RequestStatus
from matching.models import PairRequest, Pick
from mentoring.actors import Actor
from mentoring.models import OutgoingMessage
from mentoring.rules import NotAllowed
from programs.enums import MatchingMode, PairStatus
from programs.models import Cohort, Pair, Participant
from tests.cast import Cast
from tests.matching.making import Someone, make_cohort

# Monday; people may choose until Friday of the week after.
MONDAY = datetime(2027, 1, 4, 9, tzinfo=UTC)
LAST_DAY = date(2027, 1, 15)
AFTER = datetime(2027, 1, 16, 8, tzinfo=UTC)
BY = Actor.system("test")


def choosing(cast: Cast, mentors: list[Someone] | str, mentees: list[Someone] | str, **fields: Any) -> Cohort:
    """Names as in "Ada Ben Cem", or people. Call it inside the cast's scope."""
    sides = [
        [Someone(f"{name} {role}") for name in people.split()] if isinstance(people, str) else people
        for people, role in ((mentors, "Mentor"), (mentees, "Mentee"))
    ]
    cohort = make_cohort(cast, sides[0], sides[1], name=fields.pop("name", "Choosing"))
    for name, value in {"matching_mode": MatchingMode.CHOOSE, "choose_until": LAST_DAY, **fields}.items():
        setattr(cohort, name, value)
    cohort.save()
    return cohort


def someone(cohort: Cohort, first: str) -> Participant:
    found = Participant.objects.select_related("person", "cohort")
    return found.get(cohort=cohort, person__first_name=first)


def picks(cohort: Cohort, first: str, *partners: str) -> None:
    """Her list in order, as stored; nothing is sent."""
    chooser = someone(cohort, first)
    Pick.objects.filter(participant=chooser, rank__isnull=False).delete()
    for rank, partner in enumerate(partners, 1):
        Pick.objects.create(participant=chooser, partner=someone(cohort, partner), rank=rank)


def refuses(cohort: Cohort, first: str, partner: str) -> Pick:
    chooser, other = someone(cohort, first), someone(cohort, partner)
    Pick.objects.filter(participant=chooser, partner=other).delete()
    return Pick.objects.create(participant=chooser, partner=other, rank=None)


def go_on(cohort: Cohort, first: str, now: datetime = MONDAY) -> None:
    chooser = someone(cohort, first)
    send_next_requests(participant=chooser, by=Actor.of_person(chooser.person), now=now)


def ask(cohort: Cohort, first: str, *partners: str, now: datetime = MONDAY) -> None:
    """She picks these, in order, and whoever is to be asked is asked."""
    picks(cohort, first, *partners)
    go_on(cohort, first, now)


def request_of(cohort: Cohort, sender: str, receiver: str) -> PairRequest:
    """The newest request of these two."""
    found = PairRequest.objects.filter(sender=someone(cohort, sender), receiver=someone(cohort, receiver))
    newest = found.select_related("cohort", "receiver__person").order_by("-id").first()
    assert newest
    return newest


def accept(cohort: Cohort, sender: str, receiver: str, now: datetime = MONDAY) -> Pair:
    return accept_request(request=request_of(cohort, sender, receiver), by=BY, now=now)


def decline(cohort: Cohort, sender: str, receiver: str, now: datetime = MONDAY) -> None:
    decline_request(request=request_of(cohort, sender, receiver), by=BY, now=now)


def sweep(cohort: Cohort, now: datetime = MONDAY) -> int:
    return sweep_requests(cohort=cohort, by=BY, now=now)


def requests_of(cohort: Cohort) -> dict[str, str]:
    """ "Uma > Ada": how it stands; the newest of the two."""
    rows = PairRequest.objects.filter(cohort=cohort).order_by("id")
    return {
        f"{one.sender.person.first_name} > {one.receiver.person.first_name}": RequestStatus(one.status).value
        for one in rows.select_related("sender__person", "receiver__person")
    }


def pairs_in(cohort: Cohort) -> set[str]:
    rows = Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE)
    return {
        f"{one.mentor.person.first_name}-{one.mentee.person.first_name}"
        for one in rows.select_related("mentor__person", "mentee__person")
    }


def told(cohort: Cohort) -> list[tuple[str, str]]:
    """(kind, first name) of everything in the outbox, in order."""
    rows = OutgoingMessage.objects.filter(person__participations__cohort=cohort).order_by("id")
    return list(rows.values_list("kind", "person__first_name"))


def tried(cast: Cast, work: Callable[[], Any]) -> Callable[[], str]:
    """What it answers in a scope of its own: "done", or why not."""

    def run() -> str:
        try:
            with cast.scope():
                work()
        except NotAllowed as refusal:
            return str(refusal)
        return "done"

    return run
