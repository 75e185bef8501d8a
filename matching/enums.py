from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Comparator(TextChoices):
    COVERS = "covers", _("Mentor can show what the mentee wants")
    OVERLAP = "overlap", _("In common")
    SAME = "same", _("Better the same")
    DIFFERENT = "different", _("Better different")
    CLOSE = "close", _("Close to each other")


class Rule(TextChoices):
    """Hard rules: a pair that breaks one is never proposed."""

    SAME_PERSON = "same_person", _("Nobody is paired with himself or herself")
    REPORTING_LINE = "reporting_line", _("Not in the same reporting line, up or down")
    EXCLUSION = "exclusion", _("Not two people on the exclusion list")


class Cause(TextChoices):
    """Why somebody has no pair, as `matching.core.explain` names it."""

    NO_ALLOWED_PARTNER = "no_allowed_partner", _("No partner is allowed")
    UNDER_FLOOR = "under_floor", _("No partner scores high enough")
    COMPETITION = "competition", _("More people than seats")


class RulingKind(TextChoices):
    KEEP = "keep", _("Keep")
    NEVER = "never", _("Never")
