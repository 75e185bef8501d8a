from typing import Any

from allauth.account import views as allauth_views
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.generic.edit import FormMixin

from mentoring.forms.signup import OrganizationFields, hold_address
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import public, signed_in


class SignupView(allauth_views.SignupView):
    """allauth's sign-up, all or nothing: user, organization and owner stand together or not at all."""

    def form_valid(self, form: Any) -> Any:
        if form.account_already_exists:
            hold_address(form.cleaned_data["organization_slug"])
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except NotAllowed as refusal:
            form.add_error("organization_slug", str(refusal))
            return self.form_invalid(form)
        except IntegrityError:  # the same person signed up twice at once: as if the account stood before
            form.account_already_exists = True
            return super().form_valid(form)

    def form_invalid(self, form: Any) -> Any:
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class ConfirmAddressView(allauth_views.ConfirmEmailVerificationCodeView):
    """allauth 65.21 forgets to answer a correction of the address that is not valid."""

    def _change_form_invalid(self, form: Any) -> HttpResponseBase:
        return FormMixin.form_invalid(self, form)


signup = public(SignupView.as_view())
confirm_address = public(ConfirmAddressView.as_view())


@signed_in
def new_organization(request: HttpRequest) -> HttpResponseBase:
    """A further organization for somebody who already signs in."""
    form = OrganizationFields(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                return redirect(form.create(request.user))  # type: ignore[arg-type]
        except NotAllowed as refusal:
            form.add_error("organization_slug", str(refusal))
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "new_organization.html", {"form": form}, status=status)
