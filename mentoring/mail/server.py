"""What all workers together know of the mail server (`models.MailServer`): one that is down is left alone for
a while that doubles up to half an hour, and is then tried by one worker, for as long as it takes."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from mentoring.models import MailServer

log = structlog.get_logger(__name__)

ONLY = 1  # its row
DOWN_SECONDS, DOWN_SECONDS_AT_MOST = 30, 1800
PROBE = timedelta(minutes=5)  # one worker's time to try it; longer than a mail takes


def mail_server() -> MailServer:
    return MailServer.objects.filter(pk=ONLY).first() or MailServer(pk=ONLY)


def may_try(now: datetime) -> bool:
    """Whether this worker may connect. After a fault only one of those who ask gets a yes, in turn."""
    server = mail_server()
    if server.down_until is None:
        return True
    if server.down_until > now:
        return False
    mine = MailServer.objects.filter(pk=ONLY, down_until=server.down_until)
    return bool(mine.update(down_until=now + PROBE))


def server_failed(error: str, now: datetime, *, probing: bool) -> None:
    with transaction.atomic():
        MailServer.objects.get_or_create(pk=ONLY)
        server = MailServer.objects.select_for_update(no_key=True).get(pk=ONLY)
        if server.down_until and server.down_until > now and not probing:
            return  # another worker has just found the same
        wait = min(DOWN_SECONDS * 2 ** min(server.failures, 10), DOWN_SECONDS_AT_MOST)
        server.failures += 1
        server.down_since = server.down_since or now
        server.down_until = now + timedelta(seconds=wait)
        server.error = error[:500]
        server.save()
    log.error("mail server takes no mail", error=error, failures=server.failures, next_try_in=wait)


def server_worked(now: datetime) -> None:
    server = mail_server()
    if server.down_since:
        log.warning("mail server takes mail again", down_since=server.down_since.isoformat())
    MailServer.objects.update_or_create(
        pk=ONLY,
        defaults={"down_until": None, "down_since": None, "failures": 0, "error": "", "worked_at": now},
    )


def stop_trying(now: datetime) -> None:
    """This worker has found out nothing: let the next one try."""
    MailServer.objects.filter(pk=ONLY).exclude(down_until=None).update(down_until=now)
