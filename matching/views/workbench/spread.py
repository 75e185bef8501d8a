"""The tab of a draft that tells how scores spread: as a plot, by place in people's lists, and by group."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.core.disclosure import GROUP_AT_LEAST
from matching.models import MatchRun
from matching.queries.runs import people_by_rank
from matching.rules import FORBIDDING, Text, parse_source
from matching.views.workbench.figures import aims_of, forbidden_counts, number, source_label
from programs.enums import PairRole
from programs.models import Cohort

ROUGH_STEPS = tuple(step * 10**zeros for zeros in range(6) for step in (1, 2, 5))
RANK_LABELS: dict[int, Text] = {
    1: gettext_lazy("Their first"),
    3: gettext_lazy("One of the first three"),
    10: gettext_lazy("One of the first ten"),
}


def groups_of(run: MatchRun) -> list[dict[str, Any]]:
    """Mean and 5th percentile by group; groups under five people are nobody's business."""
    return [
        {
            **(_rough(one) if parse_source(one["source"]).is_question else one),
            "what": source_label(one["source"]),
            "behind": _behind(one),
        }
        for one in run.figures.get("fairness") or ()
        if one["people"] >= GROUP_AT_LEAST
    ]


def _behind(one: dict[str, Any]) -> str:
    """What names the group where its gap can be closed; runs of earlier versions know of no gap."""
    return f"{one['source']}={one['group']}" if round(one.get("gap") or 0) > 0 else ""


def _rough(one: dict[str, Any]) -> dict[str, Any]:
    """A group by what people answered in confidence. To the person, two drafts beside each other would tell
    what somebody answered who joined or left in between, and a lowest score whose pair it is."""
    people = max(step for step in ROUGH_STEPS if step <= one["people"])
    placed = 10 * round(10 * one["placed"] / one["people"])
    scores = {name: None if one[name] is None else 5 * round(one[name] / 5) for name in ("mean", "low")}
    return {**one, **scores, "people": people, "placed": placed, "rough": True}


def spread_tab(request: Any, cohort: Cohort, run: MatchRun) -> dict[str, Any]:
    """The distribution of scores, how high partners stand in people's lists, how groups fare, and what the
    run went by."""
    bins, settings = run.figures["bins"], run.settings_then
    width = 100 // len(bins)
    labels = [f"{width * index}–{width * (index + 1) - 1}" for index in range(len(bins))]
    labels[-1] = f"{100 - width}–100"
    described = _("Pairs by score, 0 to 100. %(pairs)s pairs, average %(mean)s, lowest %(lowest)s.") % {
        "pairs": number(run.figures["pairs"]),
        "mean": round(run.figures["mean"]),
        "lowest": run.figures["lowest"],
    }
    return {
        "bins": list(zip(labels, bins, strict=True)),
        "described": described,
        "places": _places(run),
        "groups": groups_of(run),
        "forbidden": forbidden_counts(run.figures["forbidden"], settings.labels),
        "taken": [
            {"label": one.label, "weight": one.weight, "weight_shown": one.comparator not in FORBIDDING}
            for one in settings.criteria
            if one.weight or one.comparator in FORBIDDING
        ],
        "aims": aims_of(settings),
    }


def _places(run: MatchRun) -> list[dict[str, Any]]:
    """By role: how many placed people met one of the first in their own list, by score."""
    found = people_by_rank(run)
    return [
        {
            "role": PairRole(role).label,
            "of": run.figures[f"{role}s"]["placed"],
            "cells": [
                {"label": RANK_LABELS[first], "people": people} for first, people in found[role].items()
            ],
        }
        for role in PairRole.values
        if run.figures[f"{role}s"]["placed"]
    ]
