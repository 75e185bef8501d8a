"""What matching shows on pages of the apps below, and what its audit rows say in words."""

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from matching.actions.request_mails import cards_between
from matching.enums import Choosing
from matching.queries.people import people_by_id
from matching.queries.picks import choices_of, turnout
from matching.queries.requests import received_by, self_made, sent_by
from matching.queries.runs import current_draft, open_run, readiness
from matching.queries.seats import choosing_now
from matching.rules import CHOICE_WORDS, LAST_CALL, last_day, request_is_open
from mentoring.rules import today_in
from mentoring.tenancy.permissions import Permission
from programs.enums import CohortStatus, MatchingMode, PairRole
from programs.models import Cohort, Participant
from programs.next_steps import Step
from programs.rules import choosing_is_open, people_choose

BEFORE_PAIRS = (CohortStatus.ENROLLING, CohortStatus.MATCHING)
AUDIT_WORDS = {
    "matching.criteria_filled": _("Matching criteria taken from the template"),
    "matching.settings_changed": _("Matching criteria changed"),
    "matching.options_changed": _("What pairs aim at changed"),
    "matching.criterion_added": _("Matching criterion added"),
    "matching.criterion_changed": _("Matching criterion changed"),
    "matching.criterion_removed": _("Matching criterion removed"),
    "matching.ruled": _("Kept or ruled out a pairing"),
    "matching.run_started": _("Matching started"),
    "matching.run_done": _("Matching finished"),
    "matching.run_cancelled": _("Matching cancelled"),
    "matching.edited": _("Draft pairing changed by hand"),
    "matching.edit_undone": _("Change of a draft pairing undone"),
    "matching.adopted": _("Draft pairing adopted"),
    "matching.remedied": _("Somebody without a partner placed by hand"),
    "matching.downloaded": _("Draft pairing downloaded"),
    "matching.published": _("Draft pairing published"),
    "matching.taken_back": _("Published pairing taken back"),
    "picks.changed": _("Changed whom to meet"),
    "pair_request.sent": _("Asked, or took back, by a changed list"),
    "pair_request.accepted": _("Accepted a request"),
    "pair_request.declined": _("Declined a request"),
    "exclusion.added": _("Two people put on the exclusion list"),
    "exclusion.removed": _("Two people taken off the exclusion list"),
}

LEAVING_WORDS = {
    "requests": ngettext_lazy("%(number)s open request", "%(number)s open requests", "number"),
}


def match_status(cohort: Cohort, request: Any) -> dict[str, Any] | None:
    """Where matching stands, until the pairs are published."""
    if cohort.status not in (CohortStatus.ENROLLING, CohortStatus.MATCHING):
        return None
    if not request.membership.has(Permission.RUN_MATCHING):
        return None
    run = current_draft(cohort)
    return {
        "cohort": cohort,
        "readiness": readiness(cohort),
        "open_run": open_run(cohort),
        "run": run,
        "figures": run.figures if run else None,
    }


def choosing_status(cohort: Cohort, request: Any) -> dict[str, Any] | None:
    """How far people are with choosing, in the phase in which they do and until pairs are published."""
    if cohort.status != CohortStatus.MATCHING or not people_choose(cohort):
        return None
    return {"cohort": cohort, **choosing_context(cohort, request)}


def choosing_context(cohort: Cohort, request: Any) -> dict[str, Any]:
    today = today_in(request.organization.time_zone, timezone.now())
    found = turnout(cohort)
    last_call = cohort.choose_until - LAST_CALL if cohort.choose_until else None
    return {
        "self_made": self_made(cohort) if cohort.matching_mode == MatchingMode.CHOOSE else None,
        "choosing_open": choosing_is_open(cohort, today),
        "turnout": [(PairRole(role), one) for role, one in found.items()],
        "people": sum(one.of for one in found.values()),
        "missing": sum(one.missing for one in found.values()),
        "last_call": last_call if last_call and last_call > today else None,
    }


def my_picks(participant: Participant, request: Any) -> dict[str, Any] | None:
    """On their own page, whom they picked; once they are paired that says more."""
    if participant.cohort.status != CohortStatus.MATCHING or not people_choose(participant.cohort):
        return None
    state = choosing_now(participant, request.organization.time_zone, timezone.now())
    if state not in (Choosing.OPEN, Choosing.OVER):
        return None
    ranked = choices_of(participant).ranked
    people = people_by_id(ranked)
    rows = [(CHOICE_WORDS[place], people[pk]) for place, pk in enumerate(ranked)]
    return {"rows": rows, "is_open": state == Choosing.OPEN} if rows else None


def my_requests(participant: Participant, request: Any) -> dict[str, Any] | None:
    """Who asks them, with what speaks for it, and whom they asked: until pairs are published."""
    cohort = participant.cohort
    if cohort.matching_mode != MatchingMode.CHOOSE or cohort.status not in BEFORE_PAIRS:
        return None
    now, zone = timezone.now(), request.organization.time_zone
    is_open = choosing_is_open(cohort, today_in(zone, now))
    received = received_by(participant, now) if is_open else []
    sent = sent_by(participant)
    if not received and not sent:
        return None
    cards = cards_between(cohort, [(participant.pk, one.sender_id) for one in received])
    return {
        "participant": participant,
        "cohort": cohort,
        "comes_first": bool(received),
        "is_open": is_open,
        "waiting": len(received) or "",
        "received": [
            {
                "request": one,
                "card": cards.get((participant.pk, one.sender_id)),
                "until": last_day(one.expires_at, zone),
            }
            for one in received
        ],
        "sent": [
            {
                "request": one,
                "waits": (is_open or cohort.status == CohortStatus.ENROLLING) and request_is_open(one, now),
                "until": last_day(one.expires_at, zone),
            }
            for one in sent
        ],
    }


def request_step(participant: Participant, request: Any) -> Step | None:
    """Who asks them, as the first thing on their home page: the request that runs out first."""
    cohort = participant.cohort
    if cohort.matching_mode != MatchingMode.CHOOSE or cohort.status not in BEFORE_PAIRS:
        return None
    now, zone = timezone.now(), request.organization.time_zone
    if not choosing_is_open(cohort, today_in(zone, now)):
        return None
    received = received_by(participant, now)
    if not received:
        return None
    first, number = received[0], len(received)
    if participant.role == PairRole.MENTOR:
        one = _("%(name)s would like you as a mentor")
        many = ngettext_lazy(
            "%(number)s person would like you as a mentor",
            "%(number)s people would like you as a mentor",
            number,
        )
    else:
        one = _("%(name)s would like to be your mentor")
        many = ngettext_lazy(
            "%(number)s person would like to be your mentor",
            "%(number)s people would like to be your mentor",
            number,
        )
    title = one % {"name": first.sender.person.name} if number == 1 else many % {"number": number}
    day = date_format(last_day(first.expires_at, zone), "l, j F")
    return Step(
        title,
        _("Please answer by %(day)s. If you say yes, you are a pair at once.") % {"day": day},
        _("Read and answer"),
        "pair_request",
        {"request_id": first.pk},
    )
