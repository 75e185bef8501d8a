"""The steps of an import of answers: upload, map, check, apply."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from mentoring.actions.imports import (
    approve,
    check_can_map,
    check_was_checked,
    keep_look,
    keep_upload,
    look_into,
    settle_mapping,
)
from mentoring.actors import Actor
from mentoring.queries.imports import remembered_mapping
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import organization_scope
from programs.enums import PairRole
from programs.models import Cohort, ResponseImport
from programs.queries.questionnaires import mirrored_labels, published_definition
from programs.questions import QuestionnaireDefinition
from programs.questions.opening import why_imports_are_closed
from programs.response_import.mapping import guess_mapping, mapping_problems, usable


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
    *, cohort: Cohort, role: PairRole, name: str, content: bytes, in_line: bool = True, by: Actor
) -> ResponseImport:
    """Keep the file and have it looked at. `in_line=False`: the caller runs the job itself (the command)."""
    definition_for(cohort, role)
    found = ResponseImport(cohort=cohort, role=role, options={"add_choices": False, "skip_bad_rows": False})
    kept = keep_upload(
        found, name=name, content=content, in_line=in_line, by=by, cohort=cohort, role=role.value
    )
    assert isinstance(kept, ResponseImport)
    return kept


def look_at_answers(response_import: ResponseImport) -> None:
    """The worker's part: read the headings and guess which question each is."""
    look = look_into(response_import)
    with organization_scope(response_import.organization_id):
        cohort = Cohort.objects.select_related("program").get(pk=response_import.cohort_id)
        definition = definition_for(cohort, response_import.role)
        remembered = remembered_mapping(response_import.mapping_kind, look.headers)
        remembered_columns = usable(remembered.mapping, look.headers, definition) if remembered else {}
        mirrored = mirrored_labels(cohort.program, response_import.role)
        mapping = remembered_columns or guess_mapping(look.headers, look.samples, definition, mirrored)
        keep_look(response_import, look, mapping=mapping, remembered=remembered)


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
    check_can_map(response_import)
    definition = definition_for(response_import.cohort, response_import.role)
    chosen = {header: target for header, target in mapping.items() if target}
    if problems := mapping_problems(response_import.report["headers"], chosen, definition):
        raise NotAllowed(" ".join(problems))
    settle_mapping(response_import, mapping=chosen, name=name, in_line=in_line, by=by)
    return response_import


def apply_response_import(
    *,
    response_import: ResponseImport,
    add_choices: bool,
    skip_bad_rows: bool,
    in_line: bool = True,
    by: Actor,
) -> ResponseImport:
    """Have the checked file written, once. `add_choices`: what the questionnaire does not know becomes part
    of its next version; else it is an error, and errors stop the import unless bad rows are to be skipped."""
    if not check_was_checked(response_import):
        return response_import
    definition_for(response_import.cohort, response_import.role)
    options = {"add_choices": add_choices, "skip_bad_rows": skip_bad_rows}
    errors = standing_errors(response_import.counts, add_choices=add_choices)
    approve(response_import, errors=errors, options=options, in_line=in_line, by=by)
    return response_import


def standing_errors(counts: Mapping[str, int], *, add_choices: bool) -> int:
    """Choices that are to be added are no errors."""
    return counts.get("other_errors", 0) + (0 if add_choices else counts.get("choice_errors", 0))
