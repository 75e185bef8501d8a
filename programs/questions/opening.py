"""When answers may be given: after joining, and until the pairs are published."""

from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programs.enums import CohortStatus, ParticipantStatus

if TYPE_CHECKING:
    from programs.models import Cohort, Participant

Text = str | Promise


def why_answers_are_closed(participant: "Participant") -> Text:
    """Empty while the participant may answer."""
    if participant.status == ParticipantStatus.INVITED:
        return _("Join the program first, then answer the questions.")
    if participant.status != ParticipantStatus.JOINED:
        return _("You are not taking part in this program, so there is nothing to answer.")
    status = participant.cohort.status
    if status == CohortStatus.DRAFT:
        return _("Enrolment has not begun yet.")
    published, joined = participant.cohort.published_at, participant.joined_at
    if status == CohortStatus.RUNNING and published and joined and joined > published:
        return ""  # a late joiner
    if status not in (CohortStatus.ENROLLING, CohortStatus.MATCHING):
        return _("Partners have been found with these answers, so they can no longer be changed.")
    return ""


def why_imports_are_closed(cohort: "Cohort") -> Text:
    """Empty while answers may be imported; before enrolment opens, too: many programs begin with a form."""
    if cohort.status in (CohortStatus.RUNNING, CohortStatus.CLOSED):
        return _("The pairs of this cohort are published, so answers can no longer be imported.")
    return ""
