from email.utils import parseaddr
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mentoring.forms.editing import EditForm
from mentoring.forms.fields import LineField
from mentoring.models import Membership, Person
from programs.models import Program
from programs.queries.programs import managing_members, people_named
from programs.templates_catalog.base import ProgramTemplate

CANDIDATES = 5


def label_of(person: Person) -> str:
    return f"{person.name} <{person.email}>" if person.email else person.name


class ProgramForm(EditForm):
    name = LineField(label=_("Name"), max_length=120)
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Why this program exists and what leaders hope to learn. Everybody who is invited reads it."
        ),
    )
    initiative = LineField(
        label=_("Strategic initiative"),
        max_length=200,
        required=False,
        help_text=_("The initiative of your organization that this program serves. Shown in reports."),
    )
    sponsor = LineField(
        label=_("Sponsor"),
        max_length=400,
        required=False,
        help_text=_("An executive who stands for it. Type a name or an e-mail address from your roster."),
    )
    endorsement = forms.CharField(
        label=_("The sponsor's words"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shown under the sponsor's name in the invitation."),
    )
    champion = forms.ChoiceField(
        label=_("Program champion"),
        help_text=_("Participants write to this person when they have a question."),
    )
    deputy = forms.ChoiceField(label=_("Deputy"), required=False)

    def __init__(self, data: Any, *, organization: Any, program: Program | None = None, initial: Any = None):
        super().__init__(data, initial=initial or (initial_of(program) if program else None))
        self.program = program
        self.members = {str(member.pk): member for member in managing_members()}
        choices = [(pk, f"{member.called} ({member.address})") for pk, member in self.members.items()]
        gone = program is not None and str(program.champion_id) not in self.members
        self.fields["champion"].choices = [  # type: ignore[attr-defined]
            *([("", _("Choose a successor"))] if gone else []),
            *choices,
        ]
        self.fields["deputy"].choices = [("", _("Nobody")), *choices]  # type: ignore[attr-defined]
        self.fields["sponsor"].widget.attrs = {
            "list": "sponsor-people",
            "autocomplete": "off",
            "data-hx-get": reverse("program_people", args=[organization.slug]),
            "data-hx-trigger": "input changed delay:250ms",
            "data-hx-target": "#sponsor-people",
            "data-hx-swap": "innerHTML",
        }
        if program:
            self.carry_shown()

    def clean_champion(self) -> Membership:
        return self.members[self.cleaned_data["champion"]]

    def clean_deputy(self) -> Membership | None:
        deputy = self.members.get(self.cleaned_data["deputy"])
        if deputy and deputy == self.cleaned_data.get("champion"):
            raise ValidationError(_("The deputy must be somebody other than the champion."))
        return deputy

    def clean_sponsor(self) -> Person | None:
        words = self.cleaned_data["sponsor"].strip()
        current = self.program.sponsor if self.program else None
        if not words or (current and words == label_of(current)):
            return current if words else None
        return find_person(words)

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        others = Program.objects.filter(name__iexact=name)
        if self.program:
            others = others.exclude(pk=self.program.pk)
        if others.exists():
            raise ValidationError(_("There is already a program with this name."))
        return name


def find_person(words: str) -> Person:
    """The one active person with this address or this full name; several of a name are listed."""
    address = parseaddr(words)[1]
    if "@" in address:
        person = Person.objects.filter(email__iexact=address).first()
        if person is None:
            raise ValidationError(_("Nobody on your roster has this e-mail address."))
        return person
    found = people_named(words)
    exact = [person for person in found if person.name.casefold() == " ".join(words.split()).casefold()]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not found:
        raise ValidationError(_("Nobody on your roster fits this name."))
    names = ", ".join(label_of(person) for person in (exact or found)[:CANDIDATES])
    raise ValidationError(
        _("Several people fit: %(names)s. Type the e-mail address."), params={"names": names}
    )


def initial_of(program: Program) -> dict[str, Any]:
    return {
        "name": program.name,
        "purpose": program.purpose,
        "initiative": program.initiative,
        "sponsor": label_of(program.sponsor) if program.sponsor else "",
        "endorsement": program.endorsement,
        "champion": str(program.champion_id),
        "deputy": str(program.deputy_id or ""),
    }


def initial_from(template: ProgramTemplate, membership: Membership) -> dict[str, Any]:
    return {
        "name": str(template.name),
        "purpose": str(template.purpose),
        "champion": str(membership.pk),
    }
