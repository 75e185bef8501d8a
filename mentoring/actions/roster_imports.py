"""The four steps of a roster import: upload, map, check, apply."""

import io
from collections.abc import Mapping
from itertools import islice
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _

from mentoring.actions import audit
from mentoring.actions.files import store_file
from mentoring.actors import Actor
from mentoring.enums import JobStatus
from mentoring.exchange.columns import cell_text
from mentoring.exchange.refusals import Limits, Refused
from mentoring.exchange.tables import Table, open_table
from mentoring.jobs import queue_job, request_cancel
from mentoring.models import ColumnMapping, Organization, RosterImport, StoredFile
from mentoring.people.columns import EXTRA
from mentoring.people.mapping import extra_headers, guess_mapping, is_sensitive, mapping_problems, signature
from mentoring.queries.roster_imports import KIND, remembered_mapping
from mentoring.rules import NotAllowed

TASK = "mentoring.run_roster_import"
SAMPLES = 3
FILES_KEPT = 10
# The Americas are no rule: only these write the month first.
MONTH_FIRST = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Anchorage",
    "America/Detroit",
    "America/Boise",
    "America/Indiana/Indianapolis",
    "Pacific/Honolulu",
)


def start_import(
    *, name: str, content: bytes, limits: Limits, organization: Organization, by: Actor
) -> RosterImport:
    """Keep the file and guess its mapping. A file that cannot be read leaves nothing behind."""
    try:
        table = open_table(io.BytesIO(content), limits=limits)
        samples = _samples(table)
    except Refused as refusal:
        raise NotAllowed(str(refusal)) from None
    file = store_file(name=PurePath(name).name, content=content, content_type="application/octet-stream")
    remembered = remembered_mapping(table.headers)
    mapping = remembered.mapping if remembered else suggested_mapping(table.headers)
    roster_import = RosterImport.objects.create(
        status=JobStatus.DONE,  # nothing to work on until the columns are mapped
        created_by_id=by.user_id,
        file=file,
        phase="map",
        mapping=mapping,
        options={"day_first": day_first_habit(organization), "skip_bad_rows": False},
        report={
            "headers": table.headers,
            "samples": samples,
            "kind": table.kind,
            "file_notes": table.notes,
            "remembered": remembered.name if remembered else "",
        },
    )
    audit.record("roster_import.started", roster_import, by=by, file=file.name, sha256=file.sha256)
    forget_old_files()
    return roster_import


def forget_old_files() -> None:
    """Rosters are personal data and a nightly drop piles them up: only the newest imports keep their file.
    Name, size and checksum stay, so that the history still tells what was imported."""
    kept = RosterImport.objects.order_by("-created_at", "-id").values("pk")[:FILES_KEPT]
    old = RosterImport.objects.exclude(pk__in=kept).values("file_id")
    StoredFile.objects.filter(pk__in=old).exclude(content=b"").update(content=b"")


def _samples(table: Table) -> dict[str, list[str]]:
    """The first filled cells of every column: a heading says less than its cells."""
    samples: dict[str, list[str]] = {header: [] for header in table.headers}
    for row in islice(table.rows(), 200):
        for header, cell in zip(table.headers, row.values, strict=True):
            if (
                len(samples[header]) < SAMPLES
                and (text := cell_text(cell)[:60])
                and text not in samples[header]
            ):
                samples[header].append(text)
    return {header: [] if is_sensitive(header) else found for header, found in samples.items()}


def suggested_mapping(headers: list[str]) -> dict[str, str]:
    """What is recognized, and what else may be kept as further attributes."""
    mapping = guess_mapping(headers)
    return mapping | dict.fromkeys(extra_headers(headers, mapping), EXTRA)


def day_first_habit(organization: Organization) -> bool:
    return organization.time_zone not in MONTH_FIRST


def choose_mapping(
    *,
    roster_import: RosterImport,
    mapping: Mapping[str, str],
    day_first: bool,
    name: str = "",
    in_line: bool = True,
    by: Actor,
) -> RosterImport:
    """Settle what the columns mean, remember it for the same headings, and have the file checked.

    `in_line=False`: the caller runs the job itself (the command).
    """
    if roster_import.is_open or roster_import.applied_at:
        raise NotAllowed(
            _("This import is being worked on or is done. Start a new one to map it differently.")
        )
    headers = roster_import.report["headers"]
    chosen = {header: key for header, key in mapping.items() if key}
    if problems := mapping_problems(headers, chosen):
        raise NotAllowed(" ".join(problems))
    label = name.strip() or roster_import.report.get("remembered") or PurePath(roster_import.file.name).stem
    ColumnMapping.objects.update_or_create(
        kind=KIND, signature=signature(headers), defaults={"mapping": chosen, "name": label[:120]}
    )
    roster_import.mapping = chosen
    roster_import.options = {**roster_import.options, "day_first": day_first}
    roster_import.phase = "check"
    roster_import.checked_at = None
    roster_import.counts = {}
    audit.record("roster_import.mapped", roster_import, by=by, mapping=chosen)
    _put_in_line(roster_import, in_line)
    return roster_import


def apply_import(
    *, roster_import: RosterImport, skip_bad_rows: bool, in_line: bool = True, by: Actor
) -> RosterImport:
    """Have the checked file written. While an error stands, only with the word to skip bad rows."""
    if roster_import.phase != "check" or not roster_import.checked_at or roster_import.is_open:
        raise NotAllowed(_("Check the file first, then apply it."))
    if roster_import.counts.get("errors") and not skip_bad_rows:
        raise NotAllowed(
            _("The file has errors. Correct it and upload it again, or choose to skip the bad rows.")
        )
    roster_import.options = {**roster_import.options, "skip_bad_rows": skip_bad_rows}
    roster_import.phase = "apply"
    audit.record("roster_import.approved", roster_import, by=by, skip_bad_rows=skip_bad_rows)
    _put_in_line(roster_import, in_line)
    return roster_import


def _put_in_line(roster_import: RosterImport, in_line: bool) -> None:
    if in_line:
        queue_job(roster_import, TASK)
        return
    roster_import.status = JobStatus.QUEUED
    roster_import.attempts = 0
    roster_import.save()


def cancel_import(*, roster_import: RosterImport, by: Actor) -> None:
    """Stop an import that waits or runs, or put one aside that was not applied. The roster stays as it is."""
    if roster_import.applied_at:
        raise NotAllowed(_("This import is already applied."))
    if roster_import.is_open:
        request_cancel(roster_import)
    else:
        RosterImport.objects.filter(pk=roster_import.pk).update(status=JobStatus.CANCELLED)
    audit.record("roster_import.cancelled", roster_import, by=by)


def record_applied(*, roster_import: RosterImport, counts: dict[str, Any], by: Actor) -> None:
    audit.record("people.imported", roster_import, by=by, **counts)
