"""Works a finished run off once more, to see that it is what it says; nothing is stored. Imports numpy and
scipy: only the command imports this module, when needed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from numpy.typing import NDArray

from matching.core import Problem
from matching.core.program import Program
from matching.core.replay import unpack_proof, versions
from matching.core.verify import check
from matching.models import MatchRun
from matching.queries.inputs import load_run
from matching.solving import Prepared, restrict, score
from matching.solving.answering import answer, faults, fingerprint
from mentoring.rules import NotAllowed

Ints = NDArray[np.int64]


class Verdict(StrEnum):
    """`same` pairs; other pairs that are `as_good`; `worse` than what there is now; the `input_changed`."""

    SAME = "same"
    AS_GOOD = "as_good"
    WORSE = "worse"
    INPUT_CHANGED = "input_changed"


@dataclass(frozen=True)
class Replay:
    """What a replay found: the verdict, and in words what it rests on."""

    verdict: Verdict
    lines: list[str]

    @property
    def holds(self) -> bool:
        return self.verdict in (Verdict.SAME, Verdict.AS_GOOD)


def replay(run: MatchRun) -> Replay:
    """Load the run's input as it is now and, if it is still the same, solve again and compare the pairs."""
    prepared = score(load_run(run))
    try:
        problem = restrict(prepared)
    except NotAllowed as refusal:
        return Replay(Verdict.INPUT_CHANGED, [_changed(), str(refusal)])
    if fingerprint(prepared, problem) != run.input_hash:
        return Replay(Verdict.INPUT_CHANGED, [_changed(), *_people(run, prepared)])
    program = answer(prepared, problem)
    if wrong := faults(prepared, problem, program):
        raise RuntimeError(f"run {run.pk}: the answer does not hold: {wrong[:3]}")
    stored = stored_pairs(run, prepared)
    lines = [_("The input is the same: %(hash)s.") % {"hash": run.input_hash[:16]}, *_versions(run)]
    if run.proof and _proves(bytes(run.proof), program, stored):
        lines.append(_("The prices kept with the run prove its pairs, checked against every other pair."))
    elif run.proof and run.figures["proven"]:
        lines.append(_("The prices kept with the run do not prove its pairs."))
    verdict = _compare(problem, program, stored)
    return Replay(verdict, [*lines, _told(verdict, len(stored))])


def _changed() -> str:
    return _("People, answers, rules or picks have changed since this run: its pairs cannot be compared.")


def _people(run: MatchRun, prepared: Prepared) -> list[str]:
    """Whom the run knew and who is there now, as far as its figures tell."""
    now = len(prepared.inputs.mentors.ids), len(prepared.inputs.mentees.ids)
    then = run.figures["mentors"]["of"], run.figures["mentees"]["of"]
    known = {*prepared.inputs.mentors.ids, *prepared.inputs.mentees.ids}
    pairs = run.proposals.values_list("mentor_id", "mentee_id")
    gone = len({pk for pair in pairs for pk in pair} - known)
    lines = [
        _("Mentors: %(then)s then, %(now)s now. Mentees: %(more)s then, %(more_now)s now.")
        % {"then": then[0], "now": now[0], "more": then[1], "more_now": now[1]}
    ]
    if gone:
        text = ngettext(
            "%(number)s person of its pairs is no longer considered.",
            "%(number)s people of its pairs are no longer considered.",
            gone,
        )
        lines.append(text % {"number": gone})
    return lines


def _versions(run: MatchRun) -> list[str]:
    now: dict[str, Any] = versions()
    other = {name: (then, now.get(name)) for name, then in run.versions.items() if now.get(name) != then}
    return [
        _("%(name)s was %(then)s then and is %(now)s now.") % {"name": name, "then": then, "now": is_now}
        for name, (then, is_now) in sorted(other.items())
    ]


def stored_pairs(run: MatchRun, prepared: Prepared) -> Ints:
    """The run's pairs by position."""
    place = [
        {pk: at for at, pk in enumerate(side.ids)}
        for side in (prepared.inputs.mentors, prepared.inputs.mentees)
    ]
    rows = run.proposals.order_by("mentor_id", "mentee_id").values_list("mentor_id", "mentee_id")
    pairs = [(place[0][mentor], place[1][mentee]) for mentor, mentee in rows]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _proves(proof: bytes, program: Program, stored: Ints) -> bool:
    """Whether the prices that were kept show that no pairs are better than those that were kept."""
    try:
        kept = unpack_proof(program.weighed, stored, proof)
    except ValueError:
        return False
    return kept.proven_optimal and not check(program.weighed, kept)


def _compare(problem: Problem, program: Program, stored: Ints) -> Verdict:
    if np.array_equal(problem.sorted_pairs(stored), program.pairs):
        return Verdict.SAME
    as_many = len(stored) == len(program.pairs)
    as_good = as_many and program.weighed.score_of(stored) == program.solution.score
    return Verdict.AS_GOOD if as_good else Verdict.WORSE


def _told(verdict: Verdict, pairs: int) -> str:
    if verdict == Verdict.SAME:
        text = ngettext(
            "Solved again: the same %(pairs)s pair.", "Solved again: the same %(pairs)s pairs.", pairs
        )
        return text % {"pairs": pairs}
    if verdict == Verdict.AS_GOOD:
        return _("Solved again: other pairs, and exactly as good as those of the run.")
    return _("Solved again: other pairs, and better than those of the run.")
