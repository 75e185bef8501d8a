"""The runs of a cohort as the champion reads them: what each is for, what was changed by hand."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from matching.enums import EditKind, RunPurpose
from matching.models import MatchRun
from matching.queries.people import participant_names
from matching.words import listed

TONES = {RunPurpose.WHAT_IF.value: "info", RunPurpose.EDIT.value: "neutral"}


@dataclass(frozen=True)
class RunLine:
    """One run in the menu: `badge` says what it is for ("" for a plain draft), `text` what it did."""

    run: MatchRun
    badge: str
    tone: str
    text: str


def lines_of(runs: Iterable[MatchRun]) -> dict[int, RunLine]:
    """By run. The names of all that were moved by hand are read at once."""
    runs = list(runs)
    moved = {pk for run in runs for pair in run.edit.get("after", []) for pk in pair}
    names = participant_names(moved) if moved else {}
    return {run.pk: _line(run, names) for run in runs}


def _line(run: MatchRun, names: dict[int, str]) -> RunLine:
    plain = run.purpose == RunPurpose.DRAFT
    return RunLine(
        run=run,
        badge="" if plain else str(run.get_purpose_display()),
        tone=TONES.get(run.purpose, "neutral"),
        text=" · ".join(part for part in (_edit_text(run, names), run.note) if part),
    )


def _edit_text(run: MatchRun, names: dict[int, str]) -> str:
    """Ada One with Xia Seven; of two pairs that swap, both."""
    pairs = [
        _("%(mentor)s with %(mentee)s")
        % {"mentor": names.get(mentor, _("somebody")), "mentee": names.get(mentee, _("somebody"))}
        for mentor, mentee in run.edit.get("after", [])
    ]
    if run.edit.get("kind") == EditKind.SWAP:
        return _("Swapped: %(pairs)s") % {"pairs": listed(pairs)}
    return listed(pairs)
