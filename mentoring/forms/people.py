from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.actions.people_by_hand import BY_HAND, Entry, in_words
from mentoring.enums import PersonStatus
from mentoring.exchange.refusals import BadValue
from mentoring.forms.editing import EditForm, flat_choices
from mentoring.forms.fields import LineField, TimeZoneField
from mentoring.mail.links import link_mark
from mentoring.models import Person
from mentoring.people.columns import COLUMNS
from mentoring.people.draft import ATTRIBUTE_LIMIT, Problem
from mentoring.people.plan import NULLABLE


class PeopleFilterForm(forms.Form):
    """Search and filters of the people list. What is not a choice is ignored: old links still open."""

    quiet_optional = True
    q = LineField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name, e-mail, ID or title")}),
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("Everybody")), *PersonStatus.choices]
    )
    region = forms.ChoiceField(label=_("Region"), required=False)
    location = forms.ChoiceField(label=_("Location"), required=False)
    unit = forms.ChoiceField(label=_("Unit"), required=False)
    level = forms.ChoiceField(label=_("Level"), required=False)
    manager = forms.IntegerField(required=False, widget=forms.HiddenInput)
    sort = LineField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, choices: dict[str, list[tuple[str, str]]]) -> None:
        super().__init__(data, auto_id="filter_%s")
        for name, found in choices.items():
            if found:
                self.fields[name].choices = [("", _("All")), *found]  # type: ignore[attr-defined]
            else:
                del self.fields[name]

    def criteria(self) -> dict[str, Any]:
        self.is_valid()
        return dict(self.cleaned_data)

    def is_active(self) -> bool:
        return any(value for name, value in self.criteria().items() if name != "sort")


class PersonForm(EditForm):
    """One person of the roster by hand. Every value is cleaned as a cell of its column in an import."""

    quiet_optional = True

    def __init__(self, data: Any, person: Person | None) -> None:
        super().__init__(data, initial=_initial(person))
        for key in BY_HAND:
            column = COLUMNS[key]
            self.fields[key] = LineField(label=column.label, required=False)
        self.fields["email"].widget = forms.EmailInput()
        self.fields["hired_on"] = forms.DateField(
            label=COLUMNS["hired_on"].label, required=False, widget=forms.DateInput(attrs={"type": "date"})
        )
        zone = TimeZoneField(required=False, empty=_("As the location or the organization has it"))
        now, choices = self.initial["time_zone"], list(zone.choices)  # type: ignore[arg-type]
        if now and now not in dict(flat_choices(choices)):
            zone.choices = [(now, now), *choices]
        self.fields["time_zone"] = zone
        self.fields["manager"] = LineField(
            label=_("Manager"), required=False, help_text=_("Employee ID, e-mail, or first and last name.")
        )
        self.attributes = sorted(person.attributes) if person else []
        for name in self.attributes:
            self.fields[_field_of(name)] = LineField(label=name, required=False, max_length=ATTRIBUTE_LIMIT)
        self.carry_shown()

    def clean(self) -> dict[str, Any]:
        for key in (*BY_HAND, "manager"):
            column = COLUMNS["manager_name" if key == "manager" else key]
            value = self.cleaned_data.get(key)
            if key == "hired_on" or key not in self.cleaned_data:
                continue
            try:
                self.cleaned_data[key] = column.clean(value)
            except BadValue as error:
                self.add_error(key, in_words(Problem(0, key, str(value)[:120], str(error))))
        return self.cleaned_data

    def entry(self) -> Entry:
        return Entry(
            values={key: self.cleaned_data[key] for key in BY_HAND},
            manager=self.cleaned_data["manager"],
            attributes={name: self.cleaned_data[_field_of(name)] for name in self.attributes},
        )

    def add_problems(self, problems: list[Problem]) -> None:
        for problem in problems:
            self.add_error(problem.column if problem.column in self.fields else None, in_words(problem))


def _initial(person: Person | None) -> dict[str, Any]:
    if person is None:
        return dict.fromkeys((*BY_HAND, "manager"), "")
    manager = person.manager
    return {
        **{key: getattr(person, key) for key in BY_HAND},
        "manager": (manager.employee_id or manager.email or manager.name) if manager else "",
        **{_field_of(name): text for name, text in person.attributes.items()},
    }


def _field_of(attribute: str) -> str:
    """By its name: its place among the others changes when an import brings a new one."""
    return f"attribute_{link_mark(attribute)}"


class LeavingForm(forms.Form):
    on = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = LineField(
        label=_("Reason"),
        required=False,
        max_length=300,
        help_text=_("For the audit log alone; nobody is told."),
    )
    quiet_optional = True

    def __init__(self, data: Any, *, today: date, person: Person) -> None:
        super().__init__(data, initial={"on": person.left_on or today})


class DoubleForm(forms.Form):
    """Words by which a double is searched for; what cannot be searched for counts as none."""

    q = LineField(required=False, max_length=100)

    def words(self) -> str:
        return str(self.cleaned_data["q"]) if self.is_valid() else ""


class MergeForm(forms.Form):
    """Which of two entries' values stay. Only what differs is asked; what one of the two lacks is taken from
    the other unless somebody chooses otherwise. `seen` tells whether either was changed meanwhile."""

    quiet_optional = True
    seen = LineField(widget=forms.HiddenInput)

    def __init__(self, data: Any, kept: Person, double: Person) -> None:
        super().__init__(data)
        self.mark = link_mark(kept.updated_at, double.updated_at)
        self.initial["seen"] = self.mark
        self.sides = {"kept": _values_of(kept, double), "double": _values_of(double, kept)}
        labels = {key: COLUMNS[key].label for key in BY_HAND} | {"manager": _("Manager")}
        for key in {**self.sides["kept"], **self.sides["double"]}:
            mine, theirs = (self.sides[side].get(key) or "" for side in ("kept", "double"))
            if mine == theirs:
                continue
            if key == "manager":
                mine, theirs = (
                    _with_name(person.manager) if text else ""
                    for text, person in ((mine, kept), (theirs, double))
                )
            self.fields[key] = forms.ChoiceField(
                label=labels.get(key) or key.removeprefix(ATTRIBUTE),
                choices=[("kept", mine or _("empty")), ("double", theirs or _("empty"))],
                widget=forms.RadioSelect,
                initial="kept" if mine else "double",
            )

    def clean_seen(self) -> str:
        if self.cleaned_data["seen"] != self.mark:
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data["seen"] = self.mark  # type: ignore[index]
            raise forms.ValidationError(
                _("Somebody changed one of the two meanwhile. Nothing is merged yet: look again.")
            )
        return self.mark

    def entry(self) -> Entry:
        def chosen(key: str) -> Any:
            side = self.cleaned_data[key] if key in self.fields else "kept"
            return self.sides[side].get(key) or ""

        keys = {**self.sides["kept"], **self.sides["double"]}
        return Entry(
            values={key: chosen(key) or (None if key in NULLABLE else "") for key in BY_HAND},
            manager=chosen("manager"),
            attributes={
                key.removeprefix(ATTRIBUTE): chosen(key) for key in keys if key.startswith(ATTRIBUTE)
            },
        )

    def add_problems(self, problems: list[Problem]) -> None:
        for problem in problems:
            self.add_error(problem.column if problem.column in self.fields else None, in_words(problem))


ATTRIBUTE = "attribute:"


def _with_name(manager: Person | None) -> str:
    return f"{manager.name} ({manager.employee_id or manager.email})" if manager else ""


def _values_of(person: Person, other: Person) -> dict[str, Any]:
    values = _initial(person)
    shown = {key: values[key] for key in (*BY_HAND, "manager")}
    if person.manager_id == other.pk:  # nobody answers to themselves
        shown["manager"] = ""
    return shown | {f"{ATTRIBUTE}{name}": text for name, text in person.attributes.items()}
