"""Pages of matching, as a champion or a participant opens them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from programs.guards import participant_url
from programs.models import Participant
from tests.cast import Cast

HTMX = {"HX-Request": "true"}


def url(name: str, *arguments: Any, organization: str = "northwind") -> str:
    return reverse(name, args=[organization, *arguments])


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def browser(cast: Cast, participant: Participant) -> Client:
    """As she comes from her mail."""
    client = Client()
    with cast.scope():
        client.get(participant_url(participant))
    return client
