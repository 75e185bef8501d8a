"""An audit row, and a message, says only what happened: also of the second of two who press at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages

from matching.actions.exclusions import add_exclusion, remove_exclusion
from matching.actions.runs import cancel_run, start_run
from matching.models import Exclusion, MatchRun
from mentoring.actions.members import remove_member
from mentoring.models import AuditEvent, Membership
from mentoring.rules import NotAllowed
from tests.cast import Cast
from tests.matching.making import Someone, make_cohort


def _second_is_refused(remove: Callable[[Any], None], row: Any, again: Any) -> None:
    remove(row)
    with pytest.raises(NotAllowed, match="removed meanwhile"):
        remove(again)


def test_member_removed_twice_is_one_row(northwind: Cast) -> None:
    with northwind.scope():
        found = [Membership.objects.get(user=northwind.overseer) for _ in range(2)]
        _second_is_refused(lambda row: remove_member(membership=row, by=northwind.by), *found)
        assert AuditEvent.objects.filter(action="member.removed").count() == 1


def test_exclusion_removed_twice_is_one_row(northwind: Cast) -> None:
    people = northwind.people
    with northwind.scope():
        made = add_exclusion(person=people["mentor"], other=people["spare"], note="", by=northwind.by)
        found = [Exclusion.objects.get(pk=made.pk) for _ in range(2)]
        _second_is_refused(lambda row: remove_exclusion(exclusion=row, by=northwind.by), *found)
        assert AuditEvent.objects.filter(action="exclusion.removed").count() == 1


def test_run_cancelled_twice_or_too_late_is_one_row(northwind: Cast) -> None:
    with northwind.scope():
        cohort = make_cohort(
            northwind, [Someone("Ada One", ("ai_tools",))], [Someone("Uma Two", ("ai_tools",))]
        )
        run = start_run(cohort=cohort, by=northwind.by)
        stale = [MatchRun.objects.get(pk=run.pk) for _ in range(2)]
        for row in stale:
            cancel_run(run=row, by=northwind.by)
        assert AuditEvent.objects.filter(action="matching.run_cancelled").count() == 1


def test_meeting_moved_to_where_it_is_tells_nobody(northwind: Cast, client: Any, planned: Any) -> None:
    _meeting, url = planned
    form = client.get(url).context["form"]
    data = {
        field.html_name: field.field.widget.format_value(field.value()) or ""
        for field in form
        if field.name != "minutes"
    }
    response = client.post(url, {**data, "minutes": "45"})
    assert response.status_code == 302
    assert [str(message) for message in get_messages(response.wsgi_request)] == ["Nothing was different."]
    with northwind.scope():
        assert not AuditEvent.objects.filter(action="meeting.moved").exists()
