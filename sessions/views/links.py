"""Two presses from a mail: the link opens one question, with the answer chosen in the mail as the big button.
Only that press changes anything: mail scanners follow links, and some run the scripts of what they find."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from mentoring.actors import Actor
from mentoring.mail.links import ClosedLink, person_mark
from mentoring.mail.outbox import Recipient, queue_mail
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import signed_view
from programs.enums import CohortStatus
from programs.guards import may_take_part
from programs.queries.cohorts import contact_of
from sessions.actions.meetings import cancel_meeting
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from sessions.queries.mails import about_meeting
from sessions.queries.meetings import WITH_PEOPLE, Side, side_of, takes_part
from sessions.queries.page import line_of
from sessions.reminders import asked_context
from sessions.views.pair import ANSWERS

LINK_ANSWERS = {**ANSWERS, "cancel": cancel_meeting}


def find(claims: dict[str, Any]) -> tuple[Side, Meeting]:
    meetings = Meeting.objects.select_related(*(f"pair__{path}" for path in WITH_PEOPLE))
    meeting = meetings.filter(pk=claims.get("m")).first()
    side = side_of(meeting.pair, claims.get("p", 0)) if meeting else None
    if meeting is None or side is None:
        raise Http404
    if not may_take_part(side.participant):
        raise ClosedLink
    return side, meeting


def find_current(claims: dict[str, Any]) -> tuple[Side, Meeting]:
    """As `find`, for who has the link at the address that the person still has."""
    side, meeting = find(claims)
    if not constant_time_compare(claims.get("k", ""), person_mark(side.person)):
        raise Http404
    return side, meeting


def renew(request: HttpRequest, claims: dict[str, Any]) -> None:
    """Mail fresh links to the person whose link ran out; at most once a day."""
    side, meeting = find(claims)
    closed = side.pair.cohort.status == CohortStatus.CLOSED
    if closed or not side.person.email or not takes_part(side.participant):
        return
    queue_mail(
        "did_you_meet",
        to=Recipient.of_person(side.person, side.organization),
        context=asked_context(side, meeting),
        idempotency_key=f"did_you_meet:again:{meeting.pk}:{side.participant.pk}:{timezone.now():%Y-%m-%d}",
        reply_to=side.partner.person.email,
        about=about_meeting(meeting, asked_for=True),
        useful_until=timezone.now() + timedelta(days=settings.SIGNED_LINK_DAYS),
    )


@signed_view("meeting", renew=renew)
def meeting_link(request: Any, claims: dict[str, Any]) -> HttpResponseBase:
    side, meeting = find_current(claims)
    now = timezone.now()
    refusal = ""
    if request.method == "POST":
        by = Actor.of_person(side.person)
        try:
            change = LINK_ANSWERS[request.POST.get("answer", "")]
            change(meeting=meeting, participant=side.participant, now=now, by=by)
            meeting.refresh_from_db(fields=["status", "answered_by", "answered_at", "sequence"])
        except KeyError:
            refusal = _("Choose one of the answers.")
        except NotAllowed as reason:
            refusal = str(reason)
    wanted = claims.get("a", "view")
    ask = request.method != "POST" and meeting.status == MeetingStatus.PLANNED and meeting.starts_at <= now
    context = {
        "side": side,
        "participant": side.participant,
        "meeting": meeting,
        "line": line_of(side, meeting, [], now),
        "wanted": wanted if ask and wanted in ("held", "missed") else "",
        "done": request.method == "POST" and not refusal,
        "refusal": refusal,
        "closed": side.pair.cohort.status == CohortStatus.CLOSED,
        "contact": contact_of(side.pair.cohort.program),
    }
    return TemplateResponse(request, "sessions/meeting_link.html", context, status=409 if refusal else 200)
