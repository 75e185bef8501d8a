from django import template
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from outcomes.metrics.figures import Figure, Unit

register = template.Library()


@register.filter
def shown(figure: Figure) -> str:
    """The value for people: "81%", "2.4", "1,204", and a dash where there is no base yet."""
    value = figure.value
    if value is None:
        return "–"
    if figure.metric.unit is Unit.PERCENT:
        return _("%(number)s%%") % {"number": number_format(round(value))}
    return number_format(
        value, 1 if figure.metric.unit is Unit.MEAN else 0, use_l10n=True, force_grouping=True
    )


@register.filter
def base_of(figure: Figure) -> str:
    """What the value is of: "120 of 148 pairs", "over 148 pairs"; nothing for a plain count."""
    if figure.base is None:
        return ""
    base = number_format(figure.base, 0 if float(figure.base).is_integer() else 1, force_grouping=True)
    if not figure.base:
        return _("no %(what)s yet") % {"what": figure.metric.base_label}
    if figure.metric.unit is Unit.PERCENT:
        part = number_format(figure.part, 0, force_grouping=True)
        return _("%(part)s of %(base)s %(what)s") % {
            "part": part,
            "base": base,
            "what": figure.metric.base_label,
        }
    if figure.metric.unit is Unit.COUNT:
        return _("of %(base)s %(what)s") % {"base": base, "what": figure.metric.base_label}
    return _("over %(base)s %(what)s") % {"base": base, "what": figure.metric.base_label}


@register.filter
def percent(figure: Figure) -> float | str:
    """For a bar: only a percentage that has a base."""
    return figure.value if figure.metric.unit is Unit.PERCENT and figure.value is not None else ""


@register.simple_tag
def figure_cell(found: dict[str, Figure], key: str) -> SafeString:
    """A figure in a table: its value, and what it is of beneath."""
    figure = found[key]
    return format_html('{}<br><small class="text-secondary">{}</small>', shown(figure), base_of(figure))
