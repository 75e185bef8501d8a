from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from mentoring.mail.outbox import queue_account_mail


class AccountAdapter(DefaultAccountAdapter):
    """allauth's mail goes through our outbox: nothing is sent inside a request."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, context)
        html = next(
            (str(body) for body, mime in getattr(message, "alternatives", ()) if mime == "text/html"), ""
        )
        queue_account_mail(
            to_email=email,
            subject=str(message.subject),
            text=str(message.body),
            html=html,
            kind=template_prefix.rpartition("/")[2],
        )

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """We have no user names."""
