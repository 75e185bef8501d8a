"""What the platform shows from apps above it, registered by them in `AppConfig.ready()`.

The import direction forbids the platform to know its apps; so they hand up what it must show. Each
registry is a plain list in the order of registration. Three more stand where their entries are worked on:
`mentoring.jobs.job_kinds`, `mentoring.mail.kinds.mail_kinds` and `mentoring.mail.reminders.reminder_rules`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils.functional import Promise

from mentoring.actors import Actor
from mentoring.tenancy.permissions import Permission

if TYPE_CHECKING:
    from mentoring.models import Person

Text = str | Promise


@dataclass(frozen=True)
class NavigationItem:
    """An entry of the side bar. `prefixes` are URL names whose pages count as inside it."""

    label: Text
    icon: str
    url_name: str
    permission: Permission
    order: int
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class HomePanel:
    """A part of the home page: `build` answers the template's context, or None to show nothing."""

    template: str
    build: Callable[[HttpRequest], dict[str, Any] | None]
    order: int


@dataclass(frozen=True)
class HomeStep:
    """A line of the checklist that a new organization's home page shows until all are done. The URL
    takes the organization's slug; `done` looks at the state and must be cheap."""

    label: Text
    text: Text
    url_name: str
    permission: Permission
    done: Callable[[HttpRequest], bool]
    order: int


@dataclass(frozen=True)
class PersonPanel:
    """A section of a person's page."""

    template: str
    build: Callable[["Person"], dict[str, Any] | None]
    order: int


@dataclass(frozen=True)
class Leaving:
    """What an app does for its own part when people leave the organization.

    `end(people, by, now)` ends what hangs on these people (ids, some thousand at the most), inside the
    caller's transaction and before the roster says that they have left; twice is once. `ends(people, now)`
    says beforehand what that would be: numbers by the keys of `words`, which say them (`ngettext_lazy` with
    `%(number)s`). `overlooked()`: who has left by the roster and still has something here, because it came
    about at the same moment. `concerned()`: everybody of whom there is anything here, so that of a list of a
    hundred thousand only these are looked at; who is always in another app's answer can be left out.
    """

    end: Callable[[list[int], Actor, datetime], None]
    ends: Callable[[list[int], datetime], Mapping[str, int]]
    words: Mapping[str, Text]
    order: int
    overlooked: Callable[[], Iterable[int]] = tuple
    concerned: Callable[[], Iterable[int]] = tuple


@dataclass(frozen=True)
class Charge:
    """Something that somebody who has left was in charge of: what, who, and where a successor is named."""

    what: Text
    who: str
    label: Text
    url: str


# `hear(people, now, by)`: these people have other addresses from now on.
address_listeners: list[Callable[[Sequence["Person"], datetime, Actor], None]] = []


@dataclass(frozen=True)
class MergePart:
    """What an app does for its own part when two entries of the roster are one person. Rows that merely name
    the person move by themselves (`actions.merging`); this is for those that would collide.

    `refusals(kept, double)` says why it cannot be done yet, `moves(kept, double)` what comes along or goes,
    both in sentences for the page; `merge(kept, double, by)` does it, in the caller's transaction.
    """

    merge: Callable[["Person", "Person", Actor], None]
    moves: Callable[["Person", "Person"], list[str]]
    refusals: Callable[["Person", "Person"], list[str]] = lambda kept, double: []


navigation: list[NavigationItem] = []
home_panels: list[HomePanel] = []
home_steps: list[HomeStep] = []
person_panels: list[PersonPanel] = []
leavings: list[Leaving] = []
# What is without somebody in charge, as far as this member can see to it; the home page asks.
charges: list[Callable[[Any], Iterable[Charge]]] = []
merge_parts: list[MergePart] = []
# Audit actions in words, by action ("cohort.opened"); without an entry the action itself is shown.
audit_words: dict[str, Text] = {}
# Beginnings of audit actions that happen every day and by everybody: the home page leaves them out.
everyday_actions: list[str] = []
