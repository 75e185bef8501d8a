"""What every import of a file goes through, of people or of answers: kept, read, mapped, checked, applied.

What the columns mean, and what is written in the end, is each import's own: see `roster_imports`.
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import PurePath
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from mentoring.actions import audit
from mentoring.actions.files import store_file
from mentoring.actors import Actor
from mentoring.enums import OPEN_JOBS, JobStatus
from mentoring.exchange.cells import cell_text
from mentoring.exchange.door import IMPORT, LOOK, Allowance, check_size, open_table, upload_limits
from mentoring.exchange.mappings import signature
from mentoring.exchange.refusals import Refused
from mentoring.exchange.tables import Table
from mentoring.exchange.writers import CONTENT_TYPES, write_csv
from mentoring.jobs import (
    check_cancelled,
    finish_job,
    job_kinds,
    queue_job,
    report_progress,
    request_cancel,
)
from mentoring.models import ColumnMapping, FileImport, StoredFile, User
from mentoring.people.draft import Problem
from mentoring.people.sensitive import sensitive_columns
from mentoring.queries.imports import content_of
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import current_organization_id, organization_scope

SAMPLES, SAMPLE_LENGTH = 3, 60
SAMPLE_ROWS, CELLS_JUDGED, CELL_LENGTH = 200, 40, 120
OPEN_AT_MOST = 3
FILES_KEPT = 10
# In an import's options: the users who took the step; None is a command.
CHECKED_BY, APPROVED_BY = "checked_by", "approved_by"
UPLOADING = 0x66696C65  # the first half of an advisory lock's key; "file" in ASCII


class Look(NamedTuple):
    """What the first reading of a file finds. `samples` are the first filled cells of every column: a heading
    says less than its cells. `sensitive` are the columns of which nothing is shown, with what they seem to
    tell (`people.sensitive.Sensitive`)."""

    headers: list[str]
    samples: dict[str, list[str]]
    sensitive: dict[str, str]
    kind: str
    notes: list[str]


def keep_upload(
    found: FileImport, *, name: str, content: bytes, in_line: bool, by: Actor, **place: Any
) -> FileImport:
    """Save a new import with its file and have a worker look at it. Nothing is read here.

    The same file sent twice is one import. An organization has a few open imports at a time, so that nobody's
    uploads keep all workers from the others. `place` is what else the import's row has.
    """
    name = PurePath(name).name[-200:]
    try:
        check_size(len(content), upload_limits())
    except Refused as refusal:
        raise NotAllowed(str(refusal)) from None
    _one_upload_at_a_time()
    if by.user_id and (sent := _sent_already(found, name, content, by, place)):
        return sent
    if in_line:
        check_open_imports()
    found.file = store_file(name=name, content=content, content_type="application/octet-stream")
    found.phase = "look"
    found.created_by_id = by.user_id
    _put_in_line(found, in_line)
    audit.record(f"{found.NOUN}.started", found, by=by, file=name, sha256=found.file.sha256, **_ids(place))
    forget_old_files(type(found))
    return found


def _ids(place: Mapping[str, Any]) -> dict[str, Any]:
    return {key: getattr(value, "pk", value) for key, value in place.items()}


def _one_upload_at_a_time() -> None:
    """Until the transaction ends, so that two requests count each other. Not the organization's row: an
    import that is being written holds that for long."""
    with connection.cursor() as cursor:
        organization = current_organization_id()
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [UPLOADING, organization % 2**31])


def _sent_already(
    found: FileImport, name: str, content: bytes, by: Actor, place: Mapping[str, Any]
) -> FileImport | None:
    """This user's newest import of the kind, if it is of this very file and nothing was done with it yet."""
    mine = type(found).objects.filter(created_by_id=by.user_id, **place).select_related("file")
    newest = mine.defer("file__content").order_by("-created_at", "-id").first()
    if newest is None or newest.phase not in ("look", "map"):
        return None
    if newest.status in (JobStatus.FAILED, JobStatus.CANCELLED):
        return None
    same = (newest.file.name, newest.file.sha256) == (name, hashlib.sha256(content).hexdigest())
    return newest if same else None


def check_open_imports() -> None:
    kinds = [kind.model for kind in job_kinds if issubclass(kind.model, FileImport)]
    if sum(kind.objects.filter(status__in=OPEN_JOBS).count() for kind in kinds) >= OPEN_AT_MOST:
        raise NotAllowed(
            _("%(number)d files are being worked on already. Wait until one is done, or stop one.")
            % {"number": OPEN_AT_MOST}
        )


def forget_old_files(kind: type[FileImport]) -> None:
    """Files hold personal data and a nightly drop piles them up: only the newest imports keep theirs.
    Name, size and checksum stay, so that the history still tells what was imported."""
    kept = kind.objects.order_by("-created_at", "-id").values("pk")[:FILES_KEPT]
    old = kind.objects.exclude(pk__in=kept).exclude(status__in=OPEN_JOBS).values("file_id")
    StoredFile.objects.filter(pk__in=old).exclude(content=b"").update(content=b"")


def forget_file(found: FileImport) -> None:
    StoredFile.objects.filter(pk=found.file_id).update(content=b"")


def look_into(found: FileImport) -> Look:
    """The worker's first reading. The file of an import that cannot be read is not kept."""
    try:
        with open_file(found, LOOK) as table:
            cells = _first_cells(table)
            sensitive = sensitive_columns(cells, today=timezone.now().date())
            samples = {
                header: [] if header in sensitive else [text[:SAMPLE_LENGTH] for text in texts[:SAMPLES]]
                for header, texts in cells.items()
            }
            return Look(table.headers, samples, sensitive, table.kind, table.notes)
    except NotAllowed:
        with organization_scope(found.organization_id):
            forget_file(found)
        raise


def _first_cells(table: Table) -> dict[str, list[str]]:
    """Different filled cells of the first rows, by heading."""
    cells: dict[str, dict[str, None]] = {header: {} for header in table.headers}
    for row in islice(table.rows(), SAMPLE_ROWS):
        for header, cell in zip(table.headers, row.values, strict=True):
            if len(cells[header]) < CELLS_JUDGED and (text := cell_text(cell)[:CELL_LENGTH]):
                cells[header][text] = None
    return {header: list(texts) for header, texts in cells.items()}


def keep_look(
    found: FileImport, look: Look, *, mapping: Mapping[str, str], remembered: ColumnMapping | None
) -> None:
    """The file can be read: its columns are to be mapped."""
    report = {
        "headers": look.headers,
        "samples": look.samples,
        "sensitive": look.sensitive,
        "kind": look.kind,
        "file_notes": look.notes,
        "remembered": remembered.name if remembered else "",
    }
    finish_job(found, phase="map", mapping=dict(mapping), report=report)


def _hold(found: FileImport) -> None:
    """The row as it is now, until the transaction ends: two who act on it at once follow each other."""
    found.refresh_from_db(from_queryset=type(found).objects.select_for_update(no_key=True))


def check_can_map(found: FileImport) -> None:
    _hold(found)
    if found.is_open or found.applied_at:
        raise NotAllowed(
            _("This import is being worked on or is done. Start a new one to map it differently.")
        )
    if not found.was_read:
        raise NotAllowed(_("This file could not be read. Choose another one."))


def settle_mapping(
    found: FileImport, *, mapping: Mapping[str, str], name: str, in_line: bool, by: Actor, **facts: Any
) -> None:
    """Remember the mapping for files with the same headings, and have the file checked by it. `facts` is what
    the audit log is told besides."""
    headers = found.report["headers"]
    label = name.strip() or found.report.get("remembered") or PurePath(found.file.name).stem
    ColumnMapping.objects.update_or_create(
        kind=found.mapping_kind,
        signature=signature(headers),
        defaults={"mapping": mapping, "name": label[:120]},
    )
    found.mapping = dict(mapping)
    found.options = {**found.options, CHECKED_BY: by.user_id}
    found.phase = "check"
    found.checked_at = None
    found.counts = {}
    audit.record(f"{found.NOUN}.mapped", found, by=by, mapping=mapping, **facts)
    _put_in_line(found, in_line)


def check_was_checked(found: FileImport) -> bool:
    """Refused unless it was checked; False where somebody has pressed "Apply" already."""
    _hold(found)
    if found.phase == "apply" and (found.is_open or found.applied_at):
        return False
    if found.phase != "check" or not found.checked_at or found.is_open:
        raise NotAllowed(_("Check the file first, then apply it."))
    return True


def approve(found: FileImport, *, errors: int, options: dict[str, Any], in_line: bool, by: Actor) -> None:
    """Have the checked file written. While an error stands, only with the word to skip bad rows."""
    if errors and not options["skip_bad_rows"]:
        raise NotAllowed(
            _("The file has errors. Correct it and upload it again, or choose to skip the bad rows.")
        )
    found.options = {**found.options, **options, APPROVED_BY: by.user_id}
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


def cancel_import(*, found: FileImport, by: Actor) -> bool:
    """Stop an import that waits or runs, or put one aside that was not applied. Nothing has changed. Answers
    whether it was this call that did it."""
    _hold(found)
    if found.applied_at:
        raise NotAllowed(_("This import is already applied."))
    if found.status == JobStatus.CANCELLED:
        return False
    if not found.is_open:
        found.status = JobStatus.CANCELLED
        found.save(update_fields=["status"])
    elif not request_cancel(found):
        return False
    if not found.was_read:
        forget_file(found)
    audit.record(f"{found.NOUN}.cancelled", found, by=by)
    return True


@contextmanager
def open_file(found: FileImport, allowance: Allowance = IMPORT) -> Iterator[Table]:
    """The worker's view of the file. It ends when somebody stops the import."""

    def alive() -> None:
        with organization_scope(found.organization_id):
            check_cancelled(found)

    with organization_scope(found.organization_id):
        content = content_of(found.file_id)
    if not content:
        raise NotAllowed(_("The file of this import is no longer kept. Upload it again."))
    try:
        with open_table(content, allowance=allowance, alive=alive) as table:
            del content
            yield table
    except Refused as refusal:
        raise NotAllowed(str(refusal)) from None


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


def checker_of(found: FileImport, *, command: str) -> Actor:
    """Who said what the columns mean and had the file checked."""
    return _who(found, CHECKED_BY, command)


def applier_of(found: FileImport, *, command: str) -> Actor:
    """Who had it written, whoever started it."""
    return _who(found, APPROVED_BY, command)


def _who(found: FileImport, step: str, command: str) -> Actor:
    user_id = found.options.get(step)
    user = User.objects.filter(pk=user_id).first() if user_id else None
    if user_id and user is None:
        raise NotAllowed(_("Whoever said so has no account any more. Check the file again."))
    return Actor.of_user(user) if user else Actor.system(command)
