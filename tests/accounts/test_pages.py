"""Home, settings, preferences, audit log."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mentoring.actions import audit
from mentoring.actions.organizations import update_organization
from mentoring.actors import Actor
from mentoring.enums import Role, Theme
from mentoring.models import AuditEvent, Membership, Organization, Person, User
from outcomes.demo.dating import backdating, date_events
from programs.models import Cohort, Pair, Participant, Program
from tests.cast import Cast

SETTINGS = {
    "name": "Northwind Trading",
    "time_zone": "Asia/Seoul",
    "language": "en",
    "contact_name": "Grace Kim",
    "contact_email": "grace@northwind.example",
}


def test_settings_are_saved_and_audited(northwind: Cast, sign_in: Any) -> None:
    browser = sign_in(northwind.owner)
    assert browser.get("/o/northwind/settings/").status_code == 200
    assert browser.post("/o/northwind/settings/", SETTINGS)["Location"] == "/o/northwind/settings/"
    organization = Organization.objects.get(slug="northwind")
    assert {key: getattr(organization, key) for key in SETTINGS} == SETTINGS
    with northwind.scope():
        event = AuditEvent.objects.get()
    assert event.action == "organization.changed"
    assert event.data == {key: value for key, value in SETTINGS.items() if key != "language"}


def test_settings_with_unknown_time_zone_are_refused(northwind: Cast, sign_in: Any) -> None:
    response = sign_in(northwind.owner).post("/o/northwind/settings/", {**SETTINGS, "time_zone": "Mars/Base"})
    assert response.status_code == 422
    assert Organization.objects.get(slug="northwind").name == "Northwind"


def test_settings_unchanged_write_no_event(northwind: Cast) -> None:
    organization = northwind.organization
    same = {key: getattr(organization, key) for key in SETTINGS}
    with northwind.scope():
        update_organization(organization=organization, **same, by=northwind.by)
        assert AuditEvent.objects.count() == 0


def test_failing_audit_row_undoes_the_change(
    northwind: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("audit is broken")

    monkeypatch.setattr(audit, "record", fail)
    browser = sign_in(northwind.owner)
    browser.raise_request_exception = False
    assert browser.post("/o/northwind/settings/", SETTINGS).status_code == 500
    assert Organization.objects.get(slug="northwind").name == "Northwind"


def test_preferences_work_without_organization(db: None, sign_in: Any) -> None:
    user = User.objects.create_user("ada@example.com", None, name="Ada")
    browser = sign_in(user)
    assert "You are in no organization yet" in browser.get("/start/").content.decode()
    assert browser.get("/preferences/").status_code == 200
    form = {"name": "Ada Okafor", "time_zone": "Africa/Lagos", "language": "", "theme": "dark"}
    assert browser.post("/preferences/", form)["Location"] == "/preferences/"
    user.refresh_from_db()
    assert (user.name, user.time_zone, user.language, user.theme) == (
        "Ada Okafor",
        "Africa/Lagos",
        "",
        Theme.DARK,
    )
    assert 'data-bs-theme="dark"' in browser.get("/preferences/").content.decode()
    assert browser.post("/preferences/", {**form, "theme": "pink"}).status_code == 422


def test_times_are_shown_in_ones_own_zone(northwind: Cast, sign_in: Any) -> None:
    with northwind.scope():
        event = audit.record("thing.done", northwind.organization, by=northwind.by)
        with backdating():
            date_events(event.pk - 1, datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    page = sign_in(northwind.owner).get("/o/northwind/audit/").content.decode()
    assert "Mon 23 November 2026, 00:30" in page
    User.objects.filter(pk=northwind.owner.pk).update(time_zone="America/New_York")
    page = sign_in(northwind.owner).get("/o/northwind/audit/").content.decode()
    assert "Sun 22 November 2026, 18:30" in page


def logged(page: str) -> list[str]:
    return re.findall(r'data-label="What">([^<]+)<', page)


def test_audit_log_filters_and_pages(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    with fabrikam.scope():
        audit.record("secret.leaked", fabrikam.organization, by=fabrikam.by)
    with northwind.scope():
        for number in range(60):
            audit.record("cohort.opened", northwind.cohort, by=northwind.by, number=number)
        audit.record("member.removed", northwind.pair, by=northwind.by, email="x@y.example")
    browser = sign_in(northwind.owner)
    first = browser.get("/o/northwind/audit/").content.decode()
    assert logged(first) == ["Member removed"] + ["Cohort opened"] * 49
    assert "Northwind Champion" in first
    assert "ecret leaked" not in first
    assert logged(browser.get("/o/northwind/audit/?page=2").content.decode()) == ["Cohort opened"] * 11
    assert logged(browser.get("/o/northwind/audit/?action=member.removed").content.decode()) == [
        "Member removed"
    ]
    assert (
        logged(browser.get("/o/northwind/audit/?q=autumn+champion").content.decode())
        == ["Cohort opened"] * 50
    )
    assert "No event fits" in browser.get("/o/northwind/audit/?q=fabrikam").content.decode()


@pytest.mark.parametrize("url", ["/o/northwind/audit/", "/o/northwind/"])
def test_queries_do_not_grow_with_the_log(northwind: Cast, sign_in: Any, url: str) -> None:
    browser = sign_in(northwind.owner)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            browser.get(url)
        return len(captured)

    with northwind.scope():
        audit.record("cohort.opened", northwind.cohort, by=northwind.by)
    queries()
    before = queries()
    with northwind.scope():
        for user in (northwind.owner, northwind.overseer):
            audit.record("cohort.opened", northwind.cohort, by=Actor.of_user(user), why="x")
    assert queries() == before


@pytest.fixture
def empty(northwind: Cast) -> Cast:
    """Northwind as it is right after signing up."""
    with northwind.scope():
        for model in (Pair, Participant, Cohort, Program, Person):
            model.objects.all().delete()
        Membership.objects.exclude(user=northwind.owner).delete()
    return northwind


def test_home_of_a_new_organization_says_what_to_do(empty: Cast, sign_in: Any) -> None:
    page = sign_in(empty.owner).get("/o/northwind/").content.decode()
    assert "Getting started" in page
    assert page.index("Import your people") < page.index("Bring in a colleague")
    assert re.search(r'<h2 id="next-step-title">\s*Import your people', page)
    assert 'href="/o/northwind/people/import/"' in page


def test_home_of_a_running_organization_has_no_checklist(northwind: Cast, sign_in: Any) -> None:
    with northwind.scope():
        audit.record("cohort.opened", northwind.cohort, by=northwind.by)
        audit.record("member.removed", Membership.objects.get(user=northwind.overseer), by=northwind.by)
    owner = sign_in(northwind.owner).get("/o/northwind/").content.decode()
    assert "Import your people" not in owner
    assert "Member removed" in owner
    champion = sign_in(northwind.champion).get("/o/northwind/").content.decode()
    assert "Cohort opened" in champion
    assert "Member removed" not in champion


def test_home_of_participant_without_anything_to_do(northwind: Cast, sign_in: Any) -> None:
    with northwind.scope():
        Membership.objects.filter(user=northwind.overseer).update(role=Role.PARTICIPANT)
    page = sign_in(northwind.overseer).get("/o/northwind/")
    assert page.status_code == 200
    assert "Getting started" not in page.content.decode()


def test_side_bar_shows_what_the_role_may(northwind: Cast, sign_in: Any) -> None:
    def labels(user: User) -> set[str]:
        page = sign_in(user).get("/o/northwind/").content.decode()
        return {"Members", "Settings", "Audit log", "People"} & set(re.findall(r"<span>([^<]+)</span>", page))

    assert labels(northwind.owner) == {"Members", "Settings", "Audit log", "People"}
    assert labels(northwind.champion) == {"People"}
    assert labels(northwind.overseer) == set()


def test_front_page_leads_on_when_signed_in(northwind: Cast, sign_in: Any, client: Client) -> None:
    assert client.get("/").status_code == 200
    assert sign_in(northwind.owner).get("/")["Location"] == "/start/"


def test_preferences_keep_the_side_bar_of_the_organization_last_visited(
    northwind: Cast, fabrikam: Cast, sign_in: Any
) -> None:
    with fabrikam.scope():
        Membership.objects.create(user=northwind.owner, role=Role.OVERSEER, joined_at="2026-11-01T08:00Z")
    browser = sign_in(northwind.owner)
    assert "/audit/" not in browser.get("/preferences/").content.decode()
    browser.get("/o/northwind/")
    assert "/o/northwind/audit/" in browser.get("/preferences/").content.decode()
    browser.get("/o/fabrikam/")
    page = browser.get("/preferences/").content.decode()
    assert "/o/fabrikam/" in page
    assert "/audit/" not in page
