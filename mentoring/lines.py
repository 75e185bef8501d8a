"""Texts of a single line: names, places, subjects. By whatever door they come, they are stored as one line,
since they go on into headers of mails, calendar entries, lists and logs."""

from typing import Any

from django.db import models

# Line and paragraph breaks become a blank. Other control characters and what turns the direction of a text
# around (an address that reads as another one) go; the marks that Hebrew and Arabic names need stay.
_BREAKS = dict.fromkeys([*range(0x09, 0x0E), *range(0x1C, 0x20), 0x85, 0x2028, 0x2029], " ")
_TURNING = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_UNSEEN = [*range(0x20), *range(0x7F, 0xA0), 0xFEFF, *range(0xFFF9, 0xFFFC), *range(0xD800, 0xE000)]
_TABLE: dict[int, str | None] = {**dict.fromkeys([*_UNSEEN, *_TURNING]), **_BREAKS}


def one_line(text: str) -> str:
    line = text.translate(_TABLE)
    return text if line == text else line.strip()


class OneLine:
    """For a model's field: what is saved is one line, also in bulk, by an update, and in the instance."""

    attname: str

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        value = super().pre_save(instance, add)  # type: ignore[misc]
        if isinstance(value, str) and (line := one_line(value)) != value:
            setattr(instance, self.attname, line)
            return line
        return value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)  # type: ignore[misc]
        return one_line(value) if isinstance(value, str) else value


class LineField(OneLine, models.CharField):
    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs  # the column is the same: nothing to migrate


class AddressField(OneLine, models.EmailField):
    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs
