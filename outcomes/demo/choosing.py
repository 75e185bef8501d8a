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
from outcomes.demo.promises import PromiseBroken
from programs.models import Cohort, Participant
from programs.queries.pairs import is_paired

LOOKED_AT = 8  # people choose among the first of their list


def suggest(cohort: Cohort, now: datetime) -> dict[int, list[int]]:
    """By participant, whom they are suggested, best first."""
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


def ask(
    cohort: Cohort, *, share: float, now: datetime, random: Random, mentor: Participant, mentee: Participant
) -> None:
    """People ask each other: each picks some, Upward asks for them, and some have answered. Before all the
    others the `mentee` asks, and somebody asks the `mentor`; whom these two have to do with sits still
    afterwards, so that both go on waiting, however the others choose."""
    suggested = suggest(cohort, now)
    people = Participant.objects.select_related("person", "cohort__organization").in_bulk(list(suggested))
    asks_mentor = _fondest_of(mentor, suggested, besides=mentee)
    _choose(people[asks_mentor], [mentor.pk], now)
    asked_by_mentee = [pk for pk in suggested[mentee.pk] if pk != mentor.pk][:2]
    _choose(mentee, asked_by_mentee, now)
    still = {mentor.pk, mentee.pk, asks_mentor, *asked_by_mentee}
    for pk, partners in suggested.items():
        if random.random() < share and pk not in still:
            first = partners[:LOOKED_AT]
            _choose(people[pk], random.sample(first, min(len(first), 3)), now)
    _answer(cohort, still, now, random)


def _fondest_of(participant: Participant, suggested: dict[int, list[int]], *, besides: Participant) -> int:
    """The one on whose list they stand highest."""
    places = {
        pk: partners.index(participant.pk)
        for pk, partners in suggested.items()
        if participant.pk in partners and pk != besides.pk
    }
    if not places:
        raise PromiseBroken(f"nobody in {participant.cohort} is suggested to meet {participant.person}")
    return min(places, key=lambda pk: places[pk])


def _choose(participant: Participant, partners: list[int], now: datetime) -> None:
    by = Actor.of_person(participant.person)
    for partner in partners:
        if is_paired(participant):
            return  # with somebody who picked them, too
        pick_partner(participant=participant, partner_id=partner, by=by, now=now)


def _answer(cohort: Cohort, still: set[int], now: datetime, random: Random) -> None:
    """The first one asked says yes; of the others some do, some do not, and some have not answered."""
    luck = 0.0
    waiting = PairRequest.objects.filter(cohort=cohort, status=RequestStatus.OPEN).order_by("pk")
    for request in waiting.exclude(receiver__in=still).select_related("receiver__person", "cohort"):
        if luck < 0.6 and PairRequest.objects.filter(pk=request.pk, status=RequestStatus.OPEN).exists():
            answer = accept_request if luck < 0.4 else decline_request
            answer(request=request, by=Actor.of_person(request.receiver.person), now=now)
        luck = random.random()
