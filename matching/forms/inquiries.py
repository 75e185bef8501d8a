from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.queries.inquiries import partners_named
from programs.enums import PairRole
from programs.models import Participant


class WhyNotForm(forms.Form):
    """Somebody else for one or both people of a pair: a mentor for the mentee, a mentee for the mentor."""

    partner = forms.CharField(
        label=_("Name or e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"list": "people-found", "autocomplete": "off"}),
    )

    def __init__(
        self,
        data: Any,
        *,
        mentor: Participant | None = None,
        mentee: Participant | None = None,
        people_url: str,
    ) -> None:
        super().__init__(data)
        self.people = {"mentor": mentor, "mentee": mentee}
        self.cohort = next(one.cohort for one in (mentor, mentee) if one)
        self.fields["partner"].widget.attrs |= {
            "data-hx-get": people_url,
            "data-hx-trigger": "input changed delay:300ms",
            "data-hx-target": "#people-found",
        }

    @property
    def query(self) -> str:
        """Names the people for whom somebody is chosen, in the address that the form is sent to."""
        return urlencode({role: one.pk for role, one in self.people.items() if one})

    @property
    def roles(self) -> list[str]:
        """Of whom somebody can be chosen."""
        return [role.value for role in PairRole if self.people[_other(role)]]

    def clean_partner(self) -> Participant:
        text = self.cleaned_data["partner"]
        found = partners_named(self.cohort, text, roles=self.roles)
        found = [one for one in found if one not in self.people.values()]
        if not found:
            raise forms.ValidationError(
                _("Nobody of this cohort who has answered and could be chosen is called “%(text)s”."),
                params={"text": text},
            )
        if len(found) > 1:
            which = ", ".join(f"{one.person.name} ({one.person.email})" for one in found)
            raise forms.ValidationError(
                _("Several people fit “%(text)s”. Enter the e-mail address: %(which)s."),
                params={"text": text, "which": which},
            )
        return found[0]

    def pair(self) -> dict[str, Participant]:
        """The mentor and the mentee whose price is asked for."""
        chosen: Participant = self.cleaned_data["partner"]
        other = self.people[_other(PairRole(chosen.role))]
        assert other is not None
        return {chosen.role: chosen, other.role: other}


def _other(role: PairRole) -> str:
    return (PairRole.MENTEE if role == PairRole.MENTOR else PairRole.MENTOR).value


class RemedyForm(forms.Form):
    """Which remedy, that the partner agreed to one more seat, or why an exception is all right."""

    remedy = forms.IntegerField(min_value=1, max_value=100, widget=forms.HiddenInput)
    note = forms.CharField(label=_("Why this pair is all right"), required=False, max_length=300)
