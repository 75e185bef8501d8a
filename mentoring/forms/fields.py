"""Fields that several forms share."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mentoring.lines import one_line
from mentoring.rules import check_address

AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every zone that is named after a place, by area; and UTC. Other names are aliases of these."""
    zones = sorted(zone for zone in available_timezones() if zone.partition("/")[0] in AREAS)
    grouped = [
        (area, [(zone, zone.partition("/")[2].replace("_", " ")) for zone in zones if zone.startswith(area)])
        for area in AREAS
    ]
    return [("UTC", [("UTC", "UTC")]), *grouped]


class LineField(forms.CharField):
    """A text of one line. Browsers send no line break; who sends one gets what a browser would make of it."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return one_line(text) if isinstance(text, str) else text


def validate_address(address: str) -> None:
    """Django lets control characters in quotes pass, and what turns the reading direction around."""
    if one_line(address) != address:
        raise forms.ValidationError(_("Enter a valid email address."), code="invalid")


class AddressField(forms.EmailField):
    """An e-mail address that mail can be sent to."""

    default_validators = [check_address, validate_address]


class TimeZoneField(forms.ChoiceField):
    """A place whose clock is meant. Without `required`, empty means somebody else's choice (`empty`)."""

    def __init__(self, *, empty: Any = "", **kwargs: Any):
        kwargs.setdefault("label", _("Time zone"))
        self.empty = empty
        super().__init__(choices=self._choices, **kwargs)

    def _choices(self) -> list[Any]:
        return ([("", self.empty)] if self.empty else []) + zone_choices()


class LanguageField(forms.ChoiceField):
    def __init__(self, *, empty: Any = "", **kwargs: Any):
        kwargs.setdefault("label", _("Language"))
        choices = ([("", empty)] if empty else []) + list(settings.LANGUAGES)
        super().__init__(choices=choices, **kwargs)


class GuessedTimeZoneField(LineField):
    """Hidden: static/app.js fills in the browser's zone; without JavaScript, or with nonsense, it is UTC."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any):
        super().__init__(required=False, **kwargs)
        self.widget.attrs["data-time-zone"] = ""

    def clean(self, value: Any) -> str:
        return value if value in available_timezones() else "UTC"
