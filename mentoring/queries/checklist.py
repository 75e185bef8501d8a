"""The home page's checklist: what is left to do until a first program runs."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from mentoring.registries import Text, home_steps


@dataclass
class Line:
    label: Text
    text: Text
    url: str
    done: bool
    is_next: bool = False


@dataclass
class Checklist:
    """Shown until everything is done; the first open line is the next step."""

    lines: list[Line]

    @property
    def done(self) -> int:
        return sum(line.done for line in self.lines)

    @property
    def next(self) -> Line | None:
        return next((line for line in self.lines if line.is_next), None)


def checklist(request: Any) -> Checklist | None:
    """The steps this member may do, each with its state; None when all are done or none is theirs."""
    steps = sorted((s for s in home_steps if request.membership.has(s.permission)), key=lambda s: s.order)
    slug = request.organization.slug
    lines = [Line(s.label, s.text, reverse(s.url_name, args=[slug]), s.done(request)) for s in steps]
    first = next((line for line in lines if not line.done), None)
    if first is None:
        return None
    first.is_next = True
    return Checklist(lines)
