from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from outcomes.models import MetricsExport
from outcomes.queries import reported_cohorts


class ExportForm(forms.Form):
    cohort: Any = forms.ModelChoiceField(
        label=_("Cohort"), queryset=None, required=False, empty_label=_("All cohorts")
    )
    format = forms.ChoiceField(
        label=_("Format"), choices=MetricsExport.Format.choices, initial=MetricsExport.Format.XLSX
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cohort"].queryset = reported_cohorts()  # type: ignore[attr-defined]
        self.fields["cohort"].label_from_instance = lambda cohort: f"{cohort.program} · {cohort}"  # type: ignore[attr-defined]
