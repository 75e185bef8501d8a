"""Texts of one line stay one line: every form's field, every model's column, and the ways in and out."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.db import models
from django.utils import timezone

from mentoring.forms.fields import AddressField
from mentoring.forms.signing_in import OurWords
from mentoring.lines import one_line
from mentoring.models import OutgoingMessage, Person, User
from mentoring.tenancy.checks import OUR_PACKAGES
from programs.models import Program
from sessions.actions.meetings import plan_meeting
from tests.cast import Cast

FORBIDDEN = [
    "\r",
    "\n",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x85",
    "\u2028",
    "\u2029",
    "\x00",
    "\x07",
    "\x1b",
    "\x7f",
    "\x9b",
]
FORBIDDEN += [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))] + ["\ufeff", "\ud800"]
NASTY = "Autumn\r\nBcc: x@evil.example\u202e" + "".join(FORBIDDEN) + "end"


def is_clean(text: str) -> bool:
    return not any(character in text for character in FORBIDDEN)


def test_one_line_keeps_what_names_need() -> None:
    for text in ("Zoë O’Neill-Łuków", "王小明", "‏דוד‎", "نَس\u200cخ", "👩\u200d💻", "a  b", " a "):
        assert one_line(text) == text
    assert one_line("Ann\r\nBcc: x") == "Ann  Bcc: x"
    assert one_line("\n") == ""
    assert is_clean(one_line(NASTY))


def form_classes() -> Iterator[type[forms.BaseForm]]:
    seen: set[type[forms.BaseForm]] = set()
    for package in OUR_PACKAGES:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if ".migrations" not in module.name and (".forms" in module.name or ".views" in module.name):
                for thing in vars(importlib.import_module(module.name)).values():
                    is_form = isinstance(thing, type) and issubclass(thing, forms.BaseForm)
                    if is_form and thing.__module__.startswith(OUR_PACKAGES) and thing not in seen:
                        seen.add(thing)
                        yield thing


def fields_of(form: type[forms.BaseForm]) -> dict[str, forms.Field]:
    """allauth's forms get their fields in order when they are made."""
    if not issubclass(form, OurWords):
        return form.base_fields
    try:
        return form().fields
    except KeyError:  # a form for somebody who is signed in
        return form(user=User()).fields  # type: ignore[call-arg]


def line_fields() -> list[Any]:
    many_lines = (forms.Textarea, forms.PasswordInput)
    return [
        pytest.param(field, id=f"{form.__name__}.{name}")
        for form in form_classes()
        for name, field in fields_of(form).items()
        if name != "code"  # compared, and kept nowhere
        and isinstance(field, forms.CharField)
        and not isinstance(field.widget, many_lines)
    ]


@pytest.mark.parametrize("field", line_fields())
def test_form_field_takes_one_line(field: forms.CharField) -> None:
    """What it accepts is clean, whether it mends or refuses; a field of another kind is a `LineField`."""
    for text in (
        "a\nb",
        "a\r\nb@x.example",
        "a\u202eb",
        "a\x07b@x.example",
        "a@b\u202e.example",
        '"\x01"@b.example',
    ):
        try:
            accepted = field.to_python(text)
            field.run_validators(accepted)
        except forms.ValidationError:
            continue
        assert is_clean(str(accepted))


def test_generated_test_sees_the_fields() -> None:
    ids = {param.id for param in line_fields()}
    assert ids >= {
        "InviteForm.name",
        "ProgramForm.name",
        "OrganizationForm.contact_name",
        "MeetingForm.place",
    }
    assert len(ids) > 25


def text_columns() -> list[Any]:
    found = [model for model in apps.get_models() if model.__module__.split(".")[0] in OUR_PACKAGES]
    return [
        pytest.param(field, id=f"{model.__name__}.{field.name}")
        for model in found
        for field in model._meta.local_fields
        if isinstance(field, models.CharField)
        and not field.choices
        and not isinstance(field, models.SlugField)
        and field.name != "password"
    ]


@pytest.mark.parametrize("field", text_columns())
def test_column_keeps_one_line(field: models.CharField) -> None:
    """A plain CharField fails here: use `mentoring.lines.LineField`."""
    instance = field.model()
    setattr(instance, field.attname, NASTY)
    assert is_clean(field.get_prep_value(NASTY))
    assert is_clean(field.pre_save(instance, True))
    assert is_clean(getattr(instance, field.attname))


@pytest.mark.parametrize("address", ['"\x01"@b.example', "a@b\u202e.example", "a\u2066b@c.example"])
def test_address_with_unseen_characters_is_refused(address: str) -> None:
    with pytest.raises(forms.ValidationError):
        AddressField().clean(address)


def test_rows_in_bulk_and_updates_are_one_line(northwind: Cast) -> None:
    with northwind.scope():
        made = Person.objects.bulk_create([Person(first_name="Ann\nBcc: x", last_name="B\u202eell")])
        Program.objects.update(name=NASTY)
        again = Person.objects.get(pk=made[0].pk)
        assert (again.name, made[0].first_name) == ("Ann Bcc: x Bell", "Ann Bcc: x")
        assert is_clean(Program.objects.get().name)


def test_place_of_a_meeting_stays_one_line_in_mail_and_calendar(northwind: Cast) -> None:
    now = timezone.now()
    with northwind.scope():
        northwind.run_around(now)
        plan_meeting(
            pair=northwind.pair,
            starts_at=now + timedelta(days=3),
            minutes=45,
            place="Room 4\r\nATTENDEE:mailto:x@evil.example",
            participant=northwind.mentor,
            by=northwind.by,
            now=now,
        )
        mail = OutgoingMessage.objects.filter(kind="meeting_planned")[0]
    assert "Room 4  ATTENDEE" in mail.text
    lines = mail.calendar.splitlines()
    assert not [line for line in lines if line.startswith("ATTENDEE:mailto:x@evil")]


def test_name_of_an_organization_by_post(northwind: Cast, sign_in: Any) -> None:
    form = {
        "name": NASTY.replace("\x00", "").replace("\ud800", ""),
        "time_zone": "Europe/Oslo",
        "language": "en",
    }
    answer = sign_in(northwind.owner).post("/o/northwind/settings/", form)
    northwind.organization.refresh_from_db()
    assert (answer.status_code, northwind.organization.name) == (
        302,
        one_line(form["name"]),
    )
    assert is_clean(northwind.organization.name)
