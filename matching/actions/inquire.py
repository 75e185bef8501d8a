"""Answers questions about a draft. Imports numpy and scipy: only the task imports this, when it is needed."""

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from matching.actions.replay import stored_pairs
from matching.core import Problem, Solution
from matching.core.price import price_of_pair
from matching.core.remedies import Kind, Remedy, remedies
from matching.core.replay import unpack_proof
from matching.enums import InquiryKind, Method
from matching.explaining import contributions
from matching.explaining.places import places
from matching.models import MatchInquiry, MatchRun
from matching.queries.inputs import load_run
from matching.solving import Prepared, restrict, score
from matching.solving.answering import answer, fingerprint, is_plain
from mentoring.jobs import check_cancelled, finish_job, report_progress
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import organization_scope

Ints = NDArray[np.int64]

# Rules that nobody is told of: whoever said "not for me" did so in confidence.
UNTOLD = ("refused", "same_person")
# The last draft that this worker was asked about stays for the next question, if it is not too big. Reading
# the answers anew takes most of the time, so for a minute they count as unchanged.
KEPT_SECONDS = 60
KEPT_PAIRS_AT_MOST = 10_000_000


@dataclass(frozen=True, eq=False)
class Rebuilt:
    """A run's problem with its answer, as the run solved it: `weighed` holds what comes before points."""

    run_id: int
    prepared: Prepared
    problem: Problem
    weighed: Problem
    solution: Solution
    at: float


_last: list[Rebuilt] = []


def forget() -> None:
    _last.clear()


def work_off_inquiry(inquiry: MatchInquiry) -> None:
    """Rebuild the draft as it was solved, answer, and store the answer: nothing is written before the end."""
    with organization_scope(inquiry.organization_id):
        run = MatchRun.objects.select_related("cohort").get(pk=inquiry.run_id)
    report_progress(inquiry, phase=_("Reading the draft"))
    rebuilt = _rebuild(run)
    with organization_scope(inquiry.organization_id):
        check_cancelled(inquiry)
    report_progress(inquiry, phase=_("Working it out"))
    if inquiry.kind == InquiryKind.PRICE:
        result = _price(rebuilt, inquiry.mentor_id, inquiry.mentee_id)
    else:
        result = _remedies(rebuilt, inquiry.mentor_id, inquiry.mentee_id)
    with organization_scope(inquiry.organization_id):
        finish_job(inquiry, result=result)


def _rebuild(run: MatchRun) -> Rebuilt:
    """NotAllowed if the cohort is no longer as the run found it: its draft could not be made again."""
    kept = _last[0] if _last else None
    if kept and kept.run_id == run.pk and time.monotonic() - kept.at < KEPT_SECONDS:
        return kept
    forget()
    with organization_scope(run.organization_id):
        inputs = load_run(run)
    prepared = score(inputs)
    try:
        problem = restrict(prepared)
    except NotAllowed:
        raise _outdated() from None
    if fingerprint(prepared, problem) != run.input_hash:
        raise _outdated()
    rebuilt = Rebuilt(run.pk, prepared, problem, *_solved(run, prepared, problem), time.monotonic())
    if problem.shape[0] * problem.shape[1] <= KEPT_PAIRS_AT_MOST:
        _last.append(rebuilt)
    return rebuilt


def _solved(run: MatchRun, prepared: Prepared, problem: Problem) -> tuple[Problem, Solution]:
    """The weighed problem and the run's answer. What aimed at points alone is as it was kept, with its
    prices; else it is solved again, to the same pairs."""
    if run.proof and is_plain(prepared):
        with organization_scope(run.organization_id):
            pairs = stored_pairs(run, prepared)
        with suppress(ValueError):  # packed by another version: solved again, then
            kept = unpack_proof(problem, pairs, bytes(run.proof))
            if kept.proven_optimal:
                return problem, kept
    program = answer(prepared, problem)
    return program.weighed, program.solution


def _outdated() -> NotAllowed:
    return NotAllowed(
        _("Answers, picks, people or pairs have changed since this draft. Run again, and ask then.")
    )


def _at(ids: list[int], participant_id: int | None) -> int:
    try:
        return ids.index(participant_id or 0)
    except ValueError:
        raise NotAllowed(
            _("One of the two was not considered in this draft: no seat left, or no answers yet.")
        ) from None


def _price(rebuilt: Rebuilt, mentor_id: int | None, mentee_id: int | None) -> dict[str, Any]:
    """The pair as it would be, what forbids it, and the best program that contains it."""
    inputs, problem = rebuilt.prepared.inputs, rebuilt.problem
    mentor, mentee = _at(inputs.mentors.ids, mentor_id), _at(inputs.mentees.ids, mentee_id)
    pair = np.array([[mentor, mentee]], dtype=np.int64)
    made = bool((rebuilt.solution.pairs == pair).all(axis=1).any())
    ranked = places(rebuilt.prepared, problem, pair)[0]
    forbidden = problem.rules.of_pair(mentor, mentee) if problem.rules else []
    points = int(problem.points.at(pair[:, 0], pair[:, 1])[0])
    told = {
        "made": made,
        "score": _percent(rebuilt, points),
        "forbidden": forbidden,
        "under_floor": bool(problem.floor is not None and points < problem.floor and not made),
        "contributions": [one for one in contributions(rebuilt.prepared, pair)[0] if one["state"] != "picks"],
        "ranks": {role: {key: place[key] for key in ("rank", "of")} for role, place in ranked.items()},
    }
    after = _with(rebuilt, mentor, mentee)
    if after is None:
        return {**told, "possible": False, **_change(rebuilt, rebuilt.solution.pairs)}
    return {**told, "possible": True, **_change(rebuilt, after)}


def _with(rebuilt: Rebuilt, mentor: int, mentee: int) -> Ints | None:
    """The best program that contains this pair, by what the run aimed at; None where pairs that stand
    leave no seat for it. Prices of the run's own answer tell it at once; not where a share, the best
    worst pair or stability was asked for: then all is solved anew with the pair. A group that was raised
    keeps the weight that it has in the draft."""
    problem, options = rebuilt.problem, rebuilt.prepared.inputs.options
    made = (rebuilt.solution.pairs == [mentor, mentee]).all(axis=1).any()
    anew = options.share or options.best_worst or options.method == Method.STABLE
    if made or not anew:
        price = price_of_pair(rebuilt.weighed, rebuilt.solution, mentor, mentee)
        return price.pairs if price else None
    standing = problem.locked
    if (standing[:, 0] == mentor).sum() >= problem.mentor_seats[mentor]:
        return None
    if (standing[:, 1] == mentee).sum() >= problem.mentee_seats[mentee]:
        return None
    return answer(rebuilt.prepared, replace(problem, locked=np.vstack([standing, [[mentor, mentee]]]))).pairs


def _percent(rebuilt: Rebuilt, points: int) -> int:
    return round(float(rebuilt.prepared.sheet.percent(points)))


def _change(rebuilt: Rebuilt, after: Ints) -> dict[str, Any]:
    """From the draft to these pairs: pairs and points (of 100 a pair) lost, which pairs go and come, and
    who is alone then and was not."""
    before, points = rebuilt.solution.pairs, rebuilt.problem.points
    lost = int(points.at(before[:, 0], before[:, 1]).sum() - points.at(after[:, 0], after[:, 1]).sum())
    stood, stands = set(map(tuple, before.tolist())), set(map(tuple, after.tolist()))
    inputs = rebuilt.prepared.inputs
    alone = [
        side.ids[position]
        for column, side in enumerate((inputs.mentors, inputs.mentees))
        for position in sorted({pair[column] for pair in stood} - {pair[column] for pair in stands})
    ]
    return {
        "lost": len(before) - len(after),
        "points": round(float(rebuilt.prepared.sheet.percent(lost)), 1),
        "dropped": _named(rebuilt, stood - stands),
        "added": _named(rebuilt, stands - stood),
        "alone": alone,
        "picks": _picks_lost(rebuilt, stood - stands, stands - stood),
    }


def _picks_lost(
    rebuilt: Rebuilt, dropped: set[tuple[int, ...]], added: set[tuple[int, ...]]
) -> dict[str, int]:
    """How many picks, and first choices, fewer are met: numbers, and never whose."""
    inputs = rebuilt.prepared.inputs

    def places(pairs: set[tuple[int, ...]]) -> list[int]:
        found = []
        for row, column in pairs:
            mentor, mentee = inputs.mentors.ids[row], inputs.mentees.ids[column]
            for chooser, partner in ((mentor, mentee), (mentee, mentor)):
                picked = inputs.picks.get(chooser, [])
                found += [picked.index(partner)] if partner in picked else []
        return found

    before, after = places(dropped), places(added)
    return {"met": len(before) - len(after), "first": before.count(0) - after.count(0)}


def _named(rebuilt: Rebuilt, pairs: set[tuple[int, ...]]) -> list[dict[str, int]]:
    """Pairs by participant, with their score."""
    inputs = rebuilt.prepared.inputs
    index = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    points = rebuilt.problem.points.at(index[:, 0], index[:, 1])
    return [
        {
            "mentor": inputs.mentors.ids[mentor],
            "mentee": inputs.mentees.ids[mentee],
            "score": _percent(rebuilt, int(own)),
        }
        for (mentor, mentee), own in zip(index.tolist(), points.tolist(), strict=True)
    ]


def _remedies(rebuilt: Rebuilt, mentor_id: int | None, mentee_id: int | None) -> dict[str, Any]:
    """Every single change that would place this person, the smallest first."""
    inputs = rebuilt.prepared.inputs
    of_mentor = mentor_id is not None
    own, other = (inputs.mentors, inputs.mentees) if of_mentor else (inputs.mentees, inputs.mentors)
    person = _at(own.ids, mentor_id if of_mentor else mentee_id)
    alone = rebuilt.solution.unmatched_mentors if of_mentor else rebuilt.solution.unmatched_mentees
    if person not in alone:
        raise NotAllowed(_("This person has a partner in this draft."))
    given = {"mentor": person} if of_mentor else {"mentee": person}
    try:
        found = remedies(rebuilt.problem, rebuilt.solution, **given)
    except ValueError as error:
        if "exact range" not in str(error):
            raise
        raise NotAllowed(_("With so many people this cannot be worked out exactly.")) from error
    return {
        "remedies": [
            _remedy(rebuilt, one, person, other.ids, of_mentor) for one in found if one.rule not in UNTOLD
        ]
    }


def _remedy(
    rebuilt: Rebuilt, one: Remedy, person: int, partners: list[int], of_mentor: bool
) -> dict[str, Any]:
    pair = (person, one.meets) if of_mentor else (one.meets, person)
    change = _change(rebuilt, one.pairs)
    return {
        **change,
        "kind": one.kind.value,
        "rule": one.rule,
        "partner": partners[one.partner] if one.kind == Kind.SEAT and one.partner is not None else None,
        "meets": partners[one.meets],
        "score": _named(rebuilt, {pair})[0]["score"],
        "moved": one.moved,
        "points": -change["points"],
    }
