"""The four steps of an import of answers: upload, map, check, apply."""

import io
from collections.abc import Mapping
from itertools import islice
from pathlib import PurePath

from django.utils.translation import gettext as _

from mentoring.actions import audit
from mentoring.actions.files import store_file
from mentoring.actors import Actor
from mentoring.enums import JobStatus
from mentoring.exchange.columns import cell_text
from mentoring.exchange.refusals import Limits, Refused
from mentoring.exchange.tables import Table, open_table
from mentoring.jobs import queue_job, request_cancel
from mentoring.models import ColumnMapping
from mentoring.people.mapping import is_sensitive, signature
from mentoring.rules import NotAllowed
from programs.enums import PairRole
from programs.models import Cohort, ResponseImport
from programs.queries.questionnaires import mirrored_labels, published_definition
from programs.queries.response_imports import kind_of, remembered_mapping
from programs.questions import QuestionnaireDefinition
from programs.questions.opening import why_imports_are_closed
from programs.response_import.mapping import guess_mapping, mapping_problems, usable

TASK = "programs.work_on_response_import"
SAMPLES = 3


def definition_for(cohort: Cohort, role: str) -> QuestionnaireDefinition:
    if reason := why_imports_are_closed(cohort):
        raise NotAllowed(reason)
    definition = published_definition(cohort.program, role)
    if definition is None:
        raise NotAllowed(
            _("Publish the questionnaire first: its questions are what the columns are mapped to.")
        )
    return definition


def start_response_import(
    *, cohort: Cohort, role: PairRole, name: str, content: bytes, limits: Limits, by: Actor
) -> ResponseImport:
    """Keep the file and guess its mapping. A file that cannot be read leaves nothing behind."""
    definition = definition_for(cohort, role)
    try:
        table = open_table(io.BytesIO(content), limits=limits)
        samples = _samples(table)
    except Refused as refusal:
        raise NotAllowed(str(refusal)) from None
    file = store_file(name=PurePath(name).name, content=content, content_type="application/octet-stream")
    remembered = remembered_mapping(role, table.headers)
    mapping = usable(remembered.mapping, table.headers, definition) if remembered else {}
    response_import = ResponseImport.objects.create(
        status=JobStatus.DONE,  # nothing to work on until the columns are mapped
        created_by_id=by.user_id,
        cohort=cohort,
        role=role,
        file=file,
        phase="map",
        mapping=mapping
        or guess_mapping(table.headers, samples, definition, mirrored_labels(cohort.program, role)),
        options={"add_choices": False, "skip_bad_rows": False},
        report={
            "headers": table.headers,
            "samples": {h: [] if is_sensitive(h) else found for h, found in samples.items()},
            "kind": table.kind,
            "file_notes": table.notes,
            "remembered": remembered.name if remembered else "",
        },
    )
    audit.record(
        "response_import.started",
        response_import,
        by=by,
        file=file.name,
        sha256=file.sha256,
        cohort=cohort.pk,
        role=role,
    )
    return response_import


def _samples(table: Table) -> dict[str, list[str]]:
    """The first filled cells of every column: a heading says less than its cells."""
    samples: dict[str, list[str]] = {header: [] for header in table.headers}
    for row in islice(table.rows(), 200):
        for header, cell in zip(table.headers, row.values, strict=True):
            found = samples[header]
            if len(found) < SAMPLES and (text := cell_text(cell)[:60]) and text not in found:
                found.append(text)
    return samples


def choose_response_mapping(
    *,
    response_import: ResponseImport,
    mapping: Mapping[str, str],
    name: str = "",
    in_line: bool = True,
    by: Actor,
) -> ResponseImport:
    """Settle which column is which question, remember it for files with the same headings, and have the
    file checked. `in_line=False`: the caller runs the job itself (the command)."""
    if response_import.is_open or response_import.applied_at:
        raise NotAllowed(
            _("This import is being worked on or is done. Start a new one to map it differently.")
        )
    definition = definition_for(response_import.cohort, response_import.role)
    headers = response_import.report["headers"]
    chosen = {header: target for header, target in mapping.items() if target}
    if problems := mapping_problems(headers, chosen, definition):
        raise NotAllowed(" ".join(problems))
    label = (
        name.strip() or response_import.report.get("remembered") or PurePath(response_import.file.name).stem
    )
    ColumnMapping.objects.update_or_create(
        kind=kind_of(response_import.role),
        signature=signature(headers),
        defaults={"mapping": chosen, "name": label[:120]},
    )
    response_import.mapping = chosen
    response_import.phase = "check"
    response_import.checked_at = None
    response_import.counts = {}
    audit.record("response_import.mapped", response_import, by=by, mapping=chosen)
    put_in_line(response_import, in_line)
    return response_import


def apply_response_import(
    *,
    response_import: ResponseImport,
    add_choices: bool,
    skip_bad_rows: bool,
    in_line: bool = True,
    by: Actor,
) -> ResponseImport:
    """Have the checked file written. `add_choices`: what the questionnaire does not know becomes part of
    its next version; else it is an error, and errors stop the import unless bad rows are to be skipped."""
    if response_import.phase != "check" or not response_import.checked_at or response_import.is_open:
        raise NotAllowed(_("Check the file first, then apply it."))
    definition_for(response_import.cohort, response_import.role)
    counts = response_import.counts
    errors = counts.get("other_errors", 0) + (0 if add_choices else counts.get("choice_errors", 0))
    if errors and not skip_bad_rows:
        raise NotAllowed(
            _("The file has errors. Correct it and upload it again, or choose to skip the bad rows.")
        )
    response_import.options = {"add_choices": add_choices, "skip_bad_rows": skip_bad_rows}
    response_import.phase = "apply"
    audit.record("response_import.approved", response_import, by=by, **response_import.options)
    put_in_line(response_import, in_line)
    return response_import


def put_in_line(response_import: ResponseImport, in_line: bool) -> None:
    if in_line:
        queue_job(response_import, TASK)
        return
    response_import.status = JobStatus.QUEUED
    response_import.attempts = 0
    response_import.save()


def cancel_response_import(*, response_import: ResponseImport, by: Actor) -> None:
    """Stop an import that waits or runs, or put one aside that was not applied. Nothing has changed."""
    if response_import.applied_at:
        raise NotAllowed(_("This import is already applied."))
    if response_import.is_open:
        request_cancel(response_import)
    else:
        ResponseImport.objects.filter(pk=response_import.pk).update(status=JobStatus.CANCELLED)
    audit.record("response_import.cancelled", response_import, by=by)
