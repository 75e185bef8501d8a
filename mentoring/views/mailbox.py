"""The demo's mailbox. Without DEMO it does not exist: it shows everybody's mail to everybody."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin

from mentoring.queries import mailbox as queries
from mentoring.tenancy.guards import public
from mentoring.views.pages import typed

MAIL_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
}


def demo_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def shown(*args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEMO:
            raise Http404
        return view(*args, **kwargs)

    return shown


def _message_or_404(box: str, message_id: int) -> Any:
    found = queries.box_named(box)
    message = queries.message_in(found, message_id) if found else None
    if message is None:
        raise Http404
    return message


@public
@demo_only
def mailbox(request: HttpRequest) -> HttpResponseBase:
    q = typed(request, "q")
    found: Any = queries.Mailbox(q)
    page = Paginator(found, queries.PAGE_SIZE).get_page(request.GET.get("page"))
    return TemplateResponse(request, "mailbox/list.html", {"page": page, "q": q})


@public
@demo_only
def mail(request: HttpRequest, box: str, message_id: int) -> HttpResponseBase:
    context = {"message": _message_or_404(box, message_id), "box": box}
    return TemplateResponse(request, "mailbox/mail.html", context)


@xframe_options_sameorigin
@csp(MAIL_POLICY)
@public
@demo_only
def mail_html(request: HttpRequest, box: str, message_id: int) -> HttpResponse:
    """The mail's own document, for a sandboxed frame. Its links open in the whole window."""
    html = _message_or_404(box, message_id).html
    return HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))


@public
@demo_only
def mail_calendar(request: HttpRequest, box: str, message_id: int) -> HttpResponse:
    message = _message_or_404(box, message_id)
    if not message.calendar:
        raise Http404
    kind = f"text/calendar; method={message.calendar_method}; charset=utf-8"
    headers = {"Content-Disposition": 'attachment; filename="invite.ics"'}
    return HttpResponse(message.calendar, content_type=kind, headers=headers)
