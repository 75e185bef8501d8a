from typing import Any

from django.db.models import QuerySet
from django.utils.text import capfirst

from mentoring.models import AuditEvent
from mentoring.queries.members import names_of_users
from mentoring.queries.search import words_in
from mentoring.registries import audit_words, everyday_actions

PAGE_SIZE = 50
# What champions do not see in "recent activity": the audit log itself is for owners and admins.
ADMINISTRATION = ("mentoring.membership", "mentoring.organization")


def audit_events(*, action: str = "", q: str = "") -> QuerySet[AuditEvent]:
    """Newest first. The words look in who did it and in what it was done to."""
    events = AuditEvent.objects.all()
    if action:
        events = events.filter(action=action)
    return events.filter(words_in(q, ("by", "object_label")))


def audit_actions() -> list[tuple[str, str]]:
    """The actions that occur in this organization's log, in words."""
    names = AuditEvent.objects.order_by().values_list("action", flat=True).distinct()
    return sorted(((name, action_in_words(name)) for name in names), key=lambda choice: choice[1])


def action_in_words(action: str) -> str:
    return str(audit_words.get(action) or capfirst(action.replace(".", " ").replace("_", " ")))


def told(events: list[AuditEvent]) -> list[dict[str, Any]]:
    """Events as the pages show them: names instead of addresses where we know them; one query."""
    names = names_of_users(event.user_id for event in events)
    return [
        {
            "event": event,
            "what": action_in_words(event.action),
            "who": (event.user_id and names.get(event.user_id)) or event.by,
            "details": [(key.replace("_", " "), value) for key, value in event.data.items()],
        }
        for event in events
    ]


def recent_activity(*, whole_log: bool, limit: int = 5) -> list[dict[str, Any]]:
    """The newest changes that are worth a line on the home page."""
    events = AuditEvent.objects.all()
    for beginning in everyday_actions:
        events = events.exclude(action__startswith=beginning)
    if not whole_log:
        events = events.exclude(object_type__in=ADMINISTRATION)
    return told(list(events[:limit]))
