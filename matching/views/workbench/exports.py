"""A run's pairs with their reasons as a file, for a meeting about them."""

import io
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from matching.models import MatchRun, Proposal, Ruling
from matching.queries.drafts import overridden_words
from matching.queries.runs import proposals
from matching.reasons import reasons
from matching.views.workbench.lookup import run_or_404
from mentoring.actions import audit
from mentoring.enums import JobStatus
from mentoring.exchange.writers import CONTENT_TYPES, write_table
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from programs.views.cohort_page import cohort_or_404


@require_safe
@member_view(Permission.RUN_MATCHING)
def match_export(request: Any, cohort_id: int, run_id: int) -> HttpResponseBase:
    """CSV, or XLSX with `?format=xlsx`: pairs, score, why in words, what is kept and which rule it breaks."""
    cohort = cohort_or_404(cohort_id)
    run = run_or_404(cohort, run_id)
    if run.status != JobStatus.DONE:
        raise Http404
    form = "xlsx" if request.GET.get("format") == "xlsx" else "csv"
    out = io.BytesIO()
    write_table(out, _headers(), _rows(run), format=form, title=str(run))
    response = HttpResponse(out.getvalue(), content_type=CONTENT_TYPES[form])
    audit.record("matching.downloaded", run, by=request.actor, cohort=cohort.pk, format=form)
    name = slugify(f"{cohort.name} {run.number}") or "pairs"
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def _headers() -> list[str]:
    return [
        _("Mentor"),
        _("Mentor’s e-mail"),
        _("Mentee"),
        _("Mentee’s e-mail"),
        _("Score"),
        _("Why"),
        _("Kept"),
        _("Overrides"),
        _("Note"),
    ]


def _rows(run: MatchRun) -> Iterator[list[object]]:
    kept = Ruling.objects.filter(cohort=run.cohort_id, kind="keep")
    notes = {(row.mentor_id, row.mentee_id): row.note for row in kept}
    for one in proposals().filter(run=run).order_by("-score", "id").iterator(chunk_size=1000):
        ids = (one.mentor_id, one.mentee_id)
        one.run = run
        broken = [str(word) for word in overridden_words(one)]
        yield [
            one.mentor.person.name,
            one.mentor.person.email,
            one.mentee.person.name,
            one.mentee.person.email,
            one.score,
            _why(one),
            one.kept,
            _overrides(broken, notes.get(ids, "")),
            notes.get(ids, "") if one.kept else "",
        ]


def _why(one: Proposal) -> str:
    told = reasons(one.contributions, one.mentor.person.called, one.mentee.person.called)
    return " ".join(f"{reason.label}: {reason.text}" for reason in told)


def _overrides(broken: list[str], note: str) -> str:
    if not broken:
        return ""
    return _("Overrides: %(rules)s. Reason: %(reason)s") % {"rules": ", ".join(broken), "reason": note}
