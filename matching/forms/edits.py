from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.actions.rulings import NOTE_LENGTH
from matching.enums import EditKind, RulingKind
from matching.forms.people import PartnerField
from mentoring.forms.fields import LineField
from programs.enums import PairRole
from programs.models import Cohort, Participant


class ChangeForm(forms.Form):
    """What to change of one pair of a draft, and with whom."""

    kind = forms.ChoiceField(label=_("What to change"), choices=EditKind.choices, widget=forms.RadioSelect)
    partner = PartnerField(label=_("With whom"), help_text=_("By name or e-mail address."))

    def __init__(
        self,
        data: Any,
        *,
        mentor: Participant,
        mentee: Participant,
        people_url: str,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial or {"kind": EditKind.MENTEE})
        names = {"mentor": mentor.person.name, "mentee": mentee.person.name}
        kinds, partner = self.fields["kind"], self.fields["partner"]
        assert isinstance(kinds, forms.ChoiceField)
        assert isinstance(partner, PartnerField)
        kinds.choices = [
            (EditKind.MENTEE.value, _("Give %(mentor)s another mentee") % names),
            (EditKind.MENTOR.value, _("Give %(mentee)s another mentor") % names),
            (EditKind.SWAP.value, _("Let %(mentor)s and %(mentee)s swap partners with another pair") % names),
        ]
        partner.of(mentor.cohort, people_url, roles=tuple(PairRole.values))


class ConfirmForm(forms.Form):
    """Why, and whether a rule is overridden for it."""

    kind = forms.ChoiceField(choices=EditKind.choices, widget=forms.HiddenInput)
    other = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    note = LineField(
        label=_("Why"),
        required=False,
        max_length=NOTE_LENGTH,
        help_text=_("Program champions and admins see it beside the pair; the two of them do not."),
    )
    override = forms.BooleanField(label=_("Pair them although a rule forbids it"), required=False)

    def __init__(
        self, data: Any, *, must_override: bool = False, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial, auto_id="confirm_%s")  # beside a ChangeForm
        if must_override:
            self.fields["note"].required = self.fields["override"].required = True
        else:
            del self.fields["override"]


class RulingForm(forms.Form):
    """Keep two people of a cohort together, or never pair them."""

    mentor = PartnerField(label=_("Mentor"))
    mentee = PartnerField(label=_("Mentee"))
    kind = forms.ChoiceField(
        label=_("What you say"),
        choices=[
            (RulingKind.KEEP.value, _("Keep them together")),
            (RulingKind.NEVER.value, _("Never pair them")),
        ],
        widget=forms.RadioSelect,
        initial=RulingKind.KEEP.value,
    )
    note = LineField(label=_("Why"), required=False, max_length=NOTE_LENGTH)
    override = forms.BooleanField(
        label=_("Keep them although a rule forbids it"),
        required=False,
        help_text=_("Only with a reason. The exclusion list, and what people said themselves, hold always."),
    )

    def __init__(self, data: Any, *, cohort: Cohort, people_url: str) -> None:
        super().__init__(data)
        for role in PairRole.values:
            field = self.fields[role]
            assert isinstance(field, PartnerField)
            field.of(cohort, people_url, roles=(role,))


class NoteForm(forms.Form):
    """Keep, never or undo, with a note of why."""

    kind = forms.ChoiceField(choices=[*RulingKind.choices, ("clear", _("Undo"))])
    note = LineField(required=False, max_length=NOTE_LENGTH)

    @property
    def said(self) -> RulingKind | None:
        kind = self.cleaned_data["kind"]
        return None if kind == "clear" else RulingKind(kind)
