"""How people of the demo choose: suggestions by the real job, picks in bulk, requests by the real actions."""

from collections.abc import Iterable
from datetime import datetime
from random import Random

from matching.actions.picks import pick_partner
from matching.actions.requests import accept_request, decline_request
from matching.actions.suggest import plan_suggestions, work_off
from matching.enums import RequestStatus
from matching.models import PairRequest, Pick, SuggestionList, SuggestionRun
from mentoring.actors import Actor
from mentoring.jobs import run_job
from programs.models import Cohort, Participant
from programs.queries.pairs import is_paired

LOOKED_AT = 8  # people choose among the first of their list


def suggest(cohort: Cohort, now: datetime) -> dict[int, list[int]]:
    """By participant, whom she is suggested, best first."""
    plan_suggestions(now=now)
    run = SuggestionRun.objects.filter(cohort=cohort).latest("pk")
    run_job(SuggestionRun, work_off, cohort.organization_id, run.pk)
    lists = SuggestionList.objects.filter(participant__cohort=cohort)
    return dict(lists.order_by("participant").values_list("participant", "partners"))


def pick(cohort: Cohort, *, share: float, now: datetime, random: Random, spared: Iterable[int] = ()) -> None:
    """Most of the cohort have chosen one to three of the first on their list, some said "not for me".
    `spared` have not chosen yet. In bulk: it would be a hundred pages."""
    picks = []
    for participant, partners in suggest(cohort, now).items():
        if random.random() > share or participant in spared or not partners:
            continue
        first = partners[:LOOKED_AT]
        chosen = random.sample(first, min(len(first), random.choice((1, 2, 3, 3))))
        chosen.sort(key=lambda pk: first.index(pk) + random.randint(0, 3))
        picks += [
            Pick(participant_id=participant, partner_id=pk, rank=rank) for rank, pk in enumerate(chosen, 1)
        ]
        unwanted = [pk for pk in first if pk not in chosen]
        if unwanted and random.random() < 0.2:
            picks.append(Pick(participant_id=participant, partner_id=random.choice(unwanted)))
    Pick.objects.bulk_create(picks)


def ask(cohort: Cohort, *, share: float, now: datetime, random: Random, spared: Iterable[int] = ()) -> None:
    """People ask each other: each picks some, Upward asks for them, and some have answered. `spared` leave
    what they were asked unanswered."""
    suggested = suggest(cohort, now)
    people = Participant.objects.select_related("person", "cohort__organization").in_bulk(list(suggested))
    for pk, partners in suggested.items():
        if random.random() < share and pk not in spared:
            _choose(people[pk], partners, now, random)
    waiting = PairRequest.objects.filter(cohort=cohort, status=RequestStatus.OPEN).order_by("pk")
    for request in waiting.select_related("receiver__person", "cohort"):
        luck = 1.0 if request.receiver_id in spared else random.random()
        if luck > 0.6 or not PairRequest.objects.filter(pk=request.pk, status=RequestStatus.OPEN).exists():
            continue
        answer = accept_request if luck < 0.4 else decline_request
        answer(request=request, by=Actor.of_person(request.receiver.person), now=now)


def choose_first(participant: Participant, *, now: datetime, number: int = 2) -> None:
    """She picks the first of her list who have not picked her: these are asked, and she waits."""
    mutual = set(Pick.objects.filter(partner=participant).values_list("participant", flat=True))
    partners = SuggestionList.objects.get(participant=participant).partners
    for partner in [pk for pk in partners if pk not in mutual][:number]:
        by = Actor.of_person(participant.person)
        pick_partner(participant=participant, partner_id=partner, by=by, now=now)


def ask_for(participant: Participant, *, now: datetime) -> None:
    """The one whose list she tops, or stands highest on, and who has chosen nobody, asks her."""
    chosen = Pick.objects.values("participant")
    lists = SuggestionList.objects.filter(partners__contains=[participant.pk]).exclude(participant__in=chosen)
    places = {one.participant_id: one.partners.index(participant.pk) for one in lists}
    asking = Participant.objects.select_related("person", "cohort").get(
        pk=min(places, key=lambda pk: places[pk])
    )
    by = Actor.of_person(asking.person)
    pick_partner(participant=asking, partner_id=participant.pk, by=by, now=now)


def _choose(participant: Participant, partners: list[int], now: datetime, random: Random) -> None:
    by = Actor.of_person(participant.person)
    for partner in random.sample(partners[:LOOKED_AT], min(len(partners), LOOKED_AT, 3)):
        if is_paired(participant):
            return  # with somebody who picked her, too
        pick_partner(participant=participant, partner_id=partner, by=by, now=now)
