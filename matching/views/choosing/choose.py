"""A participant chooses whom they want to meet, signed in or by a link of their mail. Every button is a form
that saves at once; with htmx the list and the cards are swapped, without it the page is opened anew."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from matching.actions import picks
from matching.enums import Choosing
from matching.forms.choose import MoveForm, OrderForm, PickForm
from matching.forms.filters import NameSearchForm
from matching.panels import my_requests
from matching.queries.people import people_by_id
from matching.queries.picks import Choices, choices_of, is_candidate, named
from matching.queries.seats import choosing_now, free_seats
from matching.rules import CHOICE_WORDS
from mentoring.jobs import enqueue
from mentoring.rules import NotAllowed
from mentoring.views.pages import page_or_fragment
from programs.enums import PairStatus
from programs.guards import participant_view
from programs.models import Participant
from programs.queries.pairs import pairs_of
from programs.views.join import participant_context

PAGE_SIZE = 12
PAGE = "matching/choose/page.html"


@never_cache
@require_safe
@participant_view
def choose(request: Any, participant: Participant) -> HttpResponseBase:
    """Everybody they may choose, best first, and their list. Going back in the browser shows it as it is."""
    state = _state(request, participant)
    if state == Choosing.NOT_HERE:
        return redirect("participant", request.organization.slug, participant.pk)
    return _answer(request, participant, state)


def _state(request: Any, participant: Participant) -> Choosing:
    return choosing_now(participant, request.organization.time_zone, timezone.now())


def _answer(request: Any, participant: Participant, state: Choosing, **more: Any) -> HttpResponseBase:
    context = participant_context(request, participant, state=state.value, wide=True, **more)
    context["requests"] = my_requests(participant, request)
    if state == Choosing.PAIRED:
        context["pairs"] = [pair for pair in pairs_of(participant) if pair.status == PairStatus.ACTIVE]
    if state in (Choosing.OPEN, Choosing.OVER):
        choices = choices_of(participant)
        context |= _mine(participant, choices)
        if state == Choosing.OPEN:
            context |= _found(request, participant, choices)
    return page_or_fragment(request, PAGE, context, fragment="choosing")


def _mine(participant: Participant, choices: Choices) -> dict[str, Any]:
    """Their own list, and what the next choice would be called."""
    most, number = participant.cohort.picks_at_most, len(choices.ranked)
    people = people_by_id(choices.ranked)
    return {
        "choices": choices,
        "mine": [
            {"partner": people[pk], "label": CHOICE_WORDS[place]} for place, pk in enumerate(choices.ranked)
        ],
        "full": number >= most,
        "next_label": CHOICE_WORDS[number] if number < most else "",
    }


def _found(request: Any, participant: Participant, choices: Choices) -> dict[str, Any]:
    """One page of cards, of all or of those whose name is searched for."""
    if choices.scores is None:
        enqueue("matching.plan_suggestions", participant.organization_id)
    where = _where(request)
    form = NameSearchForm(where)
    page = Paginator(named(choices.allowed, form.value("q")), PAGE_SIZE).get_page(where.get("page"))
    keys = {"q": form.value("q"), "page": page.number if page.number > 1 else ""}
    return {
        "form": form,
        "active": bool(form.value("q")),
        "page": page,
        "cards": _cards(participant, choices, list(page.object_list)),
        "query": urlencode({key: value for key, value in keys.items() if value}),
    }


def _where(request: Any) -> QueryDict:
    """The search and page they are on: a form sent by htmx may be older than the cards beside it."""
    if request.method == "POST" and request.htmx and request.htmx.current_url:
        with suppress(ValueError):  # a browser may send what is no address
            return QueryDict(urlsplit(request.htmx.current_url).query)
    return request.GET


def _cards(participant: Participant, choices: Choices, partner_ids: list[int]) -> list[dict[str, Any]]:
    """Numpy is imported by the first page that shows a card."""
    if not partner_ids or choices.run is None or choices.scores is None:
        return []
    from matching.suggesting import cards_for

    scores = {pk: choices.scores[pk] for pk in partner_ids}
    seats = free_seats(participant.cohort, partner_ids)
    cards = cards_for(choices.run, {participant.pk: scores})[participant.pk]
    return [
        {
            "card": card,
            "rank": choices.rank_of(card.partner.pk),
            "label": CHOICE_WORDS[(choices.rank_of(card.partner.pk) or 1) - 1],
            "refused": card.partner.pk in choices.refused,
            "taken": not seats[card.partner.pk],
        }
        for card in cards
    ]


@never_cache
@require_safe
@participant_view
def choose_profile(request: Any, participant: Participant, partner_id: int) -> HttpResponseBase:
    """One person in full, with one button: where the links of the mail lead. Looking changes nothing."""
    _candidate_or_404(participant, partner_id)
    state = _state(request, participant)
    choices = choices_of(participant)
    cards = _cards(participant, choices, [partner_id]) if partner_id in (choices.scores or ()) else []
    if state != Choosing.OPEN or not cards or choices.run is None:
        if state == Choosing.OPEN:
            messages.info(request, _("This person cannot be chosen any more. Here are the others."))
        return redirect("choose", request.organization.slug, participant.pk)
    from matching.suggesting import offers_of

    context = participant_context(
        request,
        participant,
        item=cards[0],
        offers=offers_of(choices.run, cards[0]["card"].partner),
        others=len(choices.allowed) - 1,
        plain=True,
        **_mine(participant, choices),
    )
    return page_or_fragment(request, "matching/choose/profile.html", context)


def _candidate_or_404(participant: Participant, partner_id: int) -> None:
    if not is_candidate(participant, partner_id):
        raise Http404


def _changed(request: Any, participant: Participant, told: str, partner_id: int | None = None) -> Any:
    """After a change: the list and cards as they are now, or the page anew at the place where one was."""
    if request.htmx:
        return _answer(request, participant, _state(request, participant), told=told)
    messages.success(request, told)
    address = reverse("choose", args=[request.organization.slug, participant.pk])
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(f"{address}{query}{f'#person-{partner_id}' if partner_id else ''}")


def _name(partner_id: int) -> str:
    return people_by_id([partner_id])[partner_id].person.called


@require_POST
@participant_view
def choose_pick(request: Any, participant: Participant, partner_id: int) -> HttpResponseBase:
    _candidate_or_404(participant, partner_id)
    form = PickForm(request.POST)
    instead = form.cleaned_data["instead"] if form.is_valid() else None
    rank = picks.pick_partner(
        participant=participant,
        partner_id=partner_id,
        instead=instead,
        by=request.actor,
        now=timezone.now(),
    )
    told = _("Saved: %(name)s is your %(choice)s.") % {
        "name": _name(partner_id),
        "choice": CHOICE_WORDS[rank - 1],
    }
    return _changed(request, participant, told, partner_id)


@require_POST
@participant_view
def choose_refuse(request: Any, participant: Participant, partner_id: int) -> HttpResponseBase:
    _candidate_or_404(participant, partner_id)
    picks.refuse_partner(participant=participant, partner_id=partner_id, by=request.actor, now=timezone.now())
    told = _("Saved: you will not be paired with %(name)s. Nobody is told.") % {"name": _name(partner_id)}
    return _changed(request, participant, told, partner_id)


@require_POST
@participant_view
def choose_clear(request: Any, participant: Participant, partner_id: int) -> HttpResponseBase:
    _candidate_or_404(participant, partner_id)
    picks.clear_partner(participant=participant, partner_id=partner_id, by=request.actor, now=timezone.now())
    told = _("Saved: %(name)s is neither on your list nor ruled out.") % {"name": _name(partner_id)}
    return _changed(request, participant, told, partner_id)


@require_POST
@participant_view
def choose_move(request: Any, participant: Participant, partner_id: int) -> HttpResponseBase:
    _candidate_or_404(participant, partner_id)
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise NotAllowed(_("Choose whether up or down."))
    picks.move_pick(
        participant=participant, partner_id=partner_id, steps=form.steps, by=request.actor, now=timezone.now()
    )
    return _changed(request, participant, _("Saved: your list has a new order."))


@require_POST
@participant_view
def choose_order(request: Any, participant: Participant) -> HttpResponseBase:
    """The list as it was dragged."""
    form = OrderForm(request.POST)
    if not form.is_valid():
        raise NotAllowed(_("Your list has changed meanwhile. Look at it again, please."))
    picks.order_picks(
        participant=participant, order=form.cleaned_data["order"], by=request.actor, now=timezone.now()
    )
    return _changed(request, participant, _("Saved: your list has a new order."))
