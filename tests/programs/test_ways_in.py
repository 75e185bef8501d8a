"""What a link from a mail opens, and when it opens no more."""

from typing import Any

from django.conf import settings
from django.test import Client

from mentoring.enums import PersonStatus
from mentoring.mail.links import make_token, person_mark
from mentoring.models import OutgoingMessage, Person
from programs.guards import participant_url
from programs.models import Participant
from tests.cast import Cast
from tests.programs.test_join import path_of
from tests.tenancy.ids import mentor_user


def change(cast: Cast, participant: Participant, **fields: Any) -> None:
    with cast.scope():
        Person.objects.filter(pk=participant.person_id).update(**fields)


def link_with(participant: Participant, **claims: Any) -> str:
    own = {"o": participant.organization_id, "p": participant.pk, "k": person_mark(participant.person)}
    return f"/s/open/{make_token('open', {**own, 'to': 'participant', **claims})}/"


def test_link_changes_the_key_of_the_session(client: Client, northwind: Cast, invited: Participant) -> None:
    """A session that somebody planted in this browser does not become a way in."""
    session = client.session
    session["planted"] = True
    session.save()
    planted = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.get(path_of(participant_url(invited)), follow=True).status_code == 200
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert thief.get(f"/o/northwind/p/{invited.pk}/").status_code == 302


def test_link_to_an_address_that_was_corrected_opens_nothing(
    client: Client, northwind: Cast, invited: Participant
) -> None:
    link = path_of(participant_url(invited))
    change(northwind, invited, email="JUN.PARK@northwind.example")
    assert client.get(link).status_code == 302
    change(northwind, invited, email="jun.parker@northwind.example")
    assert client.get(link).status_code == 404


def test_link_of_somebody_who_left_opens_nothing(
    client: Client, northwind: Cast, invited: Participant, settings: Any
) -> None:
    link = path_of(participant_url(invited))
    assert client.get(link, follow=True).status_code == 200
    change(northwind, invited, status=PersonStatus.LEFT)
    for closed in (link, f"/o/northwind/p/{invited.pk}/"):
        page = client.get(closed)
        assert (page.status_code, "This link is closed" in page.content.decode()) == (410, True)
    settings.SIGNED_LINK_DAYS = -1
    assert client.post(link).status_code == 410
    with northwind.scope():
        assert not OutgoingMessage.objects.filter(kind="new_link").exists()


def test_pages_of_somebody_who_left_are_closed_to_her_login(northwind: Cast, sign_in: Any) -> None:
    browser = sign_in(mentor_user(northwind))
    url = f"/o/northwind/p/{northwind.mentor.pk}/"
    assert browser.get(url).status_code == 200
    change(northwind, northwind.mentor, status=PersonStatus.LEFT)
    assert browser.get(url).status_code == 404


def test_link_to_a_page_that_is_gone_leads_home(
    client: Client, northwind: Cast, invited: Participant
) -> None:
    for claims in ({"to": "a_page_of_old"}, {"to": "join", "m": {"pair_id": 1}}, {"to": "//evil.example"}):
        assert client.get(link_with(invited, **claims))["Location"] == f"/o/northwind/p/{invited.pk}/"


def test_link_with_the_ids_of_another_organization(
    client: Client, northwind: Cast, fabrikam: Cast, invited: Participant
) -> None:
    """Nobody can make such a link without the key; if one is made, it opens nothing all the same."""
    assert client.get(link_with(invited, o=fabrikam.organization.pk)).status_code == 404
    assert client.get(link_with(invited, p=fabrikam.mentor.pk)).status_code == 404
    assert client.get(link_with(invited, o=0)).status_code == 404
