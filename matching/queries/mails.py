"""What the mails of choosing say that can change before they go out, and whether it still is so."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from matching.models import Pick
from matching.queries.inputs import ready
from matching.queries.seats import free_seats
from mentoring.enums import MessageReason
from mentoring.mail.kinds import About, MailKind, Useful
from mentoring.rules import today_in
from programs.models import Participant
from programs.queries.participants import participants
from programs.rules import choosing_is_open


def about_choosing(participant: Participant, partners: Iterable[int] = ()) -> About:
    """Until when, how many, and who is suggested."""
    cohort = participant.cohort
    return {
        "participant": participant.pk,
        "until": str(cohort.choose_until),
        "most": cohort.picks_at_most,
        "mode": cohort.matching_mode,
        "partners": list(partners),
    }


def has_picked(participant: Participant) -> bool:
    return Pick.objects.filter(participant=participant, rank__isnull=False).exists()


def _check_choosing(about: About, now: datetime) -> MessageReason | None:
    me = participants().select_related("organization").filter(pk=about["participant"]).first()
    if me is None or about_choosing(me, about["partners"]) != about:
        return MessageReason.OUTDATED
    if not choosing_is_open(me.cohort, today_in(me.organization.time_zone, now)):
        return MessageReason.OUTDATED
    participant_ids = {me.pk, *about["partners"]}
    if (
        ready(me.cohort).filter(pk__in=participant_ids).count() < len(participant_ids)
        or not free_seats(me.cohort, [me.pk])[me.pk]
    ):
        return MessageReason.OUTDATED
    return None


def _check_last_call(about: About, now: datetime) -> MessageReason | None:
    if has_picked(Participant(pk=about["participant"])):
        return MessageReason.OUTDATED
    return _check_choosing(about, now)


# One word for all of them, also for those of requests: whom somebody asks or chooses is nobody's business.
LABEL = _("About choosing a partner")
KINDS = (
    MailKind("choose_opened", LABEL, Useful.GIVEN, _check_choosing),
    MailKind("choose_last_call", LABEL, Useful.GIVEN, _check_last_call),
)
