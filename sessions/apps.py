from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions"
    label = "mentoring_sessions"  # Django's own sessions app has the other label
