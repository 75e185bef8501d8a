"""Two runs of a cohort side by side: whose partners differ, and by how many points of score."""

from dataclasses import dataclass, field, fields
from typing import Any

from matching.models import MatchRun, Proposal
from matching.run_settings import Options, Settings
from programs.enums import PairRole


@dataclass
class Change:
    """One person whose partners differ: all partners, with the score, in each of the two runs."""

    participant: int
    before: dict[int, int] = field(default_factory=dict)
    after: dict[int, int] = field(default_factory=dict)

    @property
    def difference(self) -> int:
        return sum(self.after.values()) - sum(self.before.values())

    @property
    def gains(self) -> bool:
        """More points, or a partner at last."""
        return self.difference > 0 or not self.before

    @property
    def loses(self) -> bool:
        return self.difference < 0 or not self.after


@dataclass
class Comparison:
    """`changes` by role: everybody whose partners differ. `same` counts the pairs that are in both runs."""

    same: int
    gone: int
    new: int
    changes: dict[str, list[Change]]


def compared(first: MatchRun, second: MatchRun) -> Comparison:
    """Two queries, whatever the number of pairs."""
    pairs = [_pairs(run) for run in (first, second)]
    same = pairs[0].keys() & pairs[1].keys()
    changes: dict[str, dict[int, Change]] = {role.value: {} for role in PairRole}
    for when, found in zip(("before", "after"), pairs, strict=True):
        for ids, score in found.items():
            mentor, mentee = ids
            for role, own, partner in (("mentor", mentor, mentee), ("mentee", mentee, mentor)):
                change = changes[role].setdefault(own, Change(own))
                getattr(change, when)[partner] = score
    return Comparison(
        same=len(same),
        gone=len(pairs[0]) - len(same),
        new=len(pairs[1]) - len(same),
        changes={
            role: [one for one in found.values() if one.before.keys() != one.after.keys()]
            for role, found in changes.items()
        },
    )


def _pairs(run: MatchRun) -> dict[tuple[int, int], int]:
    rows = Proposal.objects.filter(run=run).order_by("id").values_list("mentor_id", "mentee_id", "score")
    return {(mentor, mentee): score for mentor, mentee, score in rows}


@dataclass
class Differences:
    """What the settings of two runs do not share. `weights`: label -> (first, second), None where a run did
    not have the criterion; `comparators` likewise; `rules`: rule -> on in the second; `options`: name ->
    (first, second); `seats` by role; `kept` and `never`: pairs said so only in (first, second)."""

    weights: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    comparators: dict[str, tuple[str, str]] = field(default_factory=dict)
    rules: dict[str, bool] = field(default_factory=dict)
    options: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    seats: dict[str, tuple[int, int]] = field(default_factory=dict)
    kept: tuple[int, int] = (0, 0)
    never: tuple[int, int] = (0, 0)
    picks: tuple[bool, bool] = (False, False)

    @property
    def rulings(self) -> bool:
        return any((*self.kept, *self.never))

    @property
    def aims(self) -> bool:
        """Criteria, rules, options, or whether picks count."""
        return bool(self.weights or self.comparators or self.rules or self.options or len({*self.picks}) > 1)


def differences(first: Settings, second: Settings) -> Differences:
    criteria = [{one.key: one for one in settings.criteria} for settings in (first, second)]
    found = Differences(picks=(first.picks, second.picks))
    for key, one in (criteria[0] | criteria[1]).items():
        left, right = criteria[0].get(key), criteria[1].get(key)
        weights = (left.weight if left else None, right.weight if right else None)
        if weights[0] != weights[1]:
            found.weights[one.label] = weights
        if left and right and left.comparator != right.comparator:
            found.comparators[one.label] = (left.comparator, right.comparator)
    for rule in sorted({*first.rules} ^ {*second.rules}):
        found.rules[rule] = rule in second.rules
    for name in sorted(option.name for option in fields(Options)):
        values = (getattr(first.options, name), getattr(second.options, name))
        if values[0] != values[1]:
            found.options[name] = values
    for role in PairRole.values:
        if first.seats[role] != second.seats[role]:
            found.seats[role] = (first.seats[role], second.seats[role])
    before, after = first.rulings, second.rulings
    found.kept = (len(before.keep - after.keep), len(after.keep - before.keep))
    found.never = (len(before.never - after.never), len(after.never - before.never))
    return found
