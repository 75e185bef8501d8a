from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone

from mentoring.forms.people import PeopleFilterForm
from mentoring.models import Person
from mentoring.queries import people as queries
from mentoring.queries.columns import undecided_columns
from mentoring.queries.outbox import has_failed_mail
from mentoring.registries import person_panels
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment

REPORTS_SHOWN = 12


@member_view(Permission.VIEW_PEOPLE)
def people_list(request: HttpRequest) -> TemplateResponse:
    form = PeopleFilterForm(request.GET, queries.filter_choices())
    found = queries.people_found(form.criteria()).annotate(
        mail_failed=has_failed_mail("", now=timezone.now())
    )
    paginator = Paginator(found, queries.PAGE_SIZE)
    context = {
        "form": form,
        "active": form.is_active(),
        "page": paginator.get_page(request.GET.get("page")),
        "headcount": queries.headcount(),
        "may_see_mail": request.membership.has(Permission.MANAGE_MAIL),  # type: ignore[attr-defined]
    }
    if not request.htmx and request.membership.has(Permission.IMPORT_PEOPLE):  # type: ignore[attr-defined]
        context["undecided_columns"] = undecided_columns(timezone.now().date())
    return page_or_fragment(request, "people/list.html", context, fragment="people")


def person_or_404(person_id: int, *, locked: bool = False) -> Person:
    person = queries.person_of(person_id, locked=locked)
    if person is None:
        raise Http404
    return person


@member_view(Permission.VIEW_PEOPLE)
def person(request: HttpRequest, person_id: int) -> TemplateResponse:
    somebody = person_or_404(person_id)
    panels = [
        {"template": panel.template, "panel": context}
        for panel in sorted(person_panels, key=lambda panel: panel.order)
        if (context := panel.build(somebody)) is not None
    ]
    reports = queries.reports_of(somebody)
    context = {
        "person": somebody,
        "facts": queries.facts_of(somebody, request.organization),  # type: ignore[attr-defined]
        "reports": reports[:REPORTS_SHOWN],
        "reports_number": reports.count(),
        "panels": panels,
        "may_change": request.membership.has(Permission.IMPORT_PEOPLE),  # type: ignore[attr-defined]
    }
    return TemplateResponse(request, "people/person.html", context)
