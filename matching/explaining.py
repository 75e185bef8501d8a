"""What a run stores about its answer: reasons, ranks, causes and figures as plain JSON. No queries here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.core import Problem, Solution
from matching.core.explain import ranks, why_unmatched
from matching.core.quality import measure
from matching.enums import Comparator
from matching.queries.inputs import CriterionInput, Inputs, SideInput
from matching.rules import OPEN_ATTRIBUTES, Source
from matching.solving import Prepared

Ints = NDArray[np.int64]

BINS = 10
NEXT_AT_MOST = 3
SHARED_AT_MOST = 40


@dataclass(frozen=True)
class Learning:
    """By pair: whether there is nothing to learn, and whether the mentee had named something."""

    nothing: NDArray[np.bool_]
    named: NDArray[np.bool_]


def proposals(prepared: Prepared, problem: Problem, solution: Solution) -> list[dict[str, Any]]:
    """The fields of each `Proposal`, in the order of the solution's pairs."""
    inputs, pairs = prepared.inputs, solution.pairs
    points = problem.scores[pairs[:, 0], pairs[:, 1]]
    percent = np.rint(prepared.sheet.percent(points)).astype(int)
    kept = {(int(row), int(column)) for row, column in problem.locked}
    reasons = _contributions(prepared, pairs)
    places = _ranks(prepared, problem, pairs)
    learning = learn(prepared, pairs)
    return [
        {
            "mentor_id": inputs.mentors.ids[row],
            "mentee_id": inputs.mentees.ids[column],
            "points": int(points[index]),
            "score": int(percent[index]),
            "kept": (row, column) in kept,
            "nothing_to_learn": bool(learning.nothing[index]) if learning else False,
            "contributions": reasons[index],
            "ranks": places[index],
        }
        for index, (row, column) in enumerate(pairs.tolist())
    ]


def _contributions(prepared: Prepared, pairs: Ints) -> list[list[dict[str, Any]]]:
    """For each pair, one entry a criterion; they sum to the pair's points. Criteria that read a sensitive
    answer, or a roster attribute beyond the open ones, are one entry without words."""
    found = prepared.sheet.contributions(pairs)
    inputs = prepared.inputs
    texts = {one.key: _words(prepared, one, pairs) for one in inputs.criteria}
    private = [confidential(one, inputs) for one in inputs.criteria]
    rows = []
    for index in range(len(pairs)):
        row: list[dict[str, Any]] = []
        hidden, hidden_full = {"weight": 0, "points": 0}, 0
        for column, one in enumerate(inputs.criteria):
            points, full = int(found.points[index, column]), prepared.sheet.criteria[column].full
            if private[column]:
                hidden["weight"] += one.weight
                hidden["points"] += points
                hidden_full += full
                continue
            row.append(
                {
                    "key": one.key,
                    "label": one.label,
                    "comparator": one.comparator,
                    "weight": one.weight,
                    "points": points,
                    "percent": round(float(found.percent[index, column])),
                    "state": _state(
                        bool(found.mentor_answered[index, column]), bool(found.mentee_answered[index, column])
                    ),
                    **texts[one.key](index),
                }
            )
        if hidden_full:
            percent = round(100 * hidden["points"] / hidden_full)
            row.append({"key": "confidential", "label": "", "state": "private", **hidden, "percent": percent})
        rows.append(row)
    return rows


def _state(mentor: bool, mentee: bool) -> str:
    """Who answered: the points of a pair in which somebody did not are the average, so nobody gains."""
    if mentor and mentee:
        return "answered"
    if mentor or mentee:
        return "mentee_silent" if mentor else "mentor_silent"
    return "both_silent"


def confidential(one: CriterionInput, inputs: Inputs) -> bool:
    def of(source: Source) -> bool:
        if source.is_question:
            return any(key in inputs.sensitive for key in source.keys)
        return source.keys[0] not in OPEN_ATTRIBUTES

    return of(one.mentor_source) or of(one.mentee_source)


def _words(prepared: Prepared, one: CriterionInput, pairs: Ints) -> Callable[[int], dict[str, Any]]:
    """What can be named of each pair: `shared` and `wanted` labels, or both sides' values."""
    inputs = prepared.inputs
    if one.comparator in (Comparator.COVERS, Comparator.OVERLAP):
        labels = [_choice_label(one, inputs, choice) for choice in prepared.choices[one.key]]
        shared = prepared.sheet.shared_choices(one.key, pairs)
        feature: Any = prepared.sheet.criterion(one.key).mentee_feature
        wanted = feature.chosen[pairs[:, 1]].sum(axis=1)
        return lambda index: {
            "shared": [labels[choice] for choice in shared[index]][:SHARED_AT_MOST],
            "wanted": int(wanted[index]),
        }
    mentor = _values(inputs.mentors, one.mentor_source, inputs)
    mentee = _values(inputs.mentees, one.mentee_source, inputs)
    subject = _subject(one.mentee_source, inputs)
    return lambda index: {
        "subject": subject,
        "attribute": "" if one.mentee_source.is_question else one.mentee_source.keys[0],
        "mentor_value": mentor[pairs[index, 0]],
        "mentee_value": mentee[pairs[index, 1]],
    }


def _choice_label(one: CriterionInput, inputs: Inputs, choice: tuple[str, str]) -> str:
    position, key = choice
    for source in (one.mentee_source, one.mentor_source):
        if source.is_question and int(position) < len(source.keys):
            label = inputs.labels.get((source.keys[int(position)], key))
            if label:
                return label
    return key


def _subject(source: Source, inputs: Inputs) -> str:
    return inputs.questions.get(source.keys[0], source.keys[0]) if source.is_question else ""


def _values(side: SideInput, source: Source, inputs: Inputs) -> list[str]:
    """Each one's answer as text, "" for none."""
    if not source.is_question:
        return [str(value) if value not in (None, "") else "" for value in side.values[source.keys[0]]]
    key = source.keys[0]
    numbers, choices = side.features.numbers.get(key, {}), side.features.choices.get(key, {})
    return [
        f"{numbers[pk]:g}"
        if pk in numbers
        else ", ".join(inputs.labels.get((key, choice), choice) for choice in choices.get(pk, ()))
        for pk in side.ids
    ]


def _ranks(prepared: Prepared, problem: Problem, pairs: Ints) -> list[dict[str, Any]]:
    """The partner's place in each one's list, and the best others there."""
    places = ranks(problem, pairs)
    inputs = prepared.inputs
    made = np.zeros(problem.shape, dtype=bool)
    made[pairs[:, 0], pairs[:, 1]] = True
    open_pairs = problem.eligible() & (problem.mentor_seats > 0)[:, None] & (problem.mentee_seats > 0)
    points = np.where(open_pairs | made, problem.scores, -1)
    mentor_next = _best(points, made, pairs[:, 0], prepared, inputs.mentees.ids)
    mentee_next = _best(points.T, made.T, pairs[:, 1], prepared, inputs.mentors.ids)
    return [
        {
            "mentor": {
                "rank": int(places.mentor_rank[index]),
                "of": int(places.mentor_choices[index]),
                "next": mentor_next[index],
            },
            "mentee": {
                "rank": int(places.mentee_rank[index]),
                "of": int(places.mentee_choices[index]),
                "next": mentee_next[index],
            },
        }
        for index in range(len(pairs))
    ]


def _best(
    points: Ints, made: NDArray[np.bool_], people: Ints, prepared: Prepared, partner_ids: list[int]
) -> list[list[dict[str, int]]]:
    """The best partners that each of `people` has not, by points and then id."""
    found: list[list[dict[str, int]]] = []
    for person in people.tolist():
        row = points[person]
        others = np.where(made[person], -1, row)
        number = min(NEXT_AT_MOST, len(others))
        # Ids are in order, and a stable sort keeps equals so.
        order = np.argsort(-others, kind="stable")[:number]
        found.append(
            [
                {
                    "id": partner_ids[partner],
                    "score": round(float(prepared.sheet.percent(row[partner]))),
                    "rank": 1 + int((row > row[partner]).sum()),
                }
                for partner in order.tolist()
                if others[partner] >= 0
            ]
        )
    return found


def unmatched(prepared: Prepared, problem: Problem, solution: Solution) -> list[dict[str, Any]]:
    """The fields of each `Unmatched`: the cause with its figures."""
    rows = []
    for one in why_unmatched(problem, solution):
        side = prepared.inputs.mentors if one.side == "mentor" else prepared.inputs.mentees
        best = None if one.best_score is None else round(float(prepared.sheet.percent(one.best_score)))
        rows.append(
            {
                "participant_id": side.ids[one.index],
                "cause": one.cause.value,
                "detail": {
                    "forbidden": one.forbidden,
                    "allowed": one.allowed_partners,
                    "best": best,
                    "partners": len(one.partners),
                    "partner_seats": one.partner_seats,
                    "rivals": len(one.rivals),
                },
            }
        )
    return rows


def learn(prepared: Prepared, pairs: Ints) -> Learning | None:
    """Over all `covers` criteria together; None where the cohort has none."""
    shared = np.zeros(len(pairs), dtype=bool)
    named = np.zeros(len(pairs), dtype=bool)
    criteria = [one for one in prepared.sheet.criteria if one.comparator == Comparator.COVERS]
    for one in criteria:
        named |= one.mentee_feature.answered[pairs[:, 1]]
        shared |= np.array([bool(both) for both in prepared.sheet.shared_choices(one.key, pairs)], dtype=bool)
    return Learning(~shared, named) if criteria else None


def figures(prepared: Prepared, problem: Problem, solution: Solution) -> dict[str, Any]:
    """What the champion sees of the run as a whole, each figure with its base."""
    pairs, inputs = solution.pairs, prepared.inputs
    quality = measure(problem, pairs, prepared.sheet.max_points)
    percents = prepared.sheet.percent(problem.scores[pairs[:, 0], pairs[:, 1]])
    bins = np.bincount(np.minimum(percents // BINS, BINS - 1).astype(int), minlength=BINS)[:BINS]
    learning = learn(prepared, pairs)
    considered = {*inputs.mentors.ids, *inputs.mentees.ids}
    paired = set(inputs.paired)
    gone = [pair for pair in inputs.keep if pair not in paired and not considered.issuperset(pair)]
    return {
        "pairs": len(pairs),
        "mentors": {
            "placed": quality.mentors_matched,
            "of": quality.mentors,
            "seats": sum(inputs.mentors.seats),
        },
        "mentees": {
            "placed": quality.mentees_matched,
            "of": quality.mentees,
            "seats": sum(inputs.mentees.seats),
        },
        "alone": len(solution.unmatched_mentors) + len(solution.unmatched_mentees),
        "mean": round(quality.mean_percent, 1),
        "lowest": round(quality.lowest_percent),
        "bins": bins.tolist(),
        "learn": {
            "nothing": int(learning.nothing.sum()),
            "named": int((learning.nothing & learning.named).sum()),
            "silent": int((learning.nothing & ~learning.named).sum()),
        }
        if learning
        else None,
        "forbidden": {rule: count for rule, count in problem.rules.counts().items() if count}
        if problem.rules
        else {},
        "possible": int(problem.scores.size),
        "kept": len(problem.locked),
        "kept_gone": len(gone),
        "better_together": quality.blocking_pairs,
        "proven": solution.proven_optimal,
        "seconds": round(solution.seconds, 2),
    }
