"""What the mails of a cohort say that can change before they go out, and whether it still is so."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mentoring.enums import MessageReason, PersonStatus
from mentoring.mail.kinds import About, MailKind, Useful
from mentoring.rules import today_in
from programs.enums import OVER_EARLY, CohortStatus, PairStatus, ParticipantStatus
from programs.models import Pair, Participant
from programs.queries.pairs import is_paired, pairs
from programs.queries.participants import participants
from programs.queries.rests import rest_of
from programs.rules import end_of_day, enrolment_is_open


def about_enrolment(participant: Participant) -> About:
    """Whom it asks for what, and until when."""
    return {
        "participant": participant.pk,
        "status": participant.status,
        "answered": participant.answered_at is not None,
        "until": str(participant.cohort.enrol_by),
        "starts": str(participant.cohort.starts_on),
    }


def enrolment_ends(participant: Participant, time_zone: str) -> datetime:
    return end_of_day(participant.cohort.enrol_by, time_zone)


def _check_enrolment(about: About, now: datetime) -> MessageReason | None:
    participant = participants().select_related("organization").filter(pk=about["participant"]).first()
    if participant is None or about_enrolment(participant) != about:
        return MessageReason.OUTDATED
    today = today_in(participant.organization.time_zone, now)
    asks_for_a_yes = participant.status == ParticipantStatus.INVITED
    if not enrolment_is_open(participant.cohort, today) or (
        asks_for_a_yes and rest_of(participant.person, today)
    ):
        return MessageReason.OUTDATED
    return None


def about_pair(pair: Pair) -> About:
    return {"pair": pair.pk, "status": pair.status, "publications": pair.publications}


def pair_thread(pair: Pair, participant: Participant) -> str:
    """The mails to one of the two that say whether they are a pair."""
    return f"pair:{pair.pk}:{participant.pk}"


def pair_sequence(pair: Pair) -> int:
    return 2 * pair.publications + (pair.status != PairStatus.ACTIVE)


def _check_pair(about: About, now: datetime) -> MessageReason | None:
    pair = pairs().filter(pk=about["pair"]).first()
    if pair is None or about_pair(pair) != about or pair.cohort.status == CohortStatus.CLOSED:
        return MessageReason.OUTDATED
    if pair.status in OVER_EARLY:
        return None
    gone = PersonStatus.LEFT in (pair.mentor.person.status, pair.mentee.person.status)
    return MessageReason.OUTDATED if gone else None


def about_waitlist(participant: Participant) -> About:
    return {"participant": participant.pk, "since": str(participant.waitlisted_at)}


def _check_waitlist(about: About, now: datetime) -> MessageReason | None:
    participant = participants().filter(pk=about["participant"], status=ParticipantStatus.JOINED).first()
    if participant is None or about_waitlist(participant) != about or is_paired(participant):
        return MessageReason.OUTDATED
    return None if participant.cohort.status == CohortStatus.RUNNING else MessageReason.OUTDATED


KINDS = (
    MailKind("invitation", _("Invitation to a cohort"), Useful.GIVEN, _check_enrolment),
    MailKind("enrolment_nudge", _("Reminder of an invitation"), Useful.GIVEN, _check_enrolment),
    MailKind("introduction", _("Introduction of a pair"), Useful.ALWAYS, _check_pair),
    MailKind("pair_over", _("A pair has ended"), Useful.ALWAYS, _check_pair),
    MailKind("waitlist", _("No partner yet"), Useful.ALWAYS, _check_waitlist),
    MailKind("new_link", _("A new link"), timedelta(days=settings.SIGNED_LINK_DAYS)),
)
