"""What the cohort's and the participant's pages show from apps above, registered in their `ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from mentoring.actors import Actor
from mentoring.tenancy.permissions import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from programs.models import Cohort, Pair, Participant


@dataclass(frozen=True)
class CohortTab:
    """A page of a cohort beside its overview; its URL takes the organization's slug and `cohort_id`.

    Its template extends programs/cohort_base.html. `phase` is the phase of a cohort (`CohortStatus`) in which
    this page is where the champion goes on: their next step leads there.
    """

    label: str | Promise
    url_name: str
    permission: Permission
    order: int
    phase: str = ""


@dataclass(frozen=True)
class CohortPanel:
    """A part of a cohort's overview: `build(cohort, request)` answers the template's `panel`, or None.

    `place` is "stats" (the template is one or more components/stat.html, without a wrapper: all of them
    stand in one row), "main" or "aside" (one card each).
    """

    template: str
    build: Callable[["Cohort", Any], dict[str, Any] | None]
    place: str
    order: int


@dataclass(frozen=True)
class ParticipantPanel:
    """A part of a participant's own page: `build(participant, request)` as above.

    What it answers may say `comes_first`: somebody waits for them in it, so it stands before their next step.
    """

    template: str
    build: Callable[["Participant", Any], dict[str, Any] | None]
    order: int


@dataclass(frozen=True)
class PairDiary:
    """What an app above keeps of pairs' life, asked before a pair ends or is taken back.

    `begun(pairs, now)` answers how many of these pairs (a queryset) have met. `clear(pairs, by, now)` takes
    down what lies ahead of pairs that end: planned meetings, with a word to both. `ahead(pairs, now)`: how
    many these are.
    """

    begun: Callable[["QuerySet[Pair]", datetime], int]
    ahead: Callable[["QuerySet[Pair]", datetime], int]
    clear: Callable[[list["Pair"], Actor, datetime], None]


cohort_tabs: list[CohortTab] = []
cohort_panels: list[CohortPanel] = []
participant_panels: list[ParticipantPanel] = []
# `step(participant, request)`: what somebody waits for them with, a `next_steps.Step`, or None. On the home
# page of who is signed in it comes before their own next steps.
waited_for: list[Callable[["Participant", Any], Any]] = []
pair_diaries: list[PairDiary] = []
