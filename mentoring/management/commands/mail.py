"""The operator's view of the outbox: what waits, what failed and why, and back into the line with it."""

import json
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mentoring.enums import MessageStatus
from mentoring.mail.delivery import Sender
from mentoring.mail.outbox import send_again
from mentoring.mail.server import mail_server
from mentoring.models import Organization

ACCOUNTS = "_accounts"
LISTED = ("pk", "kind", "to_email", "status", "reason", "attempts", "created_at", "send_after", "error")


class Command(BaseCommand):
    help = "Show the mail that waits or failed, organization by organization, and send failed mail again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--org", help=f"one organization, by its address; {ACCOUNTS}: of the accounts")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--failed", action="store_true", help="list what failed for good")
        which.add_argument("--waiting", action="store_true", help="list what waits or is being sent")
        which.add_argument("--dropped", action="store_true", help="list what was not sent any more, and why")
        parser.add_argument("--requeue", action="store_true", help="send again what failed")
        parser.add_argument("--id", type=int, action="append", help="only this mail; as often as you like")
        parser.add_argument("--limit", type=int, default=100, help="list at most so many each (100)")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["id"] and not options["org"]:
            raise CommandError("--id needs --org: numbers of mails are an organization's own.")
        boxes = [
            *((row.slug, row.pk) for row in Organization.objects.order_by("slug")),
            (ACCOUNTS, None),
        ]
        if options["org"]:
            boxes = [box for box in boxes if box[0] == options["org"]]
            if not boxes:
                raise CommandError(f"There is no organization “{options['org']}”.")
        self._say_server(options["json"])
        for slug, pk in boxes:
            sender = Sender(pk)
            with sender.scope():
                self._show(slug, sender.model, options)

    def _say_server(self, as_json: bool) -> None:
        server = mail_server()
        state = {
            "server": "down" if server.down_since else "up",
            "since": server.down_since,
            "next_try": server.down_until,
            "failures": server.failures,
            "error": server.error,
        }
        if as_json:
            self._line(state)
        elif server.down_since:
            self.stdout.write(
                f"The mail server takes no mail since {server.down_since:%Y-%m-%d %H:%M} UTC "
                f"({server.failures} tries; next at {server.down_until:%H:%M}): {server.error}"
            )
        else:
            self.stdout.write("The mail server is up, as far as we know.")

    def _show(self, slug: str, model: Any, options: dict[str, Any]) -> None:
        rows = model.objects.order_by("pk")
        if options["id"]:
            rows = rows.filter(pk__in=options["id"])
        if options["requeue"]:
            self._requeue(slug, rows, options)
            return
        statuses = {
            "failed": (MessageStatus.FAILED,),
            "waiting": (MessageStatus.QUEUED, MessageStatus.SENDING),
            "dropped": (MessageStatus.DROPPED,),
        }
        chosen = next((statuses[name] for name in statuses if options[name]), None)
        if chosen is None:
            counts = Counter(rows.order_by().values_list("status", flat=True))
            if options["json"]:
                self._line({"org": slug, **counts})
            elif counts:
                parts = (f"{counts[status]} {status}" for status in MessageStatus.values if counts[status])
                self.stdout.write(f"{slug}: {', '.join(parts)}")
            return
        for row in rows.filter(status__in=chosen).values(*LISTED)[: options["limit"]]:
            if options["json"]:
                self._line({"org": slug, **row})
                continue
            why = " ".join(str(row[name]) for name in ("reason", "error") if row[name])
            self.stdout.write(
                f"{slug} {row['pk']} {row['status']} {row['kind']} to {row['to_email']}, "
                f"written {row['created_at']:%Y-%m-%d %H:%M}, due {row['send_after']:%Y-%m-%d %H:%M}, "
                f"attempts {row['attempts']}{': ' + why if why else ''}"
            )

    def _requeue(self, slug: str, rows: Any, options: dict[str, Any]) -> None:
        now = timezone.now()
        failed = list(rows.filter(status=MessageStatus.FAILED))
        number = sum(send_again(row, now=now) for row in failed)
        if options["json"]:
            self._line({"org": slug, "requeued": number})
        elif number:
            self.stdout.write(f"{slug}: {number} in line again")

    def _line(self, row: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(row, default=str))
