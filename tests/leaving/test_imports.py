"""Leaving by a file: what ends is said before, all of it happens or nothing, and twice is once."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mentoring.actions.leaving import mark_people_left, what_ends
from mentoring.enums import JobStatus, PersonStatus, Role
from mentoring.models import AuditEvent, Membership, OutgoingMessage, Person, RosterImport, User
from mentoring.tasks import people as tasks
from programs.enums import PairRole, PairStatus
from programs.models import Pair, Program
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from tests.cast import Cast
from tests.leaving.conftest import on_roster, row_of, rows
from tests.programs.making import add_participant, people

FAR = timedelta(days=400)


@pytest.fixture
def meeting(northwind: Cast) -> Meeting:
    """Ahead whatever today is: an import takes its moment from the clock."""
    with northwind.scope():
        starts_at = timezone.now() + FAR
        return Meeting.objects.create(
            pair=northwind.pair, number=1, starts_at=starts_at, minutes=45, planned_by=northwind.mentor
        )


def state(cast: Cast) -> tuple[str, str, str, bool]:
    """Of the pair, its meeting, the mentee on the roster, and whether the champion has access."""
    with cast.scope():
        return (
            Pair.objects.get().status,
            Meeting.objects.get().status,
            Person.objects.get(employee_id="E3").status,
            Membership.objects.get(user=cast.champion).suspended_at is None,
        )


AS_IT_WAS = (PairStatus.ACTIVE, MeetingStatus.PLANNED, PersonStatus.ACTIVE, True)
ENDED = (PairStatus.ENDED, MeetingStatus.CANCELLED, PersonStatus.LEFT, False)


def both_leave(cast: Cast) -> str:
    """A leader with a pair and a meeting, and the champion."""
    champion = on_roster(cast, cast.champion)
    mentee = cast.people["mentee"]
    return rows((mentee.employee_id or "", mentee.email), (champion.employee_id or "", champion.email))


def test_check_says_what_will_end_and_ends_nothing(
    northwind: Cast, meeting: Meeting, check_file: Any, sign_in: Any
) -> None:
    with northwind.scope():
        Program.objects.update(sponsor=northwind.people["mentee"])
    found = check_file(both_leave(northwind))
    assert found.report["leaving"] == {
        "people": 2,
        "names": ["Henrik Lund", "Northwind Champion"],
        "ends": ["1 pair", "1 planned meeting", "1 participation", "1 sponsor", "1 program champion"],
        "kept": [],
    }
    assert state(northwind) == AS_IT_WAS
    page = sign_in(northwind.owner).get(f"/o/northwind/people/imports/{found.pk}/").content.decode()
    for words in ("2 people leave", "Henrik Lund, Northwind Champion", "<li>1 planned meeting</li>"):
        assert words in page


def test_apply_ends_it_all(northwind: Cast, meeting: Meeting, import_file: Any, sign_in: Any) -> None:
    found = import_file(both_leave(northwind))
    assert (found.status, found.counts["left"]) == (JobStatus.DONE, 2)
    assert state(northwind) == ENDED
    page = sign_in(northwind.owner).get(f"/o/northwind/people/imports/{found.pk}/").content.decode()
    assert "These have ended:" in page


def test_file_applied_twice_ends_once(northwind: Cast, meeting: Meeting, import_file: Any) -> None:
    content = both_leave(northwind)
    import_file(content)
    with northwind.scope():
        before = [model.objects.count() for model in (OutgoingMessage, Pair)]
    again = import_file(content)
    assert (again.counts["left"], again.counts["unchanged"]) == (0, 2)
    assert again.report["leaving"]["ends"] == []
    with northwind.scope():
        assert [model.objects.count() for model in (OutgoingMessage, Pair)] == before
        assert AuditEvent.objects.filter(action="pair.ended").count() == 1


def test_worker_killed_between_ending_and_writing_changes_nothing(
    northwind: Cast, meeting: Meeting, check_file: Any, import_file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*args: Any, **more: Any) -> None:
        raise Killed

    content = both_leave(northwind)
    monkeypatch.setattr(tasks, "write_plan", die)
    with pytest.raises(Killed):
        import_file(content)
    assert state(northwind) == AS_IT_WAS
    with northwind.scope():
        assert OutgoingMessage.objects.count() == 0
    monkeypatch.undo()


def test_who_is_not_in_the_file_stays(northwind: Cast, meeting: Meeting, import_file: Any) -> None:
    found = import_file(row_of(northwind.people["spare"], status="Active", on=""))
    assert found.counts["absent"] == 3
    assert state(northwind) == AS_IT_WAS


def test_day_to_come_ends_nothing_yet(northwind: Cast, meeting: Meeting, import_file: Any) -> None:
    """Terminated, says the file, as of a day that has not come."""
    found = import_file(row_of(northwind.people["mentee"], on="2090-12-31"))
    assert found.counts["left"] == 0
    assert any("leaves on a day to come" in note for note in found.report["notes"])
    assert state(northwind) == AS_IT_WAS
    with northwind.scope():
        assert Person.objects.get(employee_id="E3").left_on == date(2090, 12, 31)


def test_command_says_what_ends(northwind: Cast, meeting: Meeting, tmp_path: Any) -> None:
    path = tmp_path / "leavers.csv"
    path.write_text(both_leave(northwind))
    out = io.StringIO()
    call_command("import_people", "northwind", str(path), "--dry-run", stdout=out)
    assert (
        "Ends with those who leave: 1 pair, 1 planned meeting, 1 participation, 1 program champion."
        in out.getvalue()
    )
    assert state(northwind) == AS_IT_WAS


def test_queries_do_not_grow_with_the_number_of_leavers(northwind: Cast) -> None:
    """Of whom nothing hangs on: nearly everybody in a company of 100,000."""

    def queries(number: int, first: int) -> int:
        ids = [person.pk for person in people(number, first=first)]
        with CaptureQueriesContext(
            connection,
        ) as found:
            mark_people_left(ids, now=northwind.pair.published_at, by=northwind.by)
        return len(found)

    with northwind.scope():
        few = queries(2, 2000)
        assert queries(60, 3000) == few
        assert few <= 15


def test_long_list_looks_at_those_whom_it_concerns(northwind: Cast) -> None:
    """Of a thousand who leave, four have something here, each something else."""
    with northwind.scope():
        crowd, now = people(1000, first=5000), northwind.pair.published_at
        invited, sponsor, written, member = crowd[10], crowd[400], crowd[700], crowd[999]
        add_participant(northwind.cohort, invited, PairRole.MENTOR, status="invited")
        Program.objects.update(sponsor=sponsor)
        OutgoingMessage.objects.create(
            kind="new_link", to_email=written.email, person=written, idempotency_key="waits"
        )
        Membership.objects.create(
            user=User.objects.create_user(member.email),
            role=Role.ADMIN,
            joined_at=now,
        )
        ids = [person.pk for person in crowd]
        assert what_ends(ids, now=now).words == ["1 open invitation", "1 sponsor", "1 admin"]
        mark_people_left(ids, now=now, by=northwind.by)
        assert what_ends(ids, now=now).words == ["1 sponsor"]
        assert OutgoingMessage.objects.get().status == "dropped"
        assert Membership.objects.get(user__email=member.email).suspended_at == now


def test_import_of_leavers_from_before_is_applied_as_a_whole(northwind: Cast, import_file: Any) -> None:
    """One who leaves, one who comes back, one who is new: in one file."""
    with northwind.scope():
        Person.objects.filter(pk=northwind.people["spare"].pk).update(status=PersonStatus.LEFT)
    content = "Employee ID,Work Email,Status\nE3,henrik.lund@northwind.example,Terminated\n"
    content += "E4,jun.park@northwind.example,Active\nE77,new.one@northwind.example,Active\n"
    found: RosterImport = import_file(content)
    assert (found.counts["new"], found.counts["left"]) == (1, 1)
    with northwind.scope():
        statuses = Person.objects.values_list("employee_id", "status")
        assert {"E3": "left", "E4": "active", "E77": "active"}.items() <= dict(statuses).items()
        assert Pair.objects.get().status == PairStatus.ENDED
