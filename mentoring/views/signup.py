import secrets
from typing import Any

from allauth.account import views as allauth_views
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from mentoring.actions.account_log import record_account_event
from mentoring.actions.users import forget_sign_up
from mentoring.enums import AccountEventKind, SignUp
from mentoring.forms.signup import OrganizationFields, hold_address, release_address
from mentoring.models import User
from mentoring.queries.sign_up import TURNED_AWAY, may_set_up_another, may_sign_up
from mentoring.queries.users import look_for_nobody
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import public, signed_in
from mentoring.visitors import Visitor


class SignupView(allauth_views.SignupView):
    """allauth's sign-up, all or nothing: user, organization and owner stand together or not at all."""

    def form_valid(self, form: Any) -> Any:
        invited = may_sign_up(form.cleaned_data["email"])
        self.request.session[TURNED_AWAY] = not invited and not form.account_already_exists
        if not invited:  # goes the way of an address that has an account
            form.account_already_exists = True
        try:
            if form.account_already_exists:
                hold_address(self.request, form.cleaned_data["organization_slug"])
                rehearse(self.request, form)
            with transaction.atomic():
                return super().form_valid(form)
        except NotAllowed as refusal:
            form.add_error("organization_slug", str(refusal))
            return self.form_invalid(form)
        except IntegrityError:  # the same person signed up twice at once: as if the account stood before
            form.account_already_exists = True
            return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        invited_only = settings.SIGN_UP == SignUp.INVITED
        return {**super().get_context_data(**kwargs), "invited_only": invited_only}

    def closed(self) -> Any:
        response = super().closed()
        response.status_code = 403
        return response

    def form_invalid(self, form: Any) -> Any:
        response = super().form_invalid(form)
        response.status_code = 422
        return response


def rehearse(request: HttpRequest, form: Any) -> None:
    """Sign somebody up with an address that nobody has, and undo it: so it takes as long to say nothing about
    an address that has an account as to open one."""
    email = form.cleaned_data["email"]
    form.cleaned_data["email"] = f"{secrets.token_hex(8)}@rehearsal.invalid"
    form.account_already_exists = False
    try:
        with transaction.atomic():
            user = form.save(request)
            record_account_event(AccountEventKind.SIGNED_UP, user=user, visitor=Visitor.of(request))
            transaction.set_rollback(True)
        look_for_nobody(4)  # on the way to the mail with a code
    finally:
        form.cleaned_data["email"] = email
        form.account_already_exists = True


signup = public(SignupView.as_view())


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
    if not may_set_up_another(request.user):  # type: ignore[arg-type]
        return TemplateResponse(request, "new_organization_closed.html", {}, status=403)
    form = OrganizationFields(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                return redirect(form.create(request.user))  # type: ignore[arg-type]
        except NotAllowed as refusal:
            form.add_error("organization_slug", str(refusal))
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "new_organization.html", {"form": form}, status=status)
