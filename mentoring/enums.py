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
    DROPPED = "dropped", _("Not sent any more")


class MessageReason(TextChoices):
    """Why a mail did not go out, or not any more, in words for those who run a program."""

    REPLACED = "replaced", _("A newer mail about the same took its place.")
    LATE = "late", _("It could not be sent in time; later it would have been of no use.")
    OUTDATED = "outdated", _("What it says is no longer so.")
    LEFT = "left", _("The person has left.")
    READDRESSED = "readdressed", _("The address has changed, and the links were made for the old one.")
    NO_ADDRESS = "no_address", _("The mail server says that it cannot deliver to this address.")
    REFUSED = "refused", _("The mail server refused this mail.")
    TOO_BIG = "too_big", _("The mail server takes no mail of this size.")
    PUT_OFF = "put_off", _("The mail server has put this mail off for days.")
    BREAKS = "breaks", _("The mail server breaks off each time at this mail; it may have arrived.")
    IMPOSSIBLE = "impossible", _("No mail can be sent to an address like this.")
    OUR_FAULT = "our_fault", _("Something went wrong on our side. Please tell your operator.")


class AccountEventKind(TextChoices):
    """What the account log tells: sign-ins, failed ones, and changes of what one signs in with."""

    SIGNED_UP = "signed_up", _("Signed up")
    SIGNED_IN = "signed_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed: wrong password")
    SIGN_IN_STOPPED = "sign_in_stopped", _("Sign-in stopped: too many tries")
    CODE_ASKED = "code_asked", _("Sign-in code asked for")
    CODE_FAILED = "code_failed", _("Wrong code")
    SECOND_STEP_FAILED = "second_step_failed", _("Wrong code of the second step")
    RESET_ASKED = "reset_asked", _("New password asked for")
    CONFIRMED = "confirmed", _("Identity confirmed for a change")
    CONFIRM_FAILED = "confirm_failed", _("Wrong password before a change")
    SIGNED_OUT = "signed_out", _("Signed out")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    ADDRESS_ADDED = "address_added", _("E-mail address added")
    ADDRESS_CHANGED = "address_changed", _("Main e-mail address changed")
    ADDRESS_REMOVED = "address_removed", _("E-mail address removed")
    SECOND_STEP_ON = "second_step_on", _("Second step turned on")
    SECOND_STEP_OFF = "second_step_off", _("Second step turned off")
    RECOVERY_CODES_MADE = "recovery_codes_made", _("New recovery codes made")
    CONNECTION_ADDED = "connection_added", _("Other account connected")
    CONNECTION_REMOVED = "connection_removed", _("Other account disconnected")
    SESSION_ENDED = "session_ended", _("A session ended from elsewhere")
    SESSIONS_ENDED = "sessions_ended", _("All other sessions ended")


# These change what somebody signs in with: the organizations they help to run keep a line of them, too.
CREDENTIAL_CHANGES = frozenset(
    {
        AccountEventKind.PASSWORD_CHANGED,
        AccountEventKind.ADDRESS_ADDED,
        AccountEventKind.ADDRESS_CHANGED,
        AccountEventKind.ADDRESS_REMOVED,
        AccountEventKind.SECOND_STEP_ON,
        AccountEventKind.SECOND_STEP_OFF,
        AccountEventKind.RECOVERY_CODES_MADE,
        AccountEventKind.CONNECTION_ADDED,
        AccountEventKind.CONNECTION_REMOVED,
    }
)


class SignUp(TextChoices):
    """Who may set up an organization, as the operator decides."""

    OPEN = "open", _("Everybody")
    INVITED = "invited", _("Invited addresses")
    CLOSED = "closed", _("Nobody")
