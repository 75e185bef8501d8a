"""What a meeting's link from a mail or calendar opens, and when it opens no more."""

from django.test import Client

from mentoring.enums import PersonStatus
from mentoring.mail.links import make_token, person_mark
from mentoring.models import Person
from tests.cast import Cast
from tests.tenancy.ids import make_meeting


def link_of(cast: Cast, **claims: int) -> str:
    with cast.scope():
        meeting = make_meeting(cast)
    mark = person_mark(cast.mentor.person)
    own = {"o": cast.organization.pk, "m": meeting.pk, "p": cast.mentor.pk, "k": mark, "a": "view"}
    return f"/s/meeting/{make_token('meeting', {**own, **claims})}/"


def test_link_of_somebody_who_left_opens_nothing(client: Client, northwind: Cast) -> None:
    link = link_of(northwind)
    assert client.get(link).status_code == 200
    with northwind.scope():
        Person.objects.filter(pk=northwind.mentor.person_id).update(status=PersonStatus.LEFT)
    assert [client.get(link).status_code, client.post(link).status_code] == [410, 410]


def test_link_with_the_ids_of_another_organization(client: Client, northwind: Cast, fabrikam: Cast) -> None:
    """Nobody can make such a link without the key; if one is made, it opens nothing all the same."""
    for claims in ({"o": fabrikam.organization.pk}, {"p": fabrikam.mentor.pk}, {"m": 2**70}, {"o": 0}):
        assert client.get(link_of(northwind, **claims)).status_code == 404
        with northwind.scope():
            northwind.pair.meetings.all().delete()
