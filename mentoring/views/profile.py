from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from mentoring.actions.preferences import save_preferences
from mentoring.forms.profile import PreferencesForm
from mentoring.queries.locks import locked
from mentoring.queries.members import memberships_of
from mentoring.tenancy.guards import signed_in
from mentoring.views.pages import tell_saved


@signed_in
def preferences(request: Any) -> HttpResponseBase:
    """One's own name, clock, language and colors: the same in every organization, and without one."""
    user = locked(request.user) if request.method == "POST" else request.user
    form = PreferencesForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        tell_saved(request, save_preferences(user=user, **form.changed_values()))
        return redirect("preferences")
    context = {"form": form, "memberships": memberships_of(user)}
    return TemplateResponse(
        request, "profile/preferences.html", context, status=422 if form.is_bound else 200
    )
