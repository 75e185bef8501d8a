from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from mentoring.forms.fields import LineField
from mentoring.queries import audit as queries
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment


class AuditFilter(forms.Form):
    q = LineField(label=_("Who or what"), required=False, widget=forms.SearchInput)
    action = forms.ChoiceField(label=_("Action"), required=False)
    quiet_optional = True

    def __init__(self, *args: Any, actions: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [("", _("All actions")), *actions]  # type: ignore[attr-defined]


@member_view(Permission.VIEW_AUDIT)
def audit_log(request: Any) -> TemplateResponse:
    form = AuditFilter(request.GET, actions=queries.audit_actions())
    wanted = form.cleaned_data if form.is_valid() else {}
    page = Paginator(queries.audit_events(**wanted), queries.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "active": any(wanted.values()),
        "page": page,
        "events": queries.told(list(page.object_list)),
    }
    return page_or_fragment(request, "audit/log.html", context, fragment="events")
