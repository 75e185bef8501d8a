import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mentoring.enums import JobStatus
from mentoring.models import AuditEvent, StoredFile
from outcomes.actions import request_export
from outcomes.models import MetricsExport
from outcomes.queries import counts_of, meetings_by_month
from programs.enums import PairStatus
from programs.models import Cohort, Pair, Participant
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from tests.cast import NOW, Cast, make_cast
from tests.together import at_once


def meet(cast: Cast, number: int, starts_at: datetime, status: MeetingStatus = MeetingStatus.HELD) -> Meeting:
    return Meeting.objects.create(
        pair=cast.pair, number=number, starts_at=starts_at, minutes=45, status=status, planned_by=cast.mentor
    )


@pytest.fixture
def met(northwind: Cast) -> Cast:
    with northwind.scope():
        meet(northwind, 1, datetime(2026, 9, 20, 9, tzinfo=UTC))
        meet(northwind, 2, datetime(2026, 11, 18, 9, tzinfo=UTC))
        meet(northwind, 3, datetime(2026, 10, 1, 9, tzinfo=UTC), MeetingStatus.CANCELLED)
        meet(northwind, 4, datetime(2026, 12, 10, 9, tzinfo=UTC), MeetingStatus.PLANNED)
    return northwind


def test_counts_of_a_cohort(met: Cast, fabrikam: Cast) -> None:
    with fabrikam.scope():
        meet(fabrikam, 1, datetime(2026, 11, 18, 9, tzinfo=UTC))
    with met.scope():
        counts = counts_of([met.cohort], organization=met.organization, now=NOW)[met.cohort.pk]
    found = {name: value for name, value in vars(counts).items() if value}
    months = found.pop("pair_months")
    assert months == pytest.approx(68 / 30.4375)
    assert found == {
        "invited": 2,
        "joined": 2,
        "matchable": 2,
        "paired": 2,
        "pairs": 1,
        "active_pairs": 1,
        "scored": 1,
        "points": 88,
        "met_this_month": 1,
        "ever_met": 1,
        "meetings_held": 2,
        "meetings_planned": 1,
        "meetings_cancelled": 1,
    }


def test_pairs_that_were_taken_back_are_in_no_figure(northwind: Cast) -> None:
    with northwind.scope():
        Pair.objects.update(status=PairStatus.RETRACTED, ended_at=NOW, score=80)
        counts = counts_of([northwind.cohort], organization=northwind.organization, now=NOW)
    found = counts[northwind.cohort.pk]
    assert (found.pairs, found.paired, found.scored, found.pair_months) == (0, 0, 0, 0)


def test_met_this_month_is_the_cohorts_month(met: Cast) -> None:
    with met.scope():
        early = counts_of([met.cohort], organization=met.organization, now=datetime(2026, 11, 10, tzinfo=UTC))
    assert early[met.cohort.pk].met_this_month == 0


def test_meetings_by_month_shows_empty_months(met: Cast) -> None:
    with met.scope():
        months = meetings_by_month(met.cohort)
    assert [(month.isoformat(), number) for month, number in months] == [
        ("2026-09-01", 1),
        ("2026-10-01", 0),
        ("2026-11-01", 1),
    ]


def test_export_runs_in_the_worker_and_is_audited(met: Cast, run_tasks: Any, sign_in: Any) -> None:
    def ask() -> None:
        with met.scope():
            request_export(cohort=met.cohort, format="csv", by=met.by)

    assert run_tasks(ask) == ["outcomes.make_export"]
    with met.scope():
        export = MetricsExport.objects.select_related("file").get()
        assert export.status == JobStatus.DONE
    client = sign_in(met.champion)
    answer = client.get(reverse("metrics_export_file", args=["northwind", export.pk]))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["Row"] for row in rows] == ["metric"] * 16 + ["pair"]
    pair = rows[-1]
    assert (
        pair["Mentor"],
        pair["Mentee"],
        pair["Score (0-100)"],
        pair["Meetings held"],
        pair["Last met"],
    ) == (
        "Amara Osei",
        "Henrik Lund",
        "88",
        "2",
        "2026-11-18",
    )
    with met.scope():
        actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["metrics.export_requested", "metrics.export_downloaded"]


def test_export_holds_no_other_tenants_rows(met: Cast, fabrikam: Cast, run_tasks: Any) -> None:
    def ask() -> None:
        with met.scope():
            request_export(cohort=None, format="csv", by=met.by)

    run_tasks(ask)
    with met.scope():
        content = bytes(StoredFile.objects.get().content).decode("utf-8-sig")
    assert content.count("Amara Osei") == 1  # Fabrikam's mentor has the same name


def test_name_like_a_formula_leaves_as_text(met: Cast, tmp_path: Path) -> None:
    with met.scope():
        person = met.mentor.person
        person.first_name, person.last_name = "=HYPERLINK(1)", ""
        person.save()
    for format in ("csv", "xlsx"):
        out = tmp_path / f"m.{format}"
        call_command("export_metrics", "northwind", format=format, out=out, stdout=io.StringIO())
    rows = list(csv.DictReader(io.StringIO((tmp_path / "m.csv").read_text("utf-8-sig"))))
    assert rows[-1]["Mentor"] == "'=HYPERLINK(1)"
    sheet = openpyxl.load_workbook(tmp_path / "m.xlsx").active
    assert sheet is not None
    heads = [cell.value for cell in sheet[1]]
    last = sheet[sheet.max_row]
    assert last[heads.index("Mentor")].value == "'=HYPERLINK(1)"
    assert last[heads.index("Score (0-100)")].value == 88


@pytest.mark.parametrize(
    ("organization", "cohort", "message"),
    [
        ("nowhere", None, "There is no organization “nowhere”."),
        ("northwind", "Nothing", "There is no cohort “Nothing”."),
    ],
)
def test_command_names_what_it_cannot_find(
    northwind: Cast, tmp_path: Path, organization: str, cohort: str | None, message: str
) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("export_metrics", organization, cohort=cohort, format="csv", out=tmp_path / "m.csv")
    assert str(refused.value) == message


def test_overseer_reads_reports_and_exports_nothing(met: Cast, sign_in: Any) -> None:
    client = sign_in(met.overseer)
    assert client.get(reverse("outcomes", args=["northwind"])).status_code == 200
    assert client.get(reverse("cohort_report", args=["northwind", met.cohort.pk])).status_code == 200
    assert client.get(reverse("metrics_exports", args=["northwind"])).status_code == 403


def test_export_form_refuses_another_tenants_cohort(met: Cast, fabrikam: Cast, sign_in: Any) -> None:
    client = sign_in(met.champion)
    answer = client.post(
        reverse("metrics_exports", args=["northwind"]), {"cohort": fabrikam.cohort.pk, "format": "csv"}
    )
    assert answer.status_code == 422
    with met.scope():
        assert MetricsExport.objects.count() == 0


def _more_cohorts(cast: Cast, number: int) -> None:
    for index in range(number):
        cohort = Cohort.objects.get(pk=cast.cohort.pk)
        cohort.pk, cohort.name = None, f"Copy {index}"
        cohort.save()
        people = [Participant.objects.get(pk=pk) for pk in (cast.mentor.pk, cast.mentee.pk)]
        for person in people:
            person.pk, person.cohort = None, cohort
            person.save()
        Pair.objects.create(
            cohort=cohort, mentor=people[0], mentee=people[1], published_at=NOW - timedelta(days=9)
        )


def test_queries_do_not_grow_with_cohorts(met: Cast, sign_in: Any) -> None:
    client = sign_in(met.champion)
    address = reverse("outcomes", args=["northwind"])
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    with met.scope():
        _more_cohorts(met, 3)
    with CaptureQueriesContext(connection) as four:
        client.get(address)
    assert len(four) == len(one)


@pytest.mark.django_db(transaction=True)
def test_export_asked_for_twice_at_once_is_made_once() -> None:
    northwind = make_cast("northwind", "Northwind")

    def ask() -> int:
        with northwind.scope():
            return request_export(cohort=None, format="csv", by=northwind.by).pk

    first, second = at_once(ask, ask)
    assert first == second
    with northwind.scope():
        assert MetricsExport.objects.count() == 1
