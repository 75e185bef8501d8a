"""Solving under everything a run aims at: picks, who waited, the pairs of before. Imports scipy."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from matching.core import Problem
from matching.core.closing import Raise
from matching.core.disclosure import GROUP_AT_LEAST, told_apart
from matching.core.objective import Marks
from matching.core.picks import Picks
from matching.core.program import Program, solve_program
from matching.core.share import Share
from matching.core.verify_program import check_program
from matching.enums import Method
from matching.queries.inputs import Inputs
from matching.rules import Source, parse_source
from matching.solving.points import Prepared, categories_of, texts
from mentoring.rules import NotAllowed

# The best worst pair is looked for by blocks; with more possible pairs nobody has measured how long it takes.
WORST_PAIR_CELLS = 100_000_000

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Aims:
    """What a run asks of `solve_program` beside the problem itself."""

    before: list[tuple[int, int]] | None
    picks: Picks | None
    priority: tuple[list[int], list[int]]
    share: Share | None
    raised: Raise | None
    best_worst: bool
    stable: bool

    @classmethod
    def of(cls, prepared: Prepared) -> "Aims":
        inputs, options = prepared.inputs, prepared.inputs.options
        waited = [
            [place for place, pk in enumerate(side.ids) if pk in inputs.waited]
            for side in (inputs.mentors, inputs.mentees)
        ]
        return cls(
            before=still_possible(inputs),
            picks=picks_of(inputs) if inputs.choosing else None,
            priority=(waited[0], waited[1]),
            share=_share(inputs),
            raised=_raised(prepared),
            best_worst=options.best_worst,
            stable=options.method == Method.STABLE,
        )


def is_plain(prepared: Prepared) -> bool:
    """Whether the run aims at nothing but the most pairs and points: its problem is solved as it is."""
    aims = Aims.of(prepared)
    wishes = (aims.picks, *aims.priority, aims.share, aims.raised, aims.best_worst, aims.stable)
    return aims.before is None and not any(wishes)


def answer(
    prepared: Prepared,
    problem: Problem,
    *,
    budget_seconds: float | None = None,
    progress: Progress | None = None,
) -> Program:
    """The pairs of a run. NotAllowed when it aims at more than can be weighed exactly for so many people."""
    aims = Aims.of(prepared)
    if aims.best_worst and problem.shape[0] * problem.shape[1] > WORST_PAIR_CELLS:
        raise NotAllowed(
            _("The best worst pair cannot be worked out for so many people. Set a lowest score instead.")
        )
    try:
        return solve_program(
            problem,
            before=aims.before,
            best_worst=aims.best_worst,
            picks=aims.picks,
            priority=aims.priority,
            share=aims.share,
            raised=aims.raised,
            stable=aims.stable,
            budget_seconds=budget_seconds,
            progress=progress,
        )
    except ValueError as error:
        if "exact range" not in str(error):
            raise
        raise NotAllowed(
            _("So many people cannot be matched under all of these aims at once. Take one of them away.")
        ) from error


def faults(prepared: Prepared, problem: Problem, program: Program) -> list[str]:
    """A second opinion by separate code; empty when the answer holds."""
    aims = Aims.of(prepared)
    return check_program(problem, program, picks=aims.picks, share=aims.share, raised=aims.raised)


def _share(inputs: Inputs) -> Share | None:
    wanted = inputs.options.share
    if not wanted:
        return None
    source = parse_source(wanted.source)
    mentors, mentees = categories_of(inputs, source, source)
    return Share(Marks.that_differ(mentors.codes, mentees.codes), wanted.percent)


def _share_values(inputs: Inputs) -> list[list[int]]:
    """Who is like whom in what the share is about: values by the order in which they first come, by id."""
    share = _share(inputs)
    assert share
    codes = np.concatenate([share.marks.mentors, share.marks.mentees])
    seen = {code: place for place, code in enumerate(dict.fromkeys(codes[codes >= 0].tolist()))}
    numbers = [seen.get(code, -1) for code in codes.tolist()]
    return [numbers[: len(inputs.mentors.ids)], numbers[len(inputs.mentors.ids) :]]


def why_not_raised(inputs: Inputs) -> str:
    """Why the gap that was asked for cannot be closed: the group has too `few` people here, or those beside
    it are (`beside`), or everybody is in it (`all`). Empty where it can."""
    group, people = _in_group(inputs)
    size = sum(one.count(group) for one in people)
    everybody = sum(map(len, people))
    if size < GROUP_AT_LEAST:
        return "few"
    if size == everybody:
        return "all"
    sizes = Counter(text for one in people for text in one if text)
    return "" if group in told_apart(sizes, everybody) else "beside"


def _raised(prepared: Prepared) -> Raise | None:
    inputs, gap = prepared.inputs, prepared.inputs.options.gap
    if not gap or why_not_raised(inputs):
        return None
    group, people = _in_group(inputs)
    mentors, mentees = (np.array([text == group for text in one], dtype=bool) for one in people)
    return Raise(mentors, mentees, gap.within * prepared.sheet.max_points // 100)


def _places(members: NDArray[np.bool_]) -> list[int]:
    return [int(place) for place in np.flatnonzero(members)]


def _in_group(inputs: Inputs) -> tuple[str, list[list[str]]]:
    """The group asked for, and the group of each mentor and each mentee."""
    gap = inputs.options.gap
    assert gap
    source = Source("person", (gap.attribute,))
    return gap.name.strip().casefold(), [texts(side, source) for side in (inputs.mentors, inputs.mentees)]


def still_possible(inputs: Inputs) -> list[tuple[int, int]] | None:
    """The pairs to stay near to, without those that are published by now: they are no draft any more."""
    if inputs.before is None:
        return None
    made = set(inputs.paired)
    return [pair for pair in inputs.before if pair not in made]


def picks_of(inputs: Inputs) -> Picks:
    """Picks by position. Refusals are hard rules already."""
    place = [{pk: at for at, pk in enumerate(side.ids)} for side in (inputs.mentors, inputs.mentees)]
    lists: list[dict[int, list[int]]] = [
        {own[pk]: [other[one] for one in inputs.picks[pk]] for pk in own if pk in inputs.picks}
        for own, other in (place, place[::-1])
    ]
    return Picks(mentors=lists[0], mentees=lists[1])


def fingerprint(prepared: Prepared, problem: Problem) -> str:
    """SHA-256 of everything that decides on the answer; of the problem alone if it aims at nothing else."""
    inputs, options, raised = prepared.inputs, prepared.inputs.options, _raised(prepared)
    aims: dict[str, Any] = {
        "picks": sorted(inputs.picks.items()),
        "share": options.share and [asdict(options.share), _share_values(inputs)],
        "raised": raised and [raised.within, *map(_places, (raised.mentors, raised.mentees))],
        "waited": sorted(inputs.waited),
        "before": still_possible(inputs),
        "best_worst": options.best_worst,
        "stable": options.method == Method.STABLE,
    }
    told = {name: value for name, value in aims.items() if value or (name == "before" and value is not None)}
    if not told:
        return problem.fingerprint()
    text = json.dumps([problem.fingerprint(), told], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
