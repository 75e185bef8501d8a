"""Mail that did not arrive: why, and "send again"."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from mentoring.actions import mail as actions
from mentoring.forms.fields import LineField
from mentoring.queries import outbox as queries
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment


class MailFilter(forms.Form):
    q = LineField(label=gettext_lazy("To whom"), required=False, widget=forms.SearchInput)
    quiet_optional = True


@member_view(Permission.MANAGE_MAIL)
def undelivered_mail(request: Any) -> TemplateResponse:
    now = timezone.now()
    form = MailFilter(request.GET)
    criteria = form.cleaned_data if form.is_valid() else {}
    mails = Paginator(queries.undelivered(now=now, **criteria), queries.PAGE_SIZE)
    context = {
        "form": form,
        "active": any(criteria.values()),
        "page": mails.get_page(request.GET.get("page")),
        "failed_number": queries.failed(now=now).count(),
        "standing": queries.standing(now),
    }
    return page_or_fragment(request, "mail/undelivered.html", context, fragment="mails")


@member_view(Permission.MANAGE_MAIL)
@require_POST
def resend_mail(request: Any, message_id: int) -> HttpResponseBase:
    message = queries.message_of(message_id)
    if message is None:
        raise Http404
    address = {"email": message.to_email}
    if actions.resend_message(message=message, now=timezone.now(), by=request.actor):
        messages.success(request, _("The mail to %(email)s is on its way again.") % address)
    else:
        messages.info(request, _("The mail to %(email)s is on its way already, or was sent.") % address)
    return redirect("undelivered_mail", request.organization.slug)


@member_view(Permission.MANAGE_MAIL)
@require_POST
def resend_all_mail(request: Any) -> HttpResponseBase:
    number = actions.resend_all(now=timezone.now(), by=request.actor)
    words = ngettext(
        "%(number)s mail is on its way again.", "%(number)s mails are on their way again.", number
    )
    if number:
        messages.success(request, words % {"number": number})
    else:
        messages.info(request, _("No mail waits to be sent again."))
    return redirect("undelivered_mail", request.organization.slug)
