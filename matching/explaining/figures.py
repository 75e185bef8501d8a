"""What the champion sees of a run as a whole, each figure with its base."""

from dataclasses import asdict
from typing import Any

import numpy as np

from matching.core import Problem
from matching.core.program import Kept, Program
from matching.core.share import Shared
from matching.explaining.entries import learn
from matching.explaining.envy import better_together
from matching.explaining.groups import groups
from matching.run_settings import ShareAim
from matching.solving import Prepared, can_be_kept
from matching.solving.answering import picks_of, why_not_raised

BINS = 10


def figures(prepared: Prepared, problem: Problem, program: Program) -> dict[str, Any]:
    """The figures of the answer as JSON."""
    return {
        **_placed(prepared, problem, program),
        **_aims(prepared, problem, program),
        "forbidden": {rule: count for rule, count in problem.rules.counts().items() if count}
        if problem.rules
        else {},
        "possible": problem.shape[0] * problem.shape[1],
        "seconds": round(program.seconds, 2),
    }


def _placed(prepared: Prepared, problem: Problem, program: Program) -> dict[str, Any]:
    pairs, inputs = program.pairs, prepared.inputs
    percents = prepared.sheet.percent(problem.points.at(pairs[:, 0], pairs[:, 1]))
    bins = np.bincount(np.minimum(percents // BINS, BINS - 1).astype(int), minlength=BINS)[:BINS]
    learning = learn(prepared, pairs)
    return {
        "pairs": len(pairs),
        **{
            f"{role}s": {
                "placed": len(np.unique(pairs[:, column])),
                "of": len(side.ids),
                "seats": sum(side.seats),
            }
            for column, (role, side) in enumerate((("mentor", inputs.mentors), ("mentee", inputs.mentees)))
        },
        "alone": len(program.solution.unmatched_mentors) + len(program.solution.unmatched_mentees),
        "mean": round(float(percents.mean()), 1) if len(pairs) else 0.0,
        "lowest": round(float(percents.min())) if len(pairs) else 0,
        "bins": bins.tolist(),
        "learn": {
            "nothing": int(learning.nothing.sum()),
            "named": int((learning.nothing & learning.named).sum()),
            "silent": int((learning.nothing & ~learning.named).sum()),
        }
        if learning
        else None,
        "better_together": better_together(problem, program, picks_of(inputs)),
    }


def _aims(prepared: Prepared, problem: Problem, program: Program) -> dict[str, Any]:
    """How far the run got with what it aimed at; what it did not aim at is None. A stable pairing is
    proven when nobody would rather have each other; every other one when nothing could be better."""
    inputs, aim = prepared.inputs, prepared.inputs.options.share
    left_out = set(inputs.keep) - set(inputs.paired) - set(can_be_kept(inputs))
    fairness = groups(prepared, problem, program.pairs)
    stable, bound, waited, near = program.blocking, program.upper_bound, program.waited, program.kept
    return {
        "kept": len(problem.locked),
        "kept_gone": len(left_out),
        "proven": program.proven if stable is None else not len(stable),
        "gap": None if bound is None else round(100 * (bound - program.score) / max(program.score, 1), 3),
        "picks": {
            "mentors": asdict(program.mentors_chosen),
            "mentees": asdict(program.mentees_chosen),
        }
        if program.mentors_chosen and program.mentees_chosen
        else None,
        "share": _share(aim, program.shared) if aim and program.shared else None,
        "fairness": fairness,
        "closing": _closing(prepared, program, fairness),
        "priority": asdict(waited) if waited and waited.waited else None,
        **(_near(near) if near else {}),
    }


def _share(wanted: ShareAim, shared: Shared) -> dict[str, Any]:
    return {
        **asdict(wanted),
        "pairs": shared.marked,
        "of": len(shared.pairs),
        "bound": shared.possible,
        "met": shared.reached,
        "price": shared.price,
    }


def _closing(prepared: Prepared, program: Program, fairness: list[dict[str, Any]]) -> dict[str, Any] | None:
    """How near the group came that was to be raised, in scores: `before` without and `after` with it, and
    the `price`, in scores of all pairs together (`of`, without it). `why`: nothing was closed, or nothing is
    told, because too few people of the group have a partner (`placed`)."""
    aim, closer = prepared.inputs.options.gap, program.closer
    if not aim:
        return None
    told: dict[str, Any] = {**asdict(aim), "why": why_not_raised(prepared.inputs)}
    if not closer:
        return told
    known = (f"person:{aim.attribute}", aim.name.strip().casefold())
    rows = {(one["source"], one["group"].casefold()): one for one in fairness}
    if known not in rows or rows[known]["mean"] is None:
        return {**told, "why": "placed"}

    def score(points: float) -> float:
        return round(float(prepared.sheet.percent(points)), 1)

    return {
        **told,
        "before": score(closer.others[0] - closer.mean[0]),
        "after": score(closer.others[1] - closer.mean[1]),
        "met": closer.reached,
        "weighed": closer.weight.more > 0,
        "price": score(closer.price),
        "of": score(program.score + closer.price),
    }


def _near(near: Kept) -> dict[str, int]:
    """Against the draft of before: `moved` could have stayed, `gone` could not."""
    return {
        "stayed": len(near.kept),
        "moved": len(near.moved),
        "gone": len(near.impossible),
        "new": len(near.added),
    }
