"""Fields in which a champion types whom they mean, with suggestions while typing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.queries.people import partners_named, people_named
from mentoring.forms.fields import LineField
from mentoring.models import Person
from programs.enums import PairRole
from programs.models import Cohort, Participant


class _NameField(LineField):
    """One row by a name or an address; who is meant must be clear."""

    nobody: Any

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"list": "people-found", "autocomplete": "off"})
        super().__init__(max_length=254, widget=widget, **options)

    def suggest_from(self, url: str) -> None:
        self.widget.attrs |= {
            "data-hx-get": url,
            "data-hx-trigger": "input changed delay:300ms",
            "data-hx-target": "#people-found",
        }

    def find(self, text: str) -> list[Any]:
        raise NotImplementedError

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        found = self.find(text)
        if not found:
            raise forms.ValidationError(self.nobody, params={"text": text})
        if len(found) > 1:
            people = [getattr(one, "person", one) for one in found]
            which = ", ".join(f"{one.name} ({one.email or one.employee_id})" for one in people)
            raise forms.ValidationError(
                _("Several people fit “%(text)s”. Enter the e-mail address: %(which)s."),
                params={"text": text, "which": which},
            )
        return found[0]


class PersonField(_NameField):
    """Somebody of the roster."""

    nobody = _("Nobody on the roster is called “%(text)s”. Try the e-mail address.")

    def find(self, text: str) -> list[Person]:
        return people_named(text)


class PartnerField(_NameField):
    """Somebody of a cohort who can be paired."""

    nobody = _("Nobody of this cohort who has answered and could be chosen is called “%(text)s”.")
    cohort: Cohort
    roles: tuple[str, ...] = tuple(PairRole.values)
    but: tuple[Participant, ...] = ()

    def of(
        self, cohort: Cohort, people_url: str, *, roles: tuple[str, ...], but: tuple[Participant, ...] = ()
    ) -> None:
        """Whom it finds, and where it gets suggestions."""
        self.cohort, self.roles, self.but = cohort, roles, but
        self.suggest_from(people_url + (f"?role={roles[0]}" if len(roles) == 1 else ""))

    def find(self, text: str) -> list[Participant]:
        return [one for one in partners_named(self.cohort, text, roles=self.roles) if one not in self.but]
