"""What two runs do not have in common, in words: settings, and figures beside each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching.enums import Comparator, Method, Rule
from matching.models import MatchRun
from matching.queries.compare import Differences
from matching.queries.groups import group_label
from matching.rules import parse_group
from matching.views.workbench.figures import number, source_label
from programs.enums import PairRole


def in_words(found: Differences) -> list[str]:
    """One line for each setting that differs: what it was, and what it is."""
    return [*_criteria(found), *_rules(found), *_options(found), *_seats(found), *_rulings(found)]


def _criteria(found: Differences) -> Iterator[str]:
    for label, (before, after) in found.weights.items():
        what = {"label": label, "before": before, "after": after}
        if before is None:
            yield _("%(label)s: new, weight %(after)s") % what
        elif after is None:
            yield _("%(label)s: no longer there (weight %(before)s before)") % what
        else:
            yield _("%(label)s: weight %(before)s → %(after)s") % what
    for label, (was, becomes) in found.comparators.items():
        yield _("%(label)s: “%(before)s” → “%(after)s”") % {
            "label": label,
            "before": Comparator(was).label,
            "after": Comparator(becomes).label,
        }
    if found.picks[0] != found.picks[1]:
        yield _("People’s picks count now") if found.picks[1] else _("People’s picks no longer count")


def _rules(found: Differences) -> Iterator[str]:
    for rule, on in found.rules.items():
        label = {"rule": Rule(rule).label}
        yield (_("Rule on: %(rule)s") if on else _("Rule off: %(rule)s")) % label


def _options(found: Differences) -> Iterator[str]:
    labels = {
        "floor": _("Lowest score that may be paired"),
        "best_worst": _("Best worst pair first"),
        "share": _("Share of pairs that differ"),
        "gap": _("Close a gap"),
        "method": _("Method"),
        "priority": _("Who waited goes first"),
    }
    for name, values in found.options.items():
        before, after = (_option(name, value) for value in values)
        yield _("%(label)s: %(before)s → %(after)s") % {
            "label": labels.get(name, name),
            "before": before,
            "after": after,
        }


def _option(name: str, value: Any) -> str:
    if name == "share":
        if not value:
            return _("none")
        what = {"percent": value.percent, "what": source_label(value.source)}
        return _("%(percent)s%% with a different %(what)s") % what
    if name == "gap" and value:
        what = {"group": group_label(value.group), "within": value.within}
        return _("%(group)s, no more than %(within)s of 100 points under everybody else") % what
    if name == "method":
        return str(Method(value).label) if value else _("none")
    if value is None:
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _seats(found: Differences) -> Iterator[str]:
    for role, (before, after) in found.seats.items():
        what = {"before": before, "after": after}
        if role == PairRole.MENTOR:
            yield _("Extra seats for every mentor: %(before)s → %(after)s") % what
        else:
            yield _("Extra seats for every mentee: %(before)s → %(after)s") % what


def _rulings(found: Differences) -> Iterator[str]:
    freed, kept = found.kept
    if kept:
        yield ngettext("%(n)s pair kept in addition", "%(n)s pairs kept in addition", kept) % {"n": kept}
    if freed:
        yield ngettext("%(n)s pair no longer kept", "%(n)s pairs no longer kept", freed) % {"n": freed}
    allowed, never = found.never
    if never:
        yield ngettext("%(n)s more pair ruled out", "%(n)s more pairs ruled out", never) % {"n": never}
    if allowed:
        text = ngettext("%(n)s pair no longer ruled out", "%(n)s pairs no longer ruled out", allowed)
        yield text % {"n": allowed}


@dataclass(frozen=True)
class FigureRow:
    """One figure of both runs; `better`: whether the second is better, None where neither is."""

    label: str
    before: str
    after: str
    difference: str
    better: bool | None


def figure_rows(first: MatchRun, second: MatchRun) -> list[FigureRow]:
    """The figures that both runs have, most telling first."""
    one, other = first.figures, second.figures
    rows = [
        _row(_("Pairs"), one["pairs"], other["pairs"], up=True),
        _row(_("Mentors placed"), one["mentors"]["placed"], other["mentors"]["placed"], up=True),
        _row(_("Mentees placed"), one["mentees"]["placed"], other["mentees"]["placed"], up=True),
        _row(_("Average score"), one["mean"], other["mean"], up=True),
        _row(_("Lowest pair"), one["lowest"], other["lowest"], up=True),
    ]
    if one.get("learn") and other.get("learn"):
        rows.append(_row(_("Nothing to learn"), one["learn"]["nothing"], other["learn"]["nothing"], up=False))
    if any(figures.get("picks") for figures in (one, other)):
        rows.append(_row(_("First choices met"), _firsts(one), _firsts(other), up=True))
    if any(figures.get("share") for figures in (one, other)):
        rows.append(_row(_("Share that differs, in percent"), _share(one), _share(other), up=True))
    rows += [
        _row(_("Gap of %(group)s") % {"group": parse_group(group)[1]}, *gaps, up=False)
        for group in dict.fromkeys(_raised(figures) for figures in (one, other))
        if group and (gaps := [_gap(figures, group) for figures in (one, other)])
    ]
    proofs = [_("best possible") if figures["proven"] else _("not proven") for figures in (one, other)]
    better = None if one["proven"] == other["proven"] else bool(other["proven"])
    return [*rows, FigureRow(_("Proof"), proofs[0], proofs[1], "", better)]


def _firsts(figures: dict[str, Any]) -> int | None:
    picks = figures.get("picks")
    return sum(side["first"] for side in picks.values()) if picks else None


def _share(figures: dict[str, Any]) -> float | None:
    share = figures.get("share")
    return round(100 * share["pairs"] / share["of"]) if share and share["of"] else None


def _raised(figures: dict[str, Any]) -> str:
    """The group whose gap the run was to close."""
    return str((figures.get("closing") or {}).get("group", ""))


def _gap(figures: dict[str, Any], group: str) -> float | None:
    for one in figures.get("fairness") or ():
        if f"{one['source']}={one['group']}".casefold() == group.casefold():
            gap = one.get("gap")
            return None if gap is None else max(float(gap), 0.0)
    return None


def _row(label: str, before: float | None, after: float | None, *, up: bool) -> FigureRow:
    first, second = (number(value) if value is not None else "–" for value in (before, after))
    if before is None or after is None:
        return FigureRow(label, first, second, "", None)
    change = round(after - before, 1)
    return FigureRow(label, first, second, signed(change), (change > 0) == up if change else None)


def signed(value: float) -> str:
    return f"+{number(value)}" if value > 0 else f"−{number(-value)}" if value < 0 else "0"
