import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from mentoring.queries.sessions import account_events_found
from mentoring.rules import normalize_email


class Command(BaseCommand):
    help = "Sign-ins, failed ones and changes of credentials, newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", default="", help="of this address alone")
        parser.add_argument("--days", type=int, help="not older than so many days")
        parser.add_argument("--limit", type=int, default=200, help="at most so many lines (200)")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, email: str, days: int | None, limit: int, **options: Any) -> None:
        since = timezone.now() - timedelta(days=days) if days is not None else None
        for event in account_events_found(email=normalize_email(email), since=since)[:limit]:
            line = {
                "at": event.at.isoformat(timespec="seconds"),
                "kind": event.kind,
                "email": event.email,
                "ip": event.ip or "",
                "device": event.device,
                **event.data,
            }
            shown = json.dumps(line, ensure_ascii=False)
            self.stdout.write(shown if options["json"] else "  ".join(str(part) for part in line.values()))
