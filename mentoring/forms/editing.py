"""Two people edit the same thing: neither wipes out what the other one saved.

A page that edits carries a mark of every value that it showed. Where these are no longer the values that
stand, nothing is saved: the form names what changed, keeps the words of whoever fills it in, shows the new
value in fields that they had not touched, and saves at the next press.
"""

import hashlib
import json
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format, time_format
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext as _

SHOWN_LENGTH = 80


class EditForm(forms.Form):
    """Its initial values are what stands now: of a row that is locked while a form is posted."""

    SHOWN = "shown"  # another name where two forms share a page

    def carry_shown(self) -> None:
        """To be called once all fields and initial values are there."""
        self.fields[self.SHOWN] = forms.CharField(required=False, widget=forms.HiddenInput)
        self.initial[self.SHOWN] = json.dumps(self._marks(), separators=(",", ":"))

    def full_clean(self) -> None:
        changed = self._changed_meanwhile() if self.is_bound and self.SHOWN in self.fields else {}
        kept = self._take_over(changed) if changed else []
        super().full_clean()
        if changed:
            self.add_error(None, [self._headline(), *changed.values()])  # type: ignore[arg-type]
            for name in kept:
                self.add_error(name, _("Somebody else saved: %s") % self._value_in_words(name))

    def changed_values(self) -> dict[str, Any]:
        """What was filled in, without the marks."""
        return {name: value for name, value in self.cleaned_data.items() if name != self.SHOWN}

    def _marks(self) -> dict[str, str]:
        return {
            name: _mark(field, self.get_initial_for_field(field, name))
            for name, field in self.fields.items()
            if name != self.SHOWN and not field.disabled
        }

    def _changed_meanwhile(self) -> dict[str, str]:
        """By field, in words: whatever differs from what the page showed, unless the same was filled in."""
        try:
            shown = json.loads(self.data[self.add_prefix(self.SHOWN)])
        except (
            KeyError,
            ValueError,
            RecursionError,
        ):  # who carries nothing is taken as having seen what stands
            return {}
        if not isinstance(shown, dict):
            return {}
        now, changed = self._marks(), {}
        for name, mark in now.items():
            if mark not in (shown.get(name), self._posted_mark(name)):
                changed[name] = self._now(name, kept=self._is_touched(name, shown))
        for name in shown.keys() - now.keys():
            changed[name] = self._gone(name)
        return changed

    def _posted_mark(self, name: str) -> str:
        field, key = self.fields[name], self.add_prefix(name)
        return _mark(field, field.widget.value_from_datadict(self.data, self.files, key))

    def _is_touched(self, name: str, shown: dict[str, str]) -> bool:
        left_out = self.fields[name].widget.value_omitted_from_data(
            self.data, self.files, self.add_prefix(name)
        )
        return name in shown and not left_out and self._posted_mark(name) != shown[name]

    def _take_over(self, changed: dict[str, str]) -> list[str]:
        """The new values where nobody had typed, and the marks of all, so that the next press saves. Answers
        which fields keep what was typed."""
        shown = json.loads(self.data[self.add_prefix(self.SHOWN)])
        self.data = self.data.copy()  # type: ignore[attr-defined]
        kept = []
        for name in changed:
            field = self.fields.get(name)
            if field and not field.disabled:
                if self._is_touched(name, shown):
                    kept.append(name)
                else:
                    self._put(name, field)
        self.data[self.add_prefix(self.SHOWN)] = self.initial[self.SHOWN]  # type: ignore[index]
        return kept

    def _put(self, name: str, field: forms.Field) -> None:
        data: Any = self.data
        key, value = self.add_prefix(name), field.prepare_value(self.get_initial_for_field(field, name))
        if isinstance(field.widget, forms.CheckboxInput):
            data.pop(key, None)
            if value:
                data[key] = "on"
        elif isinstance(value, list | tuple | set):
            data.setlist(key, [str(each) for each in value])
        else:
            text = field.widget.format_value(value)
            data[key] = (text[0] if text else "") if isinstance(text, list | tuple) else (text or "")

    def _headline(self) -> str:
        return _(
            "Somebody else saved changes while you were editing. Yours are not saved yet: check, then save."
        )

    def _now(self, name: str, *, kept: bool) -> str:
        words = {"label": self.fields[name].label or name, "value": self._value_in_words(name)}
        if kept:
            return _("“%(label)s” is now: %(value)s. What you wrote is kept below.") % words
        return _("“%(label)s” is now: %(value)s.") % words

    def _gone(self, name: str) -> str:
        field = self.fields.get(name)
        if field:
            return _("“%(label)s” can no longer be changed.") % {"label": field.label or name}
        return _("Something that stood on this page was removed.")

    def _value_in_words(self, name: str) -> str:
        field: Any = self.fields[name]
        value = self.get_initial_for_field(field, name)
        if isinstance(field, forms.BooleanField):
            return _("yes") if value else _("no")
        if value in field.empty_values:
            return _("empty")
        if isinstance(value, date):
            return date_format(value)
        if isinstance(value, time):
            return time_format(value)
        labels = {str(key): label for key, label in flat_choices(getattr(field, "choices", []))}
        label = str(labels.get(str(value), value)).replace("<br>", ": ")
        return Truncator(strip_tags(label)).chars(SHOWN_LENGTH)


def flat_choices(choices: Any) -> list[tuple[Any, Any]]:
    flat: list[tuple[Any, Any]] = []
    for key, label in choices:
        flat += label if isinstance(label, list | tuple) else [(key, label)]
    return flat


def _mark(field: forms.Field, value: Any) -> str:
    """The same for a value of the database and for the text that its own form sends."""
    try:
        value = field.to_python(value)
    except ValidationError:
        pass
    if value in field.empty_values:
        value = ""
    if isinstance(value, list | tuple | set):
        value = sorted(map(str, value))
    text = "\n".join(str(value).split("\r\n")).strip()
    return hashlib.sha256(text.encode()).hexdigest()[:10]
