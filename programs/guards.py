"""The door for participants: by signing in, or by a signed link from a mail, which opens a session that
is good for this one participation and nothing else."""

from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from mentoring.actions.users import open_link_session
from mentoring.actors import Actor
from mentoring.enums import PersonStatus
from mentoring.mail.links import person_mark, signed_url
from mentoring.models import Organization
from mentoring.queries.users import link_session_stands
from mentoring.tenancy.guards import (
    Guard,
    View,
    enter,
    find_membership,
    join_first,
    link_closed,
    mark,
    run_in_scope,
)
from mentoring.tenancy.scoping import organization_scope
from mentoring.tenancy.signed_out import sign_in_first
from mentoring.visitors import Visitor
from programs.models import Participant

SESSION_KEY = "link_sessions"
SESSION_LENGTH = timedelta(hours=12)


def participant_url(participant: Participant, page: str = "participant", **more: Any) -> str:
    """An absolute, signed address for a mail to this participant. `page` is the name of a route that
    takes the organization's slug and `participant_id`, and whatever ids `more` adds."""
    claims = {"p": participant.pk, "k": person_mark(participant.person), "to": page, "m": more}
    return signed_url("open", "open", participant.organization_id, **claims)


def may_take_part(participant: Participant) -> bool:
    """Who has left the organization has left its programs: no page opens, by link or by signing in."""
    return participant.person.status != PersonStatus.LEFT


def open_session(request: Any, participant: Participant) -> None:
    """Let this browser act as the participant for some hours (`signed_view("open")` calls it). Its session
    gets another key: one that somebody planted in this browser before must not become a way in."""
    request.session.cycle_key()
    now = timezone.now()
    until = now + SESSION_LENGTH
    held = request.session.get(SESSION_KEY, {})
    opened = {key: entry for key, entry in held.items() if entry[0] > now.timestamp()}
    link_session = open_link_session(
        person=participant.person,
        known=[entry[1] for entry in opened.values()],
        visitor=Visitor.of(request),
        now=now,
        until=until,
    )
    request.session[SESSION_KEY] = {**opened, str(participant.pk): [until.timestamp(), link_session.pk]}
    request.session.set_expiry(max(int(SESSION_LENGTH.total_seconds()), request.session.get_expiry_age()))


def has_session(request: Any, participant: Participant) -> bool:
    """Whether a link opened this participation in this browser, not too long ago, and nobody ended it."""
    until, pk = request.session.get(SESSION_KEY, {}).get(str(participant.pk), (0, 0))
    now = timezone.now()
    return until > now.timestamp() and link_session_stands(pk, participant.person_id, now)


def participant_key(participant_id: int) -> str:
    """Whose form is kept (`tenancy.signed_out`) where a link, and no user, opened the session."""
    return f"participant:{participant_id}"


def _link_first(request: Any, participant_id: int, organization: str) -> HttpResponseBase:
    if str(participant_id) not in request.session.get(SESSION_KEY, {}):
        return sign_in_first(request)
    resume_at = reverse("participant_resume", args=[organization, participant_id])
    return sign_in_first(request, owner=participant_key(participant_id), resume_at=resume_at)


def participant_view(view: View) -> View:
    """For the participant themselves: the view gets `(request, participant, ...)` inside the organization.

    Others who are signed in or hold another link get a 404; who is neither is asked to sign in.
    """

    @wraps(view)
    def guarded(
        request: Any, *args: Any, organization: str, participant_id: int, **kwargs: Any
    ) -> HttpResponseBase:
        may_hold_link = str(participant_id) in request.session.get(SESSION_KEY, {})
        if not may_hold_link and not request.user.is_authenticated:
            return _link_first(request, participant_id, organization)
        found = Organization.objects.filter(slug=organization).first()
        if found is None:
            raise Http404
        membership = find_membership(request, found) if request.user.is_authenticated else None
        with organization_scope(found):
            participants = Participant.objects.select_related("person", "cohort__program")
            participant = participants.filter(pk=participant_id).first()
            by_link = may_hold_link and participant is not None and has_session(request, participant)
        if participant is None:
            raise Http404
        if not may_take_part(participant):
            if not may_hold_link:
                raise Http404
            request.organization, request.membership = found, None
            return link_closed(request)
        if not by_link and not request.user.is_authenticated:
            return _link_first(request, participant_id, organization)
        if not by_link and membership is not None and membership.joined_at is None:
            return join_first(request, found)
        herself = membership is not None and participant.person.user_id == request.user.pk
        if not (by_link or herself):
            raise Http404
        enter(request, found, membership, Actor.of_person(participant.person))
        request.participant = participant
        # Signed in as themselves they keep the side bar; by a link, also one that somebody else opened, not.
        request.layout = "shell.html" if herself else "participant.html"
        return run_in_scope(found, view, request, participant, *args, **kwargs)

    return mark(guarded, Guard("participant"))
