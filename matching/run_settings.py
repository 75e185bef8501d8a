"""What a run goes by, and how its row keeps it: the one place that writes and reads such rows.

A row of an earlier format lacks what there was not at that time; what it lacks is read as the default.
A further option is a field of `Options` with its default, and a higher `FORMAT`: what an earlier version of
the program does not know, it must not leave out in silence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from matching.enums import Method, Rule
from matching.rules import Source, parse_group, parse_source
from programs.enums import PairRole

FORMAT = 2  # 2: a gap to close
Ids = tuple[int, int]


@dataclass(frozen=True)
class CriterionSetting:
    """A `matching.models.Criterion` as it was when the run started."""

    key: str
    label: str
    comparator: str
    mentor_source: str
    mentee_source: str
    weight: int

    @property
    def sources(self) -> tuple[Source, Source]:
        """The mentor's, and the mentee's."""
        return parse_source(self.mentor_source), parse_source(self.mentee_source)


@dataclass(frozen=True)
class Rulings:
    """Pairs, mentor first: those kept, those never proposed, and which hard rules a kept one breaks."""

    keep: frozenset[Ids] = frozenset()
    never: frozenset[Ids] = frozenset()
    overrides: Mapping[Ids, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Rulings":
        return cls(
            keep=frozenset((mentor, mentee) for mentor, mentee in row.get("keep", ())),
            never=frozenset((mentor, mentee) for mentor, mentee in row.get("never", ())),
            overrides={(mentor, mentee): tuple(rules) for mentor, mentee, rules in row.get("overrides", ())},
        )

    def as_row(self) -> dict[str, Any]:
        return {
            "keep": [list(ids) for ids in sorted(self.keep)],
            "never": [list(ids) for ids in sorted(self.never)],
            "overrides": [[*ids, list(rules)] for ids, rules in sorted(self.overrides.items())],
        }


@dataclass(frozen=True)
class ShareAim:
    """At least so many of 100 pairs shall differ in `source`."""

    source: str
    percent: int


@dataclass(frozen=True)
class GapAim:
    """Scores of `group`, `person:<attribute>=<value>`, shall be no more than `within` of 100 points under
    those of everybody else, on average."""

    group: str
    within: int

    @property
    def attribute(self) -> str:
        return parse_group(self.group)[0]

    @property
    def name(self) -> str:
        """What the group is called."""
        return parse_group(self.group)[1]


@dataclass(frozen=True)
class Options:
    """What a run aims at beside criteria and rules; `matching.models.MatchSettings` says what each means."""

    floor: int | None = None
    best_worst: bool = False
    share: ShareAim | None = None
    gap: GapAim | None = None
    method: str = Method.SOLVER.value
    priority: bool = True

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Options":
        share, gap = row.get("share"), row.get("gap")
        aims = {"share": ShareAim(**share) if share else None, "gap": GapAim(**gap) if gap else None}
        return cls(**{**row, **aims})


@dataclass(frozen=True)
class Changes:
    """What one run has other than its cohort: `weights` and `relations` (comparators) by criterion key,
    `rules` on or off, extra `seats` by role, all `options`, all `rulings`. What is left out stays."""

    weights: Mapping[str, int] = field(default_factory=dict)
    relations: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, bool] = field(default_factory=dict)
    seats: Mapping[str, int] = field(default_factory=dict)
    options: Options | None = None
    rulings: Rulings | None = None


@dataclass(frozen=True)
class Settings:
    """`rules` in the order of the enum. `picks`: whether people's picks count. `seats`: extra seats for
    everybody of a role, which only a what-if has."""

    criteria: tuple[CriterionSetting, ...] = ()
    rules: tuple[str, ...] = ()
    rulings: Rulings = Rulings()
    options: Options = Options()
    picks: bool = False
    seats: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(PairRole.values, 0))

    @property
    def labels(self) -> dict[str, str]:
        """What the criteria are called, by key."""
        return {one.key: one.label for one in self.criteria}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Settings":
        """Of any format up to this one; ValueError for a later one."""
        if row.get("format", 0) > FORMAT:
            raise ValueError(
                f"settings of format {row['format']}: a later version wrote them, this one knows {FORMAT}"
            )
        default = cls()
        return cls(
            criteria=tuple(CriterionSetting(**one) for one in row.get("criteria", ())),
            rules=tuple(row.get("rules", ())),
            rulings=Rulings.from_row(row.get("rulings", {})),
            options=Options.from_row(row.get("options", {})),
            picks=row.get("picks", default.picks),
            seats={**default.seats, **row.get("seats", {})},
        )

    def as_row(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "criteria": [asdict(one) for one in self.criteria],
            "rules": list(self.rules),
            "rulings": self.rulings.as_row(),
            "options": asdict(self.options),
            "picks": self.picks,
            "seats": dict(self.seats),
        }

    def changed(self, changes: Changes) -> "Settings":
        off = {rule for rule, on in changes.rules.items() if not on}
        return replace(
            self,
            criteria=tuple(
                replace(
                    one,
                    weight=changes.weights.get(one.key, one.weight),
                    comparator=changes.relations.get(one.key, one.comparator),
                )
                for one in self.criteria
            ),
            rules=rules_with({*self.rules, *changes.rules} - off),
            rulings=changes.rulings or self.rulings,
            options=changes.options or self.options,
            seats={**self.seats, **changes.seats},
        )


def rules_with(switched_on: Iterable[str]) -> tuple[str, ...]:
    """What holds beside that nobody meets oneself: the exclusion list, whatever is switched."""
    wanted = {*switched_on, Rule.EXCLUSION}
    return tuple(rule.value for rule in Rule if rule in wanted)
