"""Two people edit the same thing, in every form that edits: the second is told what the first one saved,
keeps their own words, and saves with the next press."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.db import models
from django.test import Client
from django.urls import reverse

from mentoring.forms.editing import EditForm
from mentoring.models import AuditEvent, Membership, Organization
from programs.models import Program
from sessions.models import Meeting
from tests.cast import Cast
from tests.programs.making import make_cohort


@dataclass
class Page:
    """A page that edits `row`: somebody else saves `theirs`, whoever came first had typed `mine`."""

    url: str
    row: models.Model
    theirs: dict[str, Any]
    mine: dict[str, Any]
    forms: tuple[str, ...] = ("form",)
    posted: dict[str, Any] | None = None  # `theirs` as the form sends it, where that differs


def filled(response: Any, page: Page) -> dict[str, Any]:
    """What a browser sends of the page as it was loaded."""
    data = {}
    for name in page.forms:
        for field in response.context[name]:
            value = field.value()
            if isinstance(field.field, forms.BooleanField):
                data |= {field.html_name: "on"} if value else {}
            else:
                shown = field.field.widget.format_value(value)
                data[field.html_name] = shown[0] if isinstance(shown, list) else (shown or "")
    return data


def stored(page: Page) -> dict[str, Any]:
    with_scope = type(page.row)._default_manager
    row = with_scope.get(pk=page.row.pk)
    return {name: getattr(row, name) for name in (*page.theirs, *page.mine)}


@pytest.fixture
def pages(northwind: Cast) -> Callable[[str], tuple[Any, Page]]:
    """By what is edited: who does it, and the page."""

    def program() -> tuple[Any, Page]:
        url = reverse("program_edit", args=["northwind", northwind.program.pk])
        return northwind.champion, Page(
            url, northwind.program, {"initiative": "Digital 2030"}, {"purpose": "Mine"}
        )

    def cohort() -> tuple[Any, Page]:
        row = make_cohort(northwind)
        url = reverse("cohort_edit", args=["northwind", row.pk])
        later = row.ends_on + timedelta(days=7)
        return northwind.champion, Page(
            url, row, {"ends_on": later}, {"name": "Mine"}, posted={"ends_on": later.isoformat()}
        )

    def organization() -> tuple[Any, Page]:
        url = reverse("organization_settings", args=["northwind"])
        return northwind.owner, Page(url, northwind.organization, {"contact_name": "Ada"}, {"name": "Mine"})

    def member() -> tuple[Any, Page]:
        row = Membership.objects.get(user=northwind.overseer)
        url = reverse("member", args=["northwind", row.pk])
        return northwind.owner, Page(url, row, {"role": "champion"}, {"role": "admin"})

    def preferences() -> tuple[Any, Page]:
        return northwind.champion, Page(
            reverse("preferences"), northwind.champion, {"theme": "dark"}, {"time_zone": "Europe/Oslo"}
        )

    def settings() -> tuple[Any, Page]:
        row = make_cohort(northwind)
        url = reverse("match_settings", args=["northwind", row.pk])
        return northwind.champion, Page(url, row, {}, {}, forms=("form", "options"))

    kinds = {
        "program": program,
        "cohort": cohort,
        "organization": organization,
        "member": member,
        "preferences": preferences,
        "settings": settings,
    }

    def page(kind: str) -> tuple[Any, Page]:
        with northwind.scope():
            return kinds[kind]()

    return page


def test_field_that_both_changed_says_so_beside_it(northwind: Cast, pages: Any, sign_in: Any) -> None:
    user, page = pages("program")
    first, second = sign_in(user), sign_in(user)
    loaded = filled(first.get(page.url), page)
    assert second.post(page.url, {**loaded, "purpose": "Theirs", "initiative": "New"}).status_code == 302
    form = first.post(page.url, {**loaded, "purpose": "Mine"}).context["form"]
    assert {name: list(form[name].errors) for name in ("purpose", "initiative")} == {
        "purpose": ["Somebody else saved: Theirs"],
        "initiative": [],
    }
    assert (form["purpose"].value(), form["initiative"].value()) == ("Mine", "New")


@pytest.mark.parametrize("kind", ["program", "cohort", "organization", "member", "preferences"])
def test_second_to_save_is_told_and_wipes_nothing_out(
    northwind: Cast, pages: Any, sign_in: Any, kind: str
) -> None:
    user, page = pages(kind)
    first, second = sign_in(user), sign_in(user)
    loaded = filled(first.get(page.url), page)
    theirs = {**loaded, **(page.posted or page.theirs)}
    assert second.post(page.url, theirs).status_code == 302

    refused = first.post(page.url, {**loaded, **page.mine})
    assert refused.status_code == 422
    with northwind.scope():
        assert stored(page) == {**stored(page), **page.theirs}  # nothing of the first press was saved
    text = refused.content.decode()
    assert "Somebody else saved changes while you were editing." in text
    (name,) = page.theirs
    assert (
        f"“{refused.context['form'].fields[name].label}” is now:"
        in refused.context["form"].non_field_errors()[1]
    )

    assert '<div class="alert tone-danger mb-3" role="alert" tabindex="-1" data-form-errors>' in text
    again = filled(refused, page)
    assert again == {**again, **page.mine}, "what was typed still stands"
    assert first.post(page.url, again).status_code == 302
    with northwind.scope():
        assert stored(page) == {**page.theirs, **page.mine}


@pytest.mark.parametrize("kind", ["program", "cohort", "organization", "member", "preferences", "settings"])
def test_same_form_sent_twice_is_saved_once_and_no_conflict(
    northwind: Cast, pages: Any, sign_in: Any, kind: str
) -> None:
    user, page = pages(kind)
    client = sign_in(user)
    data = {**filled(client.get(page.url), page), **page.mine}
    assert [client.post(page.url, data).status_code for _ in range(2)] == [302, 302]
    with northwind.scope():
        events = list(AuditEvent.objects.values_list("action", flat=True))
    changed = {"program.changed", "cohort.changed", "organization.changed", "member.role_changed"}
    wanted = 0 if kind in ("preferences", "settings") else 1
    assert len([action for action in events if action in changed]) == wanted


def test_settings_of_matching_saved_meanwhile_are_told_apart_by_form(
    northwind: Cast, pages: Any, sign_in: Any
) -> None:
    user, page = pages("settings")
    first, second = sign_in(user), sign_in(user)
    loaded = filled(first.get(page.url), page)
    weight = next(name for name in loaded if name.startswith("weight-"))
    other = "4" if loaded[weight] != "4" else "3"
    second.post(page.url, {**loaded, weight: other, "floor": "20"})

    refused = first.post(page.url, {**loaded, "best_worst": "on"})
    again = filled(refused, page)
    assert refused.status_code == 422
    assert (again[weight], again["floor"], again["best_worst"]) == (other, "20", "on")
    assert first.post(page.url, again).status_code == 302
    assert filled(first.get(page.url), page) == {**again, **_marks(first.get(page.url), page)}


def _marks(response: Any, page: Page) -> dict[str, Any]:
    return {name: value for name, value in filled(response, page).items() if name.endswith("shown")}


def test_criterion_added_meanwhile_is_told_and_kept(northwind: Cast, pages: Any, sign_in: Any) -> None:
    user, page = pages("settings")
    first, second = sign_in(user), sign_in(user)
    loaded = filled(first.get(page.url), page)
    cohort_id = page.row.pk
    add = reverse("criterion_add", args=["northwind", cohort_id])
    offered = second.get(add).context["groups"]
    compared = next(row["compared"] for group in offered for row in group["rows"] if not row["used"])
    added = second.post(
        add,
        {"compare": compared.key, "comparator": compared.comparators[0], "weight": "2", "label": "New one"},
    )
    assert added.status_code == 302
    refused = first.post(page.url, loaded)
    assert refused.status_code == 422
    assert "“New one” is now: 2" in refused.content.decode()
    assert first.post(page.url, filled(refused, page)).status_code == 302


def test_criterion_changed_twice_tells_the_second(northwind: Cast, pages: Any, sign_in: Any) -> None:
    user, page = pages("settings")
    first, second = sign_in(user), sign_in(user)
    rows = first.get(page.url).context["rows"]
    url = reverse("criterion", args=["northwind", page.row.pk, rows[0]["criterion"].pk])
    loaded = filled(first.get(url), page_of(url, page))
    second.post(url, {**loaded, "label": "Theirs"})
    refused = first.post(url, {**loaded, "weight": "4"})
    assert refused.status_code == 422
    again = filled(refused, page_of(url, page))
    assert (again["label"], again["weight"]) == ("Theirs", "4")
    assert first.post(url, again).status_code == 302


def page_of(url: str, page: Page) -> Page:
    return Page(url, page.row, {}, {})


def test_meeting_moved_by_both_at_once_tells_the_second(
    northwind: Cast, client: Client, planned: Any
) -> None:
    meeting, url = planned
    page = Page(url, meeting, {}, {})
    loaded = filled(client.get(url), page)
    assert client.post(url, {**loaded, "place": "Canteen"}).status_code == 302
    refused = client.post(url, {**loaded, "minutes": "60"})
    assert refused.status_code == 422
    again = filled(refused, page)
    assert (again["place"], again["minutes"]) == ("Canteen", "60")
    assert client.post(url, again).status_code == 302
    with northwind.scope():
        row = Meeting.objects.get(pk=meeting.pk)
        assert (row.place, row.minutes) == ("Canteen", 60)


def test_every_form_that_edits_is_tried_here() -> None:
    def below(form: Any) -> set[str]:
        return {form.__name__} | {name for other in form.__subclasses__() for name in below(other)}

    tried = {"ProgramForm", "CohortForm", "OrganizationForm", "RoleForm", "PreferencesForm", "MeetingForm"}
    tried |= {"SettingsForm", "OptionsForm", "CriterionForm"}
    tried |= {"PersonForm"}  # in tests/people/test_by_hand.py
    making = {"InviteForm"}  # makes something new with a part of such a form
    assert below(EditForm) - {"EditForm"} == tried | making


def test_marks_that_are_rubbish_break_nothing(northwind: Cast, pages: Any, sign_in: Any) -> None:
    user, page = pages("program")
    client = sign_in(user)
    loaded = filled(client.get(page.url), page)
    for shown in ("", "[]", "{", "null", '"x"', '{"name": 3}', '{"gone": "0"}'):
        status = client.post(page.url, {**loaded, "shown": shown}).status_code
        assert status in (302, 422)


def test_action_saves_only_what_it_was_told(northwind: Cast) -> None:
    """A row that was read earlier does not bring back what somebody else has changed since."""
    from programs.actions.programs import update_program

    with northwind.scope():
        stale = Program.objects.get(pk=northwind.program.pk)
        Program.objects.filter(pk=stale.pk).update(initiative="Digital 2030")
        update_program(program=stale, purpose="New words", by=northwind.by)
        row = Program.objects.get(pk=stale.pk)
    assert (row.initiative, row.purpose) == ("Digital 2030", "New words")
    assert Organization.objects.get(pk=northwind.organization.pk).name == "Northwind"
