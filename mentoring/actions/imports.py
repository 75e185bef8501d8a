"""What every import of a file goes through, of people or of answers: kept, mapped, checked, applied.

What the columns mean, and what is written in the end, is each import's own: see `roster_imports`.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import PurePath
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from mentoring.actions import audit
from mentoring.actions.files import store_file
from mentoring.actors import Actor
from mentoring.enums import JobStatus
from mentoring.exchange.columns import cell_text
from mentoring.exchange.mappings import signature
from mentoring.exchange.opening import open_table
from mentoring.exchange.refusals import Limits, Refused
from mentoring.exchange.tables import Table
from mentoring.exchange.uploads import upload_limits
from mentoring.exchange.writers import CONTENT_TYPES, write_csv
from mentoring.jobs import check_cancelled, finish_job, queue_job, report_progress, request_cancel
from mentoring.models import ColumnMapping, FileImport, StoredFile
from mentoring.people.draft import Problem
from mentoring.people.mapping import is_sensitive
from mentoring.queries.imports import content_of
from mentoring.rules import NotAllowed

SAMPLES = 3


class Upload(NamedTuple):
    """A file that can be read. `samples` are the first filled cells of every column: a heading says less
    than its cells."""

    name: str
    content: bytes
    table: Table
    samples: dict[str, list[str]]

    @property
    def headers(self) -> list[str]:
        return self.table.headers


def read_upload(name: str, content: bytes, limits: Limits) -> Upload:
    try:
        table = open_table(io.BytesIO(content), limits=limits)
        return Upload(PurePath(name).name, content, table, _samples(table))
    except Refused as refusal:
        raise NotAllowed(str(refusal)) from None


def _samples(table: Table) -> dict[str, list[str]]:
    samples: dict[str, list[str]] = {header: [] for header in table.headers}
    for row in islice(table.rows(), 200):
        for header, cell in zip(table.headers, row.values, strict=True):
            found = samples[header]
            if len(found) < SAMPLES and (text := cell_text(cell)[:60]) and text not in found:
                found.append(text)
    return samples


def keep_upload(
    found: FileImport, upload: Upload, *, remembered: ColumnMapping | None, by: Actor, **data: Any
) -> None:
    """Save a new import with its file. Samples of sensitive columns are not kept."""
    kind = "application/octet-stream"
    found.file = store_file(name=upload.name, content=upload.content, content_type=kind)
    found.status = JobStatus.DONE  # nothing to work on until the columns are mapped
    found.created_by_id = by.user_id
    found.report = {
        "headers": upload.headers,
        "samples": {name: [] if is_sensitive(name) else cells for name, cells in upload.samples.items()},
        "kind": upload.table.kind,
        "file_notes": upload.table.notes,
        "remembered": remembered.name if remembered else "",
    }
    found.save()
    file = {"file": found.file.name, "sha256": found.file.sha256}
    audit.record(f"{found.NOUN}.started", found, by=by, **file, **data)


def check_can_map(found: FileImport) -> None:
    if found.is_open or found.applied_at:
        raise NotAllowed(
            _("This import is being worked on or is done. Start a new one to map it differently.")
        )


def settle_mapping(
    found: FileImport, *, mapping: Mapping[str, str], name: str, in_line: bool, by: Actor
) -> None:
    """Remember the mapping for files with the same headings, and have the file checked by it."""
    headers = found.report["headers"]
    label = name.strip() or found.report.get("remembered") or PurePath(found.file.name).stem
    ColumnMapping.objects.update_or_create(
        kind=found.mapping_kind,
        signature=signature(headers),
        defaults={"mapping": mapping, "name": label[:120]},
    )
    found.mapping = dict(mapping)
    found.phase = "check"
    found.checked_at = None
    found.counts = {}
    audit.record(f"{found.NOUN}.mapped", found, by=by, mapping=mapping)
    _put_in_line(found, in_line)


def check_was_checked(found: FileImport) -> None:
    if found.phase != "check" or not found.checked_at or found.is_open:
        raise NotAllowed(_("Check the file first, then apply it."))


def approve(found: FileImport, *, errors: int, options: dict[str, Any], in_line: bool, by: Actor) -> None:
    """Have the checked file written. While an error stands, only with the word to skip bad rows."""
    if errors and not options["skip_bad_rows"]:
        raise NotAllowed(
            _("The file has errors. Correct it and upload it again, or choose to skip the bad rows.")
        )
    found.options = {**found.options, **options}
    found.phase = "apply"
    audit.record(f"{found.NOUN}.approved", found, by=by, **options)
    _put_in_line(found, in_line)


def _put_in_line(found: FileImport, in_line: bool) -> None:
    if in_line:
        queue_job(found)
        return
    found.status = JobStatus.QUEUED
    found.attempts = 0
    found.save()


def cancel_import(*, found: FileImport, by: Actor) -> None:
    """Stop an import that waits or runs, or put one aside that was not applied. Nothing has changed."""
    if found.applied_at:
        raise NotAllowed(_("This import is already applied."))
    if found.is_open:
        request_cancel(found)
    else:
        type(found).objects.filter(pk=found.pk).update(status=JobStatus.CANCELLED)
    audit.record(f"{found.NOUN}.cancelled", found, by=by)


def open_file(found: FileImport) -> Table:
    """The worker's view of the file. Rows may still raise `Refused`."""
    content = content_of(found.file_id)
    if not content:
        raise NotAllowed(_("The file of this import is no longer kept. Upload it again."))
    return open_table(io.BytesIO(content), limits=upload_limits())


def follow(found: FileImport, *, total: int, phase: str) -> Callable[[int], None]:
    """`progress(done)`: publish how far the work is, and end it where somebody asked to."""

    def progress(done: int) -> None:
        report_progress(found, done=done, total=total, phase=phase)
        check_cancelled(found)

    progress(0)
    return progress


def keep_check(
    found: FileImport, *, report: Mapping[str, Any], counts: dict[str, Any], problems: list[Problem]
) -> None:
    """Store what the check found; all problems as a file, since the report keeps only what a page shows."""
    StoredFile.objects.filter(pk=found.report.get("errors_file")).delete()
    errors = _errors_file(problems).pk if problems else None
    whole = {**found.report, **report, "errors_file": errors}
    finish_job(found, report=whole, counts=counts, checked_at=timezone.now())


def _errors_file(problems: Iterable[Problem]) -> StoredFile:
    out = io.BytesIO()
    headers = [_("Row"), _("Column"), _("Value"), _("What is wrong")]
    write_csv(out, headers, ([p.line, p.column, p.value, p.reason] for p in problems))
    return store_file(name="errors.csv", content=out.getvalue(), content_type=CONTENT_TYPES["csv"])


def actor_of(found: FileImport, *, command: str) -> Actor:
    """Who applies it: the member who started it, or the command."""
    return Actor.of_user(found.created_by) if found.created_by else Actor.system(command)
