from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from mentoring.tenancy.guards import Guard, mark, public


@public
def front(request: HttpRequest) -> HttpResponseBase:
    if request.user.is_authenticated:
        return redirect("start")
    return TemplateResponse(request, "front.html", {})


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: the process answers. It asks nothing of database and broker, so that they cannot kill it; and
    `public` would, since it opens a transaction."""
    return HttpResponse("ok", content_type="text/plain")


mark(healthz, Guard("public"))


@public
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready for traffic: database and cache answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        cache.set("readyz", "ok", 5)
    except Exception:
        return HttpResponse("not ready", status=503, content_type="text/plain")
    return HttpResponse("ready", content_type="text/plain")
