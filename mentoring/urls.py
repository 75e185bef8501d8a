from django.urls import include, path

from mentoring.views import public, start

urlpatterns = [
    path("", public.front, name="front"),
    path("healthz", public.healthz, name="healthz"),
    path("readyz", public.readyz, name="readyz"),
    path("start/", start.start, name="start"),
    path("accounts/", include("allauth.urls")),
    path("o/<slug:organization>/", start.home, name="home"),
    path("", include("programs.urls")),
    path("", include("matching.urls")),
    path("", include("sessions.urls")),
    path("", include("outcomes.urls")),
]
