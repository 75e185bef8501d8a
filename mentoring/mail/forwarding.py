"""Mail that waits for a person whose address has changed."""

import re
from urllib.parse import urlsplit

import icalendar
from django.conf import settings
from django.urls import Resolver404, resolve

from mentoring.enums import MessageStatus
from mentoring.mail.links import BadLink, ExpiredLink, make_token, person_mark, read_token
from mentoring.models import OutgoingMessage, Person

# What a mail's text and a calendar entry show of a signed link, and where its token ends.
LINK = re.compile(re.escape(settings.BASE_URL) + r"/s/[a-z-]+/([A-Za-z0-9_:-]+)/")


def forward_mail(person: Person, *, old: str) -> None:
    """Readdress what has not been sent. A reminder is dropped instead: its rule makes it anew, with the new
    address, as long as it is still true."""
    waiting = OutgoingMessage.objects.filter(person=person, to_email=old, status=MessageStatus.QUEUED)
    for message in waiting:
        if not person.email or message.rule:
            message.delete()
            continue
        message.to_email = person.email
        message.text = with_new_marks(message.text, person)
        message.html = with_new_marks(message.html, person)
        message.calendar = _readdressed(message.calendar, old, person)
        message.save(update_fields=["to_email", "text", "html", "calendar"])


def with_new_marks(text: str, person: Person) -> str:
    """The same text with links that open at the person's address of now."""
    return LINK.sub(lambda found: found[0].replace(found[1], _marked(found[0], found[1], person)), text)


def _marked(url: str, token: str, person: Person) -> str:
    try:
        purpose = resolve(urlsplit(url).path).func.guard.purpose  # type: ignore[attr-defined]
        claims = read_token(purpose, token)
    except (Resolver404, BadLink, ExpiredLink):
        return token
    return make_token(purpose, claims | {"k": person_mark(person)})


def _readdressed(calendar: str, old: str, person: Person) -> str:
    if not calendar:
        return ""
    unfolded = calendar.replace("\r\n ", "").replace(f"mailto:{old}", f"mailto:{person.email}")
    return icalendar.Calendar.from_ical(with_new_marks(unfolded, person)).to_ical().decode()
