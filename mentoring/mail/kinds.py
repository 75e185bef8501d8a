"""Each kind of mail: how long it is of use, and what must still be so in the moment it goes out.

A mail may wait for hours behind a mail server that is down. So each kind says when it is too late, and names
a check that looks at what the mail tells about (`about`, ids and what the text says of them) once more.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from mentoring.enums import MessageReason

if TYPE_CHECKING:
    from mentoring.models import OutgoingMessage

About = dict[str, Any]
# Answers None: send it. A reason: drop it; a reminder is made anew if it is still due. A message: its text.
Check = Callable[[About, datetime], "MessageReason | OutgoingMessage | None"]


class Useful(Enum):
    ALWAYS = "always"  # true and worth knowing however late
    GIVEN = "given"  # each mail brings its own `useful_until`


@dataclass(frozen=True)
class MailKind:
    """`label` is what an organizer reads: that somebody got a mail, not what another participant did."""

    key: str
    label: str | Promise
    useful: Useful | timedelta
    check: Check | None = None

    def useful_until(self, given: datetime | None, send_after: datetime) -> datetime | None:
        if isinstance(self.useful, timedelta):
            return given or send_after + self.useful
        if given is None and self.useful is Useful.GIVEN:
            raise ValueError(f"A mail of the kind {self.key} must say until when it is of use.")
        return given


# Every app adds its own in `AppConfig.ready()`.
mail_kinds: dict[str, MailKind] = {}


def add_mail_kinds(kinds: Iterable[MailKind]) -> None:
    mail_kinds.update({kind.key: kind for kind in kinds})
