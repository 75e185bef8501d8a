"""What leaving the organization means for matching: nobody is proposed, asked, kept or picked any more.

A draft that names them stays as it was found, and cannot be published; its page says who dropped out and
offers the repair (`queries.drafts.since`). Participations have ended by now (`programs.actions.leaving`).
"""

from datetime import datetime

from matching.actions.requests import sweep_requests
from matching.enums import RequestStatus
from matching.models import SuggestionList
from matching.queries.leaving import cohorts_with_requests_of, kept_with, open_requests_of, picks_of
from mentoring.actors import Actor


def end_choosing(people: list[int], by: Actor, now: datetime) -> None:
    """Requests to and from these people end, and who had asked them asks the next one at once."""
    cohorts = list(cohorts_with_requests_of(people))
    picks_of(people).delete()
    kept_with(people).delete()
    SuggestionList.objects.filter(participant__person__in=people).delete()
    for cohort in cohorts:
        sweep_requests(cohort=cohort, by=by, now=now)
    # Where enrolment was opened again nobody asks anybody for now.
    open_requests_of(people).update(status=RequestStatus.GONE, ended_at=now)
