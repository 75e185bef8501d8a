"""The door, in the order in which it asks."""

from typing import Any

from django.test import Client

from mentoring.models import AuditEvent, Membership, Organization
from tests.cast import Cast


def test_outsider_gets_404_and_insider_403(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    url = "/o/northwind/settings/"
    assert sign_in(fabrikam.owner).get(url).status_code == 404
    assert sign_in(northwind.champion).get(url).status_code == 403
    assert sign_in(northwind.owner).get(url).status_code == 200


def test_outsider_cannot_tell_a_closed_page_from_none(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    browser = sign_in(fabrikam.owner)
    known, unknown = browser.get("/o/northwind/settings/"), browser.get("/o/nobody/settings/")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert "There is nothing here" in known.content.decode()


def test_anonymous_is_sent_to_sign_in_and_back(northwind: Cast, client: Client) -> None:
    response = client.get("/o/northwind/settings/?a=b")
    assert response["Location"] == "/accounts/login/?next=/o/northwind/settings/%3Fa%3Db"


def test_403_page_says_what_to_do(northwind: Cast, sign_in: Any) -> None:
    page = sign_in(northwind.overseer).get("/o/northwind/members/").content.decode()
    assert "your role does not include this page" in page


def test_refusal_undoes_the_change_and_is_told(northwind: Cast, sign_in: Any) -> None:
    """The audit row was written before the rule refused: it must not stay."""
    with northwind.scope():
        pk = Membership.objects.get(user=northwind.champion).pk
    url, members = f"/o/northwind/members/{pk}/remove/", "http://testserver/o/northwind/members/"
    response = sign_in(northwind.owner).post(url, headers={"Referer": members}, follow=True)
    assert response.redirect_chain == [("/o/northwind/members/", 302)]
    assert "is still in charge of Digital leadership" in response.content.decode()
    with northwind.scope():
        assert Membership.objects.filter(pk=pk).exists()
        assert AuditEvent.objects.count() == 0


def test_refusal_goes_back_to_our_own_pages_only(northwind: Cast, sign_in: Any) -> None:
    with northwind.scope():
        pk = Membership.objects.get(user=northwind.champion).pk
    url = f"/o/northwind/members/{pk}/remove/"
    response = sign_in(northwind.owner).post(url, headers={"Referer": "https://evil.example/"})
    assert response["Location"] == "/o/northwind/"


def test_refusal_of_htmx_is_a_fragment(northwind: Cast, sign_in: Any) -> None:
    with northwind.scope():
        pk = Membership.objects.get(user=northwind.champion).pk
    url = f"/o/northwind/members/{pk}/remove/"
    response = sign_in(northwind.owner).post(url, headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Retarget"]) == (409, "#messages")
    assert "is still in charge" in response.content.decode()
    assert "<html" not in response.content.decode()


def test_error_in_a_view_undoes_everything(northwind: Cast, sign_in: Any, monkeypatch: Any) -> None:
    """The template is rendered inside the transaction: an error there undoes the change as well."""
    from django.template.response import TemplateResponse

    from mentoring.views import settings

    def broken(request: Any, *args: Any) -> TemplateResponse:
        return TemplateResponse(request, "no/such/template.html")

    monkeypatch.setattr(settings, "redirect", broken)
    browser = sign_in(northwind.owner)
    browser.raise_request_exception = False
    form = {"name": "Changed", "time_zone": "UTC", "language": "en"}
    monkeypatch.setattr(settings, "redirect", lambda *args: broken(None))
    assert browser.post("/o/northwind/settings/", form).status_code == 500
    assert Organization.objects.get(slug="northwind").name == "Northwind"


def test_first_visit_asks_whether_to_join(northwind: Cast, sign_in: Any) -> None:
    with northwind.scope():
        Membership.objects.filter(user=northwind.overseer).update(joined_at=None)
    browser = sign_in(northwind.overseer)
    page = browser.get("/o/northwind/")["Location"]
    with northwind.scope():
        assert Membership.objects.get(user=northwind.overseer).joined_at is None
    assert browser.post(page)["Location"] == "/o/northwind/"
    with northwind.scope():
        assert Membership.objects.get(user=northwind.overseer).joined_at is not None
