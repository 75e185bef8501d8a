from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Comparator(TextChoices):
    COVERS = "covers", _("Mentor can show what the mentee wants")
    OVERLAP = "overlap", _("In common")
    SAME = "same", _("Better the same")
    DIFFERENT = "different", _("Better different")
    CLOSE = "close", _("Close to each other")
    RETURNS = "returns", _("Mentee can show what the mentor wants")
    SKILL_GAP = "skill_gap", _("Mentor is ahead of the mentee")
    HOURS = "hours", _("Working hours in common")
    MUST_DIFFER = "must_differ", _("Must differ")
    MUST_MATCH = "must_match", _("Must be the same")


class Rule(TextChoices):
    """Hard rules: a pair that breaks one is never proposed."""

    SAME_PERSON = "same_person", _("Nobody is paired with themselves")
    REPORTING_LINE = "reporting_line", _("Not in the same reporting line, up or down")
    EARLIER_PARTNER = "earlier_partner", _("Not with a partner from another cohort, now or before")
    EXCLUSION = "exclusion", _("Not two people on the exclusion list")


class Cause(TextChoices):
    """Why somebody has no pair, as `matching.core.explain` names it."""

    NO_ALLOWED_PARTNER = "no_allowed_partner", _("No partner is allowed")
    UNDER_FLOOR = "under_floor", _("No partner scores high enough")
    COMPETITION = "competition", _("More people than seats")


class RulingKind(TextChoices):
    KEEP = "keep", _("Keep")
    NEVER = "never", _("Never")


class Method(TextChoices):
    SOLVER = "solver", _("Best for all together")
    STABLE = "stable", _("Stable: no two people would rather have each other")


class RunPurpose(TextChoices):
    DRAFT = "draft", _("Draft")
    EDIT = "edit", _("Changed by hand")
    WHAT_IF = "what_if", _("What if")
    REPAIR = "repair", _("Repair")


class EditKind(TextChoices):
    """What a champion changes in a draft by hand."""

    MENTEE = "mentee", _("Another mentee for the mentor")
    MENTOR = "mentor", _("Another mentor for the mentee")
    SWAP = "swap", _("Swap partners with another pair")
    REMEDY = "remedy", _("A partner for somebody who had none")


class InquiryKind(TextChoices):
    PRICE = "price", _("What a pair would cost")
    REMEDIES = "remedies", _("What would place somebody")


class RequestStatus(TextChoices):
    OPEN = "open", _("Waiting for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Taken back")
    GONE = "gone", _("No seat left")


class Choosing(TextChoices):
    """Where one participant stands with choosing their partner (`matching.rules.choosing_of`)."""

    NOT_HERE = "not_here", _("Pairs are assigned")
    NOT_YET = "not_yet", _("Not open yet")
    OPEN = "open", _("Open")
    UNANSWERED = "unanswered", _("Answers are missing")
    PAIRED = "paired", _("Already paired")
    OVER = "over", _("Over")
