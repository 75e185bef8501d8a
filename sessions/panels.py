"""What this app hands up to the pages of a cohort and of a participant (`programs.registries`)."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from programs.enums import OVER_EARLY, PairStatus
from programs.models import Cohort, Participant
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from sessions.queries.counts import met_this_month, pairs_that_need_help
from sessions.queries.meetings import pairs_of, side_of

SHOWN = 6


def met_this_month_panel(cohort: Cohort, request: Any) -> dict[str, Any] | None:
    figures = met_this_month(cohort, request.organization, now=timezone.now())
    if figures is None:
        return None
    url = reverse("cohort_meetings", args=[request.organization.slug, cohort.pk])
    return {"figures": figures, "url": f"{url}?show=not_met"}


def pairs_that_need_you_panel(cohort: Cohort, request: Any) -> dict[str, Any] | None:
    now = timezone.now()
    silent = pairs_that_need_help(cohort, now=now)
    pairs: list[Any] = list(silent[: SHOWN + 1])
    if not pairs:
        return None
    total = len(pairs) if len(pairs) <= SHOWN else silent.count()
    rows = [{"pair": pair, "days": (now - pair.silent_since).days} for pair in pairs[:SHOWN]]
    url = reverse("cohort_meetings", args=[request.organization.slug, cohort.pk])
    return {"rows": rows, "total": total, "url": f"{url}?show=nothing_planned&sort=last_met"}


def my_pairs_panel(participant: Participant, request: Any) -> dict[str, Any] | None:
    """A participant's pairs, each with its next meeting, or the one that waits for an answer."""
    now = timezone.now()
    pairs = [pair for pair in pairs_of(participant) if pair.status not in OVER_EARLY]
    if not pairs:
        return None
    planned = Meeting.objects.filter(pair__in=pairs, status=MeetingStatus.PLANNED).order_by("starts_at")
    by_pair: dict[int, list[Meeting]] = {}
    for meeting in planned:
        by_pair.setdefault(meeting.pair_id, []).append(meeting)
    rows = []
    for pair in pairs:
        side = side_of(pair, participant.pk)
        assert side is not None  # pairs_of found them in it
        own = by_pair.get(pair.pk, [])
        following = next((meeting for meeting in own if meeting.starts_at > now), None)
        rows.append(
            {
                "side": side,
                "url": reverse("pair", args=[request.organization.slug, participant.pk, pair.pk]),
                "clocks": side.clocks(following.starts_at, following.minutes) if following else None,
                "waiting": any(meeting.starts_at <= now for meeting in own),
                "active": pair.status == PairStatus.ACTIVE,
            }
        )
    return {"rows": rows}
