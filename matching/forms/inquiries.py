from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.forms.people import PartnerField
from mentoring.forms.fields import LineField
from programs.enums import PairRole
from programs.models import Cohort, Participant


class WhyNotForm(forms.Form):
    """Somebody else for one or both people of a pair: a mentor for the mentee, a mentee for the mentor."""

    partner = PartnerField(label=_("Name or e-mail address"))

    def __init__(
        self, data: Any, *, cohort: Cohort, people: Mapping[str, Participant], people_url: str
    ) -> None:
        super().__init__(data)
        self.people = people
        roles = tuple(role.value for role in PairRole if role.other in people)
        partner = self.fields["partner"]
        assert isinstance(partner, PartnerField)
        partner.of(cohort, people_url, roles=roles, but=tuple(people.values()))

    @property
    def query(self) -> str:
        """Names the people for whom somebody is chosen, in the address that the form is sent to."""
        return urlencode({role: one.pk for role, one in self.people.items()})

    def pair(self) -> dict[str, Participant]:
        """The mentor and the mentee whose price is asked for."""
        chosen: Participant = self.cleaned_data["partner"]
        other = self.people[PairRole(chosen.role).other]
        return {chosen.role: chosen, other.role: other}


class RemedyForm(forms.Form):
    """Which remedy, that the partner agreed to one more seat, or why an exception is all right."""

    remedy = forms.IntegerField(min_value=1, max_value=100, widget=forms.HiddenInput)
    note = LineField(label=_("Why this pair is all right"), required=False, max_length=300)
