from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _


def page_or_fragment(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> TemplateResponse:
    """The whole page, or for an htmx request only its `{% partialdef fragment %}`: one view, one context."""
    name = f"{template}#{fragment}" if fragment and wants_fragment(request) else template
    response = TemplateResponse(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part. A boosted link (sorting, paging) gets the whole page and picks its part
    from it, so that what the whole page needs has to be there."""
    return bool(request.htmx) and not request.htmx.boosted  # type: ignore[attr-defined]


def tell_saved(request: HttpRequest, changed: bool, words: str = "") -> None:
    """Say what an action did, and of the second of two presses that it did nothing more."""
    if changed:
        messages.success(request, words or _("Saved."))
    else:
        messages.info(request, _("Nothing was different."))


def typed(request: HttpRequest, *names: str) -> str:
    """What stands in the first filled of these query keys, for a search outside a form. PostgreSQL refuses
    NUL in text, and nobody searches for a page of it."""
    found = next((value for name in names if (value := request.GET.get(name))), "")
    return found.replace("\0", "").strip()[:100]
