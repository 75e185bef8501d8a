"""What the pages of every import share: the four steps, the page that follows the work, the errors."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from mentoring.jobs import read_progress
from mentoring.models import FileImport
from mentoring.queries.imports import stored_file
from mentoring.views.pages import page_or_fragment


def steps(current: str, *, finished: bool = False) -> list[dict[str, Any]]:
    labels = {"upload": _("Upload"), "map": _("Map columns"), "check": _("Check"), "apply": _("Apply")}
    position = list(labels).index("upload" if current == "look" else current)
    states = ["done"] * position + ["done" if finished else "current"] + ["todo"] * (3 - position)
    return [{"label": label, "state": state} for label, state in zip(labels.values(), states, strict=True)]


def state_page(request: Any, template: str, found: FileImport, context: dict[str, Any]) -> HttpResponseBase:
    """Progress of whatever step is worked on, the dry run with all errors, and what was applied."""
    if request.htmx and not found.is_open:
        # When the work has ended the whole page changes, not the bar alone.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    context |= {
        "progress": read_progress(found) if found.is_open else None,
        "steps": steps(found.phase, finished=bool(found.applied_at)),
        "good_rows": found.counts.get("rows", 0) - found.counts.get("bad_rows", 0),
    }
    return page_or_fragment(request, template, context, fragment="progress")


def tell_cancelled(request: Any, is_cancelled: bool) -> None:
    """The page itself shows what was stopped; of a press that came too late only this tells."""
    if not is_cancelled:
        messages.info(request, _("This import was stopped before. Nothing has changed."))


def errors_csv(found: FileImport, *, stem: str) -> HttpResponse:
    """Every error as CSV: row, column, value, what is wrong."""
    file = stored_file(found.report.get("errors_file") or 0)
    if file is None:
        raise Http404
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{stem}-{found.pk}-errors.csv"'
    return response
