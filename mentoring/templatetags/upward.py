"""Template tags of the house: icons, initials, bars, local times, figures with their base."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, FileInput, Input, Select, Textarea
from django.template.defaultfilters import floatformat
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mentoring.demo_accounts import ACCOUNTS, PASSWORD
from mentoring.models import User
from mentoring.queries.outbox import kind_in_words

register = template.Library()

AVATAR_TONES = 6
# A chart with more columns writes "Sep 2025" in two lines, and only every other one on a phone.
CROWDED = 8
TONE_ICONS = {
    "neutral": "info-circle",
    "info": "info-circle",
    "success": "circle-check",
    "warning": "alert-triangle",
    "danger": "alert-circle",
}


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """One icon of the sprite. Decorative unless it gets a label; size is "", "sm", "lg" or "xl"."""
    css = f"icon icon-{size}" if size else "icon"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"></use></svg>',
            css,
            label,
            static("icons.svg"),
            name,
        )
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def tone_icon(tone: str = "", name: str = "") -> SafeString:
    """The icon that goes with a tone, so that color is never the only sign."""
    return icon(name or TONE_ICONS.get(tone, "info-circle"))


def initials(name: str) -> str:
    """First letters of the first and the last word: "Amara van Osei" is AO."""
    words = [word for word in str(name).replace("@", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """A disc with initials; decorative, because the name always stands beside it."""
    tone = sum(str(name).encode()) % AVATAR_TONES
    css = f"face face-{tone}" + (f" face-{size}" if size else "")
    return format_html('<span class="{}" aria-hidden="true">{}</span>', css, initials(name))


@register.filter
def mail_kind(kind: str) -> str:
    """What kind of mail it was, in an organizer's words."""
    return kind_in_words(kind)


@register.filter
def percent_value(part: float | None, whole: float | None) -> float:
    """Share of a whole between 0 and 100, for a bar; 0 where there is no base."""
    if not part or not whole:
        return 0.0
    return max(0.0, min(100.0, 100 * float(part) / float(whole)))


@register.filter
def percent_of(part: float | None, whole: float | None) -> str:
    """Share of a whole for people: "81%", a dash where there is no base; one of many is not "0%", nor all
    but one "100%"."""
    if part is None or not whole:
        return "–"
    percent = round(100 * float(part) / float(whole))
    if part and not percent:
        return _("<1%")
    if percent == 100 and part < whole:
        return _(">99%")
    return _("%(number)s%%") % {"number": formats.number_format(percent)}


@register.filter
def svg_number(value: object) -> str:
    """A number as SVG wants it: a point, never the language's comma; bad input is 0."""
    try:
        return f"{float(str(value)):.2f}".rstrip("0").rstrip(".")
    except ValueError:
        return "0"


def place_of(zone: tzinfo | None) -> str:
    """What people call a zone: Europe/Oslo is "Oslo"."""
    return str(zone or "UTC").rsplit("/", 1)[-1].replace("_", " ")


STYLES = {
    "date": "D j F Y",
    "short": "j M",
    "day": "D j F",
    "time": "H:i",
    "full": "D j F Y, H:i",
    "long": "D j F, H:i",
}


@register.simple_tag
def local_time(value: datetime | None, zone: str | tzinfo | None = None, style: str = "long") -> SafeString:
    """A moment in the reader's zone ("Thu 18 March, 09:30"), or in the named one with its place behind.

    Styles: long (default), full (with the year), day, date, short (day and month), time.
    """
    if value is None:
        return format_html("<span>{}</span>", "–")
    tz = ZoneInfo(zone) if isinstance(zone, str) and zone else zone or None
    local = timezone.localtime(value, tz or None)  # type: ignore[arg-type]
    text = formats.date_format(local, STYLES[style])
    if tz:
        text = f"{text} {place_of(tz)}"  # type: ignore[arg-type]
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), text)


@register.simple_tag
def demo_accounts() -> dict[str, Any] | None:
    """The accounts of a demo that holds its made-up organizations; nothing anywhere else."""
    if not settings.DEMO or not User.objects.filter(email=ACCOUNTS[0][0]).exists():
        return None
    return {"accounts": ACCOUNTS, "password": PASSWORD}


@register.filter
def styled(field: BoundField) -> SafeString:
    """The widget with Tabler's class for its kind, `aria-invalid` left to Django."""
    widget = field.field.widget
    css = widget_class(widget)
    own = str(widget.attrs.get("class", ""))
    classes = " ".join(filter(None, [css, own, "is-invalid" if field.errors and css else ""]))
    return field.as_widget(attrs={"class": classes} if classes else None)


def widget_class(widget: Any) -> str:
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    if isinstance(widget, CheckboxSelectMultiple) or getattr(widget, "input_type", "") == "radio":
        return "choices"
    if isinstance(widget, Select):
        return "form-select"
    if isinstance(widget, Input | Textarea | FileInput) and not widget.is_hidden:
        return "form-control"
    return ""


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.simple_tag
def page_numbers(page: Page) -> list[int | str]:
    """1 2 … 7 8 9 … 20 for a Django page."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.simple_tag(takes_context=True)
def page_query(context: template.Context, number: int, parameter: str = "page") -> str:
    """The query string of this page with another page number; every other key stays."""
    query = context["request"].GET.copy()
    query[parameter or "page"] = str(number)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def sort_state(context: template.Context, key: str, parameter: str = "sort") -> dict[str, str]:
    """What a sortable header shows for its key, and the value that its link asks for next."""
    request = context.get("request")
    current = request.GET.get(parameter, "") if request else ""
    if current == key:
        return {"aria": "ascending", "next": f"-{key}", "icon": "chevron-up"}
    if current == f"-{key}":
        return {"aria": "descending", "next": key, "icon": "chevron-down"}
    return {"aria": "", "next": key, "icon": "selector"}


@cache
def nice_ceiling(highest: float) -> int:
    """The next round number at or above: an axis that ends at 17 ends at 20."""
    magnitude = 1
    while True:
        for factor in (1, 2, 4, 5, 6, 8, 10):
            if factor * magnitude >= highest:
                return factor * magnitude
        magnitude *= 10


@register.inclusion_tag("components/histogram.html")
def histogram(
    bins: Sequence[tuple[str, float]], title: str, description: str, column: str = "", unit: str = ""
) -> dict[str, Any]:
    """A column chart drawn on the server with its table beneath: `bins` are (label, count)."""
    crowded = len(bins) > CROWDED
    width, height, bottom, top = 640.0, 240.0, 46.0 if crowded else 28.0, 20.0
    ceiling = nice_ceiling(max([count for _label, count in bins], default=0) or 1)
    marks = {part: floatformat(ceiling * part / 2, "-1g") for part in (0, 1, 2)}
    left = max(36.0, 12.0 + 11.0 * max(len(mark) for mark in marks.values()))
    step = (width - left) / max(len(bins), 1)
    plot = height - bottom - top
    columns = []
    for position, (label, count) in enumerate(bins):
        tall = plot * count / ceiling
        x = left + position * step + step * 0.12
        columns.append(
            {
                "label": label,
                "words": str(label).split(" ", 1) if crowded else [label],
                "count": count,
                "x": x,
                "y": height - bottom - tall,
                "width": step * 0.76,
                "height": tall,
                "middle": left + (position + 0.5) * step,
                "count_y": height - bottom - tall - 5,
            }
        )
    lines = [{"label": mark, "y": height - bottom - plot * part / 2} for part, mark in marks.items()]
    return {
        "columns": columns,
        "crowded": crowded,
        "lines": lines,
        "left": left,
        "width": width,
        "height": height,
        "label_y": height - bottom + 20,
        "title": title,
        "description": description,
        "column": column or _("Range"),
        "unit": unit or _("Number"),
    }
