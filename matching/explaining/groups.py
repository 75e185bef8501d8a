"""How groups of five and more fared: by roster attribute, and by what people answered in confidence."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.core import Problem
from matching.core.fairness import Group, group_report
from matching.core.features import Categories
from matching.queries.inputs import Inputs
from matching.rules import GROUPED, Source
from matching.solving import Prepared
from matching.solving.points import categories_of, texts

Ints = NDArray[np.int64]


def groups(prepared: Prepared, problem: Problem, pairs: Ints) -> list[dict[str, Any]]:
    """By group: people with a seat, how many are placed, and the mean and 5th percentile of their scores; of
    the roster's also the gap, by which their mean is under that of everybody else.
    Groups under five are left out, and with them whichever would give them away."""
    inputs, told = prepared.inputs, []
    percents = prepared.sheet.percent(problem.points.at(pairs[:, 0], pairs[:, 1]))
    for source in [*(Source("person", (name,)) for name in GROUPED), *_confidential(inputs)]:
        mentors, mentees = categories_of(inputs, source, source)
        report = group_report(problem, pairs, mentors.codes, mentees.codes, prepared.sheet.max_points)
        labels = _labels(inputs, source)
        behind = None if source.is_question else _Behind.of(percents, pairs, (mentors, mentees))
        told += [
            {
                "source": f"{source.kind}:{source.keys[0]}",
                "group": labels[one.code],
                "people": one.people,
                "placed": one.placed,
                "mean": None if one.mean is None else round(one.mean, 1),
                "low": None if one.low is None else round(one.low, 1),
                **({"gap": behind.gap(one)} if behind else {}),
            }
            for one in report.groups
        ]
    return told


@dataclass(frozen=True, eq=False)
class _Behind:
    """`total` score of all pairs, each counted for both of its people, and how many of these `people` are
    in each group, by code."""

    total: float
    people: Ints

    @classmethod
    def of(
        cls, percents: NDArray[np.float64], pairs: Ints, sides: tuple[Categories, Categories]
    ) -> "_Behind":
        codes = np.concatenate([side.codes[pairs[:, column]] for column, side in enumerate(sides)])
        return cls(2 * float(percents.sum()), np.bincount(codes + 1))

    def gap(self, group: Group) -> float | None:
        """How much the group's mean is under that of all others; None where one of the two is not told."""
        if group.mean is None:
            return None
        own = int(self.people[group.code + 1])
        others = int(self.people.sum()) - own
        return round((self.total - group.mean * own) / others - group.mean, 1) if others else None


def _confidential(inputs: Inputs) -> list[Source]:
    """Sensitive questions with one choice a person: who answered agreed that it counts inside matching."""
    found = []
    for key in sorted(inputs.sensitive):
        sides = [side.features.choices.get(key, {}) for side in (inputs.mentors, inputs.mentees)]
        chosen = [choices for side in sides for choices in side.values()]
        if chosen and all(len(choices) == 1 for choices in chosen):
            found.append(Source("question", (key,)))
    return found


def _labels(inputs: Inputs, source: Source) -> dict[int, str]:
    """Code -> what the group is called."""
    sides = (inputs.mentors, inputs.mentees)
    found: dict[int, str] = {}
    for side, known in zip(sides, categories_of(inputs, source, source), strict=True):
        for place, (code, text) in enumerate(zip(known.codes.tolist(), texts(side, source), strict=True)):
            if source.is_question:
                found.setdefault(code, inputs.labels.get((source.keys[0], text), text))
            else:
                found.setdefault(code, str(side.values[source.keys[0]][place] or "").strip())
    return found
