"""The import of a form tool's answers from the command line."""

from typing import Any

from django.core.management.base import CommandParser

from mentoring.actors import Actor
from mentoring.management.imports import ImportCommand, read, remembered, run
from mentoring.models import Organization
from mentoring.tenancy.scoping import organization_scope
from programs.actions.response_import import (
    apply_response_import,
    choose_response_mapping,
    standing_errors,
    start_response_import,
)
from programs.enums import PairRole
from programs.management.cohorts import cohort_named
from programs.models import Cohort, ResponseImport
from programs.response_import.plan import unknown_choice
from programs.tasks.response_import import work_on_import

BY = Actor.system("import_responses")


class Command(ImportCommand):
    help = (
        "Import answers from a form tool's export (CSV or XLSX) into a cohort. Nothing is changed while "
        "the file has errors. Exit status: 0 imported (or checked, with --dry-run), 1 errors in the "
        "file, 2 wrong use."
    )

    def add_place(self, parser: CommandParser) -> None:
        parser.add_argument("cohort", help="the cohort's number or exact name")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--role", required=True, choices=PairRole.values)
        choices = parser.add_mutually_exclusive_group()
        choices.add_argument(
            "--add-choices",
            action="store_true",
            help="choices that the questionnaire does not know become part of its next version",
        )
        choices.add_argument(
            "--refuse-choices", action="store_true", help="they are errors (as without either option)"
        )

    def work(self, organization: Organization, options: dict[str, Any]) -> tuple[ResponseImport, bool]:
        cohort = cohort_named(organization, options["cohort"])
        found = check(organization, cohort, options, read(options["file"]))
        add_choices = options["add_choices"]
        errors = standing_errors(found.counts, add_choices=add_choices)
        if not options["dry_run"] and not errors:
            with organization_scope(organization):
                apply_response_import(
                    response_import=found,
                    add_choices=add_choices,
                    skip_bad_rows=False,
                    in_line=False,
                    by=BY,
                )
            found = run(organization, found, work_on_import, "cohort__program")
        return found, bool(errors)

    def told(self, organization: Organization, found: Any, options: dict[str, Any]) -> dict[str, Any]:
        result = super().told(organization, found, options)
        if options["add_choices"]:
            result["errors"] = [e for e in result["errors"] if e["reason"] != unknown_choice()]
        return result

    def answer(self, found: ResponseImport) -> dict[str, Any]:
        report = found.report
        return {
            "cohort": found.cohort_id,
            "role": found.role,
            "mapping": found.mapping,
            "left_out": [header for header in report["headers"] if header not in found.mapping],
            "unknown_choices": {item["key"]: dict(item["choices"]) for item in report["unknown"]},
        }

    def lines(self, result: dict[str, Any]) -> list[str]:
        counts = result["counts"]
        summary = (
            f"{result['file']}: {counts['rows']} rows; people: {counts['people_new']} new, "
            f"{counts['people_known']} known; {result['role']}s: {counts['participants_new']} new, "
            f"{counts['participants_known']} known; {counts['answers']} answers, {counts['unchanged']} rows "
            f"unchanged, {counts['bad_rows']} rows with errors."
        )
        lines = [summary]
        if result["left_out"]:
            lines.append("Left out: " + ", ".join(result["left_out"]))
        for key, choices in result["unknown_choices"].items():
            listed = ", ".join(f"{choice} ({number})" for choice, number in choices.items())
            lines.append(f"{key}: not among the choices: {listed}")
        return lines


def check(
    organization: Organization, cohort: Cohort, options: dict[str, Any], content: bytes
) -> ResponseImport:
    role = PairRole(options["role"])
    with organization_scope(organization):
        mapping = remembered(ResponseImport(role=role).mapping_kind, options["mapping"])
        response_import = start_response_import(
            cohort=cohort,
            role=role,
            name=options["file"].name,
            content=content,
            in_line=False,
            by=BY,
        )
    response_import = run(organization, response_import, work_on_import, "cohort__program")
    with organization_scope(organization):
        choose_response_mapping(
            response_import=response_import,
            mapping=mapping or response_import.mapping,
            name=options["mapping"] or "",
            in_line=False,
            by=BY,
        )
    return run(organization, response_import, work_on_import, "cohort__program")
