"""A mail scanner that runs scripts, in a browser that is looked at, opens every link of every mail and waits:
nothing has happened. Then a person presses."""

import re
from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from matching.models import PairRequest
from mentoring.actions.members import invite_member
from mentoring.enums import Role
from mentoring.models import LinkSession, Membership, OutgoingMessage
from mentoring.tenancy.scoping import scoped_models
from programs.enums import PairRole
from programs.guards import participant_url
from programs.models import Participant
from sessions.calendar import meeting_url
from sessions.models import Meeting
from sessions.queries.meetings import side_of
from tests.cast import Cast, make_cast
from tests.e2e.conftest import Product
from tests.e2e.visits import Check
from tests.programs.making import add_participant, make_enrolling
from tests.sessions.test_pages import make_meeting


def everything(cast: Cast) -> dict[str, list[dict[str, Any]]]:
    """Every row of the organization. That a browser may look (`Session`, and `LinkSession` on the list of
    one's browsers) is no act of the person."""
    assert Session not in scoped_models()
    with cast.scope():
        return {
            model.__name__: list(model.objects.order_by("pk").values())
            for model in scoped_models()
            if model is not LinkSession
        }


def test_opening_links_with_scripts_changes_nothing(page: Page, product: Product, check_page: Check) -> None:
    cast = make_cast("northwind", "Northwind")
    now = timezone.now()
    meeting = make_meeting(cast, now - timedelta(hours=3))
    with cast.scope():
        invited = add_participant(
            make_enrolling(cast), cast.people["spare"], PairRole.MENTOR, status="invited", invited_at=now
        )
        asked = PairRequest.objects.create(
            cohort=cast.cohort,
            sender=cast.mentee,
            receiver=cast.mentor,
            sent_at=now,
            expires_at=now + timedelta(days=3),
        )
        side = side_of(cast.pair, cast.mentor.pk)
        assert side is not None
        held, missed = (meeting_url(meeting, side, answer) for answer in ("held", "missed"))
        join = participant_url(invited, "join")
        links = [held, missed, join, participant_url(invited, "participant")]
        links += [
            participant_url(cast.mentor, name, request_id=asked.pk)
            for name in ("pair_request", "pair_request_accept", "pair_request_decline")
        ]
        invite_member(
            organization=cast.organization, email="new@x.example", role=Role.ADMIN, now=now, by=cast.by
        )
        text = OutgoingMessage.objects.get(kind="invite_member").text
        links += re.findall(r"http\S+/s/invitation/\S+", text)
    links = [re.sub(r"^https?://[^/]+", product.url, link) for link in links]
    assert len(links) == 8
    before = everything(cast)
    for link in links:
        answer = page.goto(link)
        assert answer is not None
        assert answer.status == 200
        assert page.evaluate("document.visibilityState") == "visible"
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        page.mouse.move(200, 300)
        page.mouse.wheel(0, 400)
    assert everything(cast) == before

    page.goto(links[1])
    first = page.get_by_role("button").filter(has_text=re.compile("met|happen")).first
    expect(first).to_have_text("It did not happen")
    expect(first).to_be_focused()
    check_page(page)
    page.goto(links[0])
    page.get_by_role("button", name="Yes, we met").click()
    expect(page.get_by_text("Noted: you met.")).to_be_visible()
    with cast.scope():
        assert Meeting.objects.get(pk=meeting.pk).status == "held"
        assert Participant.objects.get(pk=invited.pk).status == "invited"
        assert Membership.objects.get(invited_email="new@x.example").joined_at is None
