"""allauth's pages where ours do more: every try is in the account log, and an address without an account
costs the same work as one with."""

from typing import Any

from allauth.account import views as allauth
from allauth.account.decorators import reauthentication_required
from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

from mentoring.accounts.adapter import rehearse_mail, remember_round
from mentoring.actions.account_log import record_account_event
from mentoring.enums import AccountEventKind
from mentoring.queries.users import look_for_nobody
from mentoring.tenancy.guards import public, signed_in
from mentoring.visitors import Visitor


class RequestCodeView(allauth.RequestLoginCodeView):
    def form_valid(self, form: Any) -> Any:
        tell(self.request, AccountEventKind.CODE_ASKED, form.cleaned_data["email"], form.user)
        remember_round(self.request, form.user)
        return super().form_valid(form)


class PasswordResetView(allauth.PasswordResetView):
    def form_valid(self, form: Any) -> Any:
        tell(self.request, AccountEventKind.RESET_ASKED, form.cleaned_data["email"], form.user)
        return super().form_valid(form)


class CodePage:
    """Of a mailed code: a wrong one is on record, and a new one takes as long where nobody is mailed."""

    request: HttpRequest
    lookups = (1, 1)  # of the account: on a wrong code, and before a new one is mailed
    _process: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """allauth counts wrong tries in the session, where those sent at once overwrite each other's."""
        key = request.session.session_key
        if key and not ratelimit.consume(request, action="enter_code", key=key):
            return ratelimit.respond_429(request)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def form_invalid(self, form: Any) -> Any:
        if self._process.user is None:
            look_for_nobody(self.lookups[0])
        tell(self.request, AccountEventKind.CODE_FAILED, self._process.state["email"], self._process.user)
        return super().form_invalid(form)  # type: ignore[misc]

    def _resend_form_valid(self, form: Any) -> Any:
        if self._process.user is None:
            look_for_nobody(self.lookups[1])
            rehearse_mail(self._process.state["email"])
        return super()._resend_form_valid(form)  # type: ignore[misc]


class ConfirmCodeView(CodePage, allauth.ConfirmLoginCodeView):
    pass


class ConfirmAddressView(CodePage, allauth.ConfirmEmailVerificationCodeView):
    lookups = (2, 3)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The same page for who signed up and for who only seems to, because the address has an account."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context if self.request.user.is_authenticated else {**context, "cancel_url": None}


def tell(request: HttpRequest, kind: AccountEventKind, email: str, user: Any) -> None:
    record_account_event(kind, user=user, email=email, visitor=Visitor.of(request))


request_code = public(never_cache(RequestCodeView.as_view()))
confirm_code = public(ConfirmCodeView.as_view())
confirm_address = public(never_cache(ConfirmAddressView.as_view()))
reset_password = public(never_cache(PasswordResetView.as_view()))

_checked_set_password = reauthentication_required(app="allauth.account")(allauth.password_set)


@signed_in
def set_password(request: HttpRequest) -> HttpResponseBase:
    """A first password is a change of credentials as any other."""
    answer: HttpResponseBase = _checked_set_password(request)
    return answer
