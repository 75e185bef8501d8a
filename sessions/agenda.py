"""What a pair could talk about: the first meetings are for getting to know each other, topics come after."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.templates_catalog import find_template
from sessions.rules import GETTING_TO_KNOW

Text = str | Promise

GETTING_TO_KNOW_AGENDAS: tuple[tuple[Text, ...], ...] = (
    (
        gettext_lazy("How each of you came to the work you do now"),
        gettext_lazy("What surprised you about our company"),
        gettext_lazy("What you hope to take from these meetings"),
    ),
    (
        gettext_lazy("What matters to you in how people work together"),
        gettext_lazy("A decision you would make differently from your seat"),
        gettext_lazy("A listening round: three minutes each, no interruptions"),
    ),
)
SHOWN = 2  # one topic to talk about, and one in reserve


def agenda_title(ordinal: int) -> str:
    if ordinal <= GETTING_TO_KNOW:
        words = {"number": ordinal, "of": GETTING_TO_KNOW}
        return _("Getting to know each other (%(number)s of %(of)s)") % words
    return _("Meeting %(number)s") % {"number": ordinal}


def agenda_of(ordinal: int, template_key: str) -> Sequence[Text]:
    """Suggestions for a pair's n-th meeting. The program's topics in turn, so that a pair meets each before
    any comes again; empty where the program has none."""
    if ordinal <= GETTING_TO_KNOW:
        return GETTING_TO_KNOW_AGENDAS[max(ordinal, 1) - 1]
    template = find_template(template_key)
    topics = template.topics if template else ()
    first = (ordinal - GETTING_TO_KNOW - 1) * SHOWN
    return [topics[(first + offset) % len(topics)] for offset in range(min(SHOWN, len(topics)))]
