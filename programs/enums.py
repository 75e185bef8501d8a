from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PairRole(TextChoices):
    """Roles, never rank: in reverse mentoring the mentor is usually the more junior one."""

    MENTOR = "mentor", _("Mentor")
    MENTEE = "mentee", _("Mentee")

    @property
    def other(self) -> "PairRole":
        return PairRole.MENTEE if self is PairRole.MENTOR else PairRole.MENTOR


class CohortStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    ENROLLING = "enrolling", _("Enrolling")
    MATCHING = "matching", _("Matching")
    RUNNING = "running", _("Running")
    CLOSED = "closed", _("Closed")


class ParticipantStatus(TextChoices):
    INVITED = "invited", _("Invited")
    JOINED = "joined", _("Joined")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class QuestionnaireStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Superseded")


class QuestionType(TextChoices):
    """What each type can do stands in one table: `programs.questions.TYPES`."""

    SINGLE_CHOICE = "single_choice", _("One choice")
    SEVERAL_CHOICES = "several_choices", _("Several choices")
    SCALE = "scale", _("Scale")
    SHORT_TEXT = "short_text", _("Short text")
    LONG_TEXT = "long_text", _("Long text")
    NUMBER = "number", _("Number")


class ResponseStatus(TextChoices):
    DRAFT = "draft", _("Started")
    SUBMITTED = "submitted", _("Answered")


class PairStatus(TextChoices):
    ACTIVE = "active", _("Active")
    COMPLETED = "completed", _("Completed")
    ENDED = "ended", _("Ended early")
    RETRACTED = "retracted", _("Taken back before the first meeting")


# Pairs that are no more, and did not go their whole way.
OVER_EARLY = (PairStatus.ENDED, PairStatus.RETRACTED)


class MatchingMode(TextChoices):
    """Who decides who meets whom."""

    ASSIGNED = "assigned", _("You assign: Upward proposes pairs, you publish them")
    HYBRID = "hybrid", _("People pick, then everybody is matched: picks count most")
    CHOOSE = "choose", _("People choose: who asks and is accepted is a pair; you match the rest")
