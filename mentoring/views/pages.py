from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme


def page_or_fragment(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> TemplateResponse:
    """The whole page, or for an htmx request only its `{% partialdef fragment %}`: one view, one context."""
    is_fragment = bool(fragment) and bool(request.htmx) and not request.htmx.boosted  # type: ignore[attr-defined]
    name = f"{template}#{fragment}" if is_fragment else template
    response = TemplateResponse(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def typed(request: HttpRequest, *names: str) -> str:
    """What stands in the first filled of these query keys, for a search outside a form. PostgreSQL refuses
    NUL in text, and nobody searches for a page of it."""
    found = next((value for name in names if (value := request.GET.get(name))), "")
    return found.replace("\0", "").strip()[:100]


def back(request: Any, default: str | None = None) -> HttpResponseRedirect:
    """Redirect to the page the user came from, or home: never to another host."""
    referer = request.META.get("HTTP_REFERER", "")
    hosts = {request.get_host(), urlsplit(settings.BASE_URL).netloc}
    if default is None and url_has_allowed_host_and_scheme(referer, hosts):
        return HttpResponseRedirect(referer)
    organization = getattr(request, "organization", None)
    return HttpResponseRedirect(
        default
        or (organization.get_absolute_url() if organization and request.membership else reverse("front"))
    )
