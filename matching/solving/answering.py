"""Solving under everything a run aims at: picks, who waited, the pairs of before. Imports scipy."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from matching.core import Problem
from matching.core.objective import Marks
from matching.core.picks import Picks
from matching.core.program import Program, solve_program
from matching.core.share import Share
from matching.core.verify_program import check_program
from matching.enums import Method
from matching.queries.inputs import Inputs
from matching.rules import parse_source
from matching.solving.points import Prepared, categories_of
from mentoring.rules import NotAllowed

# The best worst pair is looked for in the whole matrix: some 50 bytes for each possible pair.
WORST_PAIR_CELLS = 20_000_000

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Aims:
    """What a run asks of `solve_program` beside the problem itself."""

    before: list[tuple[int, int]] | None
    picks: Picks | None
    priority: tuple[list[int], list[int]]
    share: Share | None
    best_worst: bool
    stable: bool

    @classmethod
    def of(cls, inputs: Inputs) -> "Aims":
        options = inputs.options
        waited = [
            [place for place, pk in enumerate(side.ids) if pk in inputs.waited]
            for side in (inputs.mentors, inputs.mentees)
        ]
        return cls(
            before=still_possible(inputs),
            picks=picks_of(inputs) if inputs.choosing else None,
            priority=(waited[0], waited[1]),
            share=_share(inputs),
            best_worst=options.best_worst,
            stable=options.method == Method.STABLE,
        )


def is_plain(inputs: Inputs) -> bool:
    """Whether the run aims at nothing but the most pairs and points: its problem is solved as it is."""
    aims = Aims.of(inputs)
    asked = (aims.before is not None, aims.picks, *aims.priority, aims.share, aims.best_worst, aims.stable)
    return not any(asked)


def answer(
    prepared: Prepared,
    problem: Problem,
    *,
    budget_seconds: float | None = None,
    progress: Progress | None = None,
) -> Program:
    """The pairs of a run. NotAllowed when it aims at more than can be weighed exactly for so many people."""
    aims = Aims.of(prepared.inputs)
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
    aims = Aims.of(prepared.inputs)
    return check_program(problem, program, picks=aims.picks, share=aims.share)


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
    inputs, options = prepared.inputs, prepared.inputs.options
    aims: dict[str, Any] = {
        "picks": sorted(inputs.picks.items()),
        "share": options.share and [asdict(options.share), _share_values(inputs)],
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
