"""What may be asked for when the gap of a group to everybody else shall be closed."""

from django.utils.translation import gettext as _

from matching.enums import Method
from matching.queries.groups import gap_groups
from matching.rules import GAP_ALONE, GAP_AT_MOST, parse_group
from matching.run_settings import Options
from mentoring.rules import NotAllowed
from programs.models import Cohort


def check_gap(options: Options) -> None:
    """Of a group of the roster, never one by what people answered, and with what else is asked for. A group
    that was chosen and is too small by now does no harm: the draft says that nothing was closed."""
    if not options.gap:
        return
    try:
        parse_group(options.gap.group)
    except ValueError:
        raise NotAllowed(
            _("A gap is closed for a group of the roster, by region or unit, and never for one by answers.")
        ) from None
    if not 0 <= options.gap.within <= GAP_AT_MOST:
        raise NotAllowed(_("How near a group shall come is a whole number from 0 to 50."))
    if options.share or options.method == Method.STABLE:
        raise NotAllowed(GAP_ALONE)


def check_group(cohort: Cohort, group: str) -> None:
    """Of a group that is chosen anew."""
    if group not in gap_groups(cohort):
        raise NotAllowed(
            _("There is no such group of five people and more in this cohort. Open the page again.")
        )
