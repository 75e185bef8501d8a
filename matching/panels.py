"""What matching shows on pages of the apps below, and what its audit rows say in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from matching.queries.runs import current_draft, open_run, readiness
from mentoring.tenancy.permissions import Permission
from programs.enums import CohortStatus
from programs.models import Cohort

AUDIT_WORDS = {
    "matching.criteria_filled": _("Matching criteria taken from the template"),
    "matching.settings_changed": _("Matching criteria changed"),
    "matching.options_changed": _("What pairs aim at changed"),
    "matching.criterion_added": _("Matching criterion added"),
    "matching.criterion_changed": _("Matching criterion changed"),
    "matching.criterion_removed": _("Matching criterion removed"),
    "matching.ruled": _("Kept or ruled out a pairing"),
    "matching.run_started": _("Matching started"),
    "matching.run_done": _("Matching finished"),
    "matching.run_cancelled": _("Matching cancelled"),
    "matching.edited": _("Draft pairing changed by hand"),
    "matching.edit_undone": _("Change of a draft pairing undone"),
    "matching.adopted": _("Draft pairing adopted"),
    "matching.published": _("Draft pairing published"),
    "exclusion.added": _("Two people put on the exclusion list"),
    "exclusion.removed": _("Two people taken off the exclusion list"),
}


def match_status(cohort: Cohort, request: Any) -> dict[str, Any] | None:
    """Where matching stands, until the pairs are published."""
    if cohort.status not in (CohortStatus.ENROLLING, CohortStatus.MATCHING):
        return None
    if not request.membership.has(Permission.RUN_MATCHING):
        return None
    run = current_draft(cohort)
    return {
        "cohort": cohort,
        "readiness": readiness(cohort),
        "open_run": open_run(cohort),
        "run": run,
        "figures": run.figures if run else None,
    }
