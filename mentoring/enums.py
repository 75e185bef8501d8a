from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """A user's role in an organization. What each may do is the table in `mentoring.tenancy.permissions`."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    CHAMPION = "champion", _("Program champion")
    OVERSEER = "overseer", _("Overseer")
    PARTICIPANT = "participant", _("Participant")


class Theme(TextChoices):
    AUTO = "auto", _("As my device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class PersonStatus(TextChoices):
    ACTIVE = "active", _("Active")
    LEFT = "left", _("Left")


class JobStatus(TextChoices):
    QUEUED = "queued", _("Waiting for a worker")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_JOBS = (JobStatus.QUEUED, JobStatus.RUNNING)


class MessageStatus(TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
