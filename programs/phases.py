"""How a cohort's phase is shown: as one of five steps, and as a badge."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from programs.enums import CohortStatus
from programs.models import Cohort
from programs.rules import Text, month_number

PHASES: tuple[tuple[CohortStatus, Text], ...] = (
    (CohortStatus.DRAFT, _("Set up")),
    (CohortStatus.ENROLLING, _("Enrol")),
    (CohortStatus.MATCHING, _("Match")),
    (CohortStatus.RUNNING, _("Meet")),
    (CohortStatus.CLOSED, _("Measure")),
)
TONES = {
    CohortStatus.DRAFT: "neutral",
    CohortStatus.ENROLLING: "info",
    CohortStatus.MATCHING: "warning",
    CohortStatus.RUNNING: "success",
    CohortStatus.CLOSED: "neutral",
}


def phase_badge(cohort: Cohort, today: date) -> dict[str, Any]:
    """Label and tone of the phase; a running cohort says which month of how many it is in."""
    status = CohortStatus(cohort.status)
    label: Text = status.label
    if status == CohortStatus.RUNNING:
        if today < cohort.starts_on:
            label = _("Running · starts soon")
        else:
            number, total = month_number(cohort.starts_on, cohort.ends_on, today)
            label = _("Running · month %(number)s of %(total)s") % {"number": number, "total": total}
    return {"label": label, "tone": TONES[status]}


def steps_of(cohort: Cohort) -> list[dict[str, Any]]:
    """The five steps for components/steps.html."""
    order = [status for status, _label in PHASES]
    at = order.index(CohortStatus(cohort.status))
    return [
        {"label": label, "state": "done" if place < at else "current" if place == at else "todo"}
        for place, (_status, label) in enumerate(PHASES)
    ]
