from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.forms.imports import ColumnsForm, file_field
from programs.enums import PairRole
from programs.questions import QuestionnaireDefinition
from programs.response_import.columns import PERSON, PERSON_COLUMNS, QUESTION


class ResponseUploadForm(forms.Form):
    quiet_optional = True
    role = forms.ChoiceField(
        label=_("Who answered?"),
        choices=[(PairRole.MENTOR.value, _("Mentors")), (PairRole.MENTEE.value, _("Mentees"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who answered: mentors or mentees.")},
    )
    file = file_field(_("CSV or Excel (.xlsx), as your form tool exports it: one row a person. Up to 50 MB."))


class ResponseColumnsForm(ColumnsForm):
    def __init__(self, data: Any, *, definition: QuestionnaireDefinition, **kwargs: Any) -> None:
        person = [(PERSON + key, column.label) for key, column in PERSON_COLUMNS.items()]
        questions = [
            (section or _("Questions"), [(QUESTION + q.key, q.label) for q in asked])
            for section, asked in definition.sections
        ]
        self.meanings = [(_("The person"), person), *questions]
        super().__init__(data, **kwargs)

    def choices_for(self, header: str) -> list[Any]:
        return [*super().choices_for(header), *self.meanings]
