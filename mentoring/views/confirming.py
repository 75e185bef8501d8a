"""“Is it you?” for those who have neither a password nor a second step: a code to their main address."""

import secrets
import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import BaseReauthenticateView
from django.conf import settings
from django.http import HttpResponseBase, HttpResponseRedirect

from mentoring.actions.account_log import record_account_event
from mentoring.enums import AccountEventKind
from mentoring.forms.signing_in import ConfirmCodeForm
from mentoring.tenancy.guards import signed_in
from mentoring.visitors import Visitor

PENDING = "confirmation_code"
TRIES = 3


class ConfirmByCodeView(BaseReauthenticateView):
    form_class = ConfirmCodeForm
    template_name = "account/reauthenticate_code.html"

    @property
    def pending(self) -> dict[str, Any] | None:
        """The code that was mailed, unless it is too old."""
        mailed = self.request.session.get(PENDING)
        return (
            mailed if mailed and time.time() - mailed["at"] < settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT else None
        )

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "send" in request.POST or self.pending is None:
            self._mail_code()
            return HttpResponseRedirect(request.get_full_path())
        return super().post(request, *args, **kwargs)

    def _mail_code(self) -> None:
        adapter = get_adapter(self.request)
        code = adapter.generate_login_code()
        self.request.session[PENDING] = {"code": code, "at": time.time(), "tries": 0}
        adapter.send_mail("account/email/confirmation_code", self.request.user.email, {"code": code})

    def get_form_kwargs(self) -> dict[str, Any]:
        code = self.pending["code"] if self.pending else secrets.token_hex()
        return {**super().get_form_kwargs(), "code": code}

    def form_valid(self, form: Any) -> HttpResponseBase:
        self.request.session.pop(PENDING, None)
        record_authentication(self.request, self.request.user, method="code", reauthenticated=True)
        answer: HttpResponseBase = super().form_valid(form)
        return answer

    def form_invalid(self, form: Any) -> HttpResponseBase:
        visitor = Visitor.of(self.request)
        record_account_event(AccountEventKind.CODE_FAILED, user=self.request.user, visitor=visitor)
        pending = self.pending or {}
        tries = pending.get("tries", TRIES) + 1
        self.request.session[PENDING] = {**pending, "tries": tries} if tries < TRIES else None
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "mailed": self.pending is not None}


confirm_by_code = signed_in(ConfirmByCodeView.as_view())
