from typing import Any

from allauth.account import views as allauth_views
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from mentoring.actions.users import forget_sign_up
from mentoring.forms.signup import OrganizationFields, hold_address, release_address
from mentoring.models import User
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import public, signed_in


class SignupView(allauth_views.SignupView):
    """allauth's sign-up, all or nothing: user, organization and owner stand together or not at all."""

    def form_valid(self, form: Any) -> Any:
        if form.account_already_exists:
            hold_address(self.request, form.cleaned_data["organization_slug"])
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
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The same page for who signed up and for who only seems to, because the address has an account."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context if self.request.user.is_authenticated else {**context, "cancel_url": None}


signup = public(SignupView.as_view())
confirm_address = public(ConfirmAddressView.as_view())


@public
@require_POST
def start_over(request: HttpRequest) -> HttpResponseBase:
    """The address was mistyped: what this browser signed up is undone, and its slug is free."""
    process = EmailVerificationProcess.resume(request)
    if process and not request.user.is_authenticated:
        user = process.user
        process.abort()
        release_address(request)
        if isinstance(user, User) and not user.last_login:
            forget_sign_up(user)
    return redirect("account_signup")


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
