"""The import of answers from the command line: the same steps as in the browser, in one go."""

import io
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mentoring.actors import Actor
from mentoring.enums import JobStatus
from mentoring.exchange.tables import open_table, too_large_message
from mentoring.exchange.uploads import upload_limits
from mentoring.jobs import run_job
from mentoring.models import Organization
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import organization_scope
from programs.actions.response_import import (
    apply_response_import,
    choose_response_mapping,
    start_response_import,
)
from programs.enums import PairRole
from programs.models import Cohort, ResponseImport
from programs.queries.cohorts import find_cohort
from programs.queries.response_imports import mapping_named, mapping_names, stored_file
from programs.response_import.plan import unknown_choice
from programs.tasks.response_import import work_on_import

BY = Actor.system("import_responses")


class Command(BaseCommand):
    help = (
        "Import answers from a form tool's export (CSV or XLSX) into a cohort. Nothing is changed while "
        "the file has errors. Exit status: 0 imported (or checked, with --dry-run), 1 errors in the "
        "file, 2 wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", help="the organization's address (slug)")
        parser.add_argument("cohort", help="the cohort's number or exact name")
        parser.add_argument("file", type=Path)
        parser.add_argument("--role", required=True, choices=PairRole.values)
        parser.add_argument(
            "--mapping", metavar="NAME", help="a remembered mapping; otherwise by the headings"
        )
        choices = parser.add_mutually_exclusive_group()
        choices.add_argument(
            "--add-choices",
            action="store_true",
            help="choices that the questionnaire does not know become part of its next version",
        )
        choices.add_argument(
            "--refuse-choices", action="store_true", help="they are errors (as without either option)"
        )
        parser.add_argument("--dry-run", action="store_true", help="check only")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization {options['organization']!r}.", returncode=2)
        cohort = cohort_named(organization, options["cohort"])
        content = read(options["file"])
        try:
            found = check(organization, cohort, options, content)
            counts = found.counts
            errors = counts["other_errors"] + (0 if options["add_choices"] else counts["choice_errors"])
            if not options["dry_run"] and not errors:
                with organization_scope(organization):
                    apply_response_import(
                        response_import=found,
                        add_choices=options["add_choices"],
                        skip_bad_rows=False,
                        in_line=False,
                        by=BY,
                    )
                found = run(organization, found)
        except NotAllowed as refusal:
            self.refuse(str(refusal), as_json=options["json"])
        result = answer(organization, found, dry_run=options["dry_run"])
        if options["add_choices"]:
            result["errors"] = [e for e in result["errors"] if e["reason"] != unknown_choice()]
        self.stdout.write(json.dumps(result, indent=2) if options["json"] else in_words(result))
        if errors:
            raise SystemExit(1)

    def refuse(self, message: str, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"error": message}))
        raise CommandError(message, returncode=1)


def cohort_named(organization: Organization, wanted: str) -> Cohort:
    with organization_scope(organization):
        try:
            return find_cohort(wanted)
        except NotAllowed as refusal:
            raise CommandError(str(refusal), returncode=2) from None


def read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > settings.UPLOAD_LIMIT_BYTES:
            raise CommandError(too_large_message(size, upload_limits()), returncode=1)
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=2) from None


def check(
    organization: Organization, cohort: Cohort, options: dict[str, Any], content: bytes
) -> ResponseImport:
    role = PairRole(options["role"])
    with organization_scope(organization):
        mapping = None
        if name := options["mapping"]:
            remembered = mapping_named(role, name)
            if remembered is None:
                known = ", ".join(mapping_names(role)) or "none"
                raise CommandError(f"There is no mapping {name!r}. Remembered: {known}.", returncode=2)
            mapping = remembered.mapping
        found = start_response_import(
            cohort=cohort,
            role=role,
            name=options["file"].name,
            content=content,
            limits=upload_limits(),
            by=BY,
        )
        choose_response_mapping(
            response_import=found,
            mapping=mapping or found.mapping,
            name=options["mapping"] or "",
            in_line=False,
            by=BY,
        )
    return run(organization, found)


def run(organization: Organization, found: ResponseImport) -> ResponseImport:
    """Do the worker's part here, under the job's lock."""
    run_job(ResponseImport, work_on_import, organization.pk, found.pk)
    with organization_scope(organization):
        imports = ResponseImport.objects.select_related("file", "cohort__program")
        done = imports.defer("file__content").get(pk=found.pk)
    if done.status != JobStatus.DONE:
        raise NotAllowed(done.error or "The import was cancelled.")
    return done


def answer(organization: Organization, found: ResponseImport, *, dry_run: bool) -> dict[str, Any]:
    report = found.report
    return {
        "organization": organization.slug,
        "cohort": found.cohort_id,
        "role": found.role,
        "file": found.file.name,
        "import": found.pk,
        "dry_run": dry_run,
        "applied": found.applied_at is not None,
        "counts": found.counts,
        "mapping": found.mapping,
        "left_out": [header for header in report["headers"] if header not in found.mapping],
        "unknown_choices": {item["key"]: dict(item["choices"]) for item in report["unknown"]},
        "notes": report["notes"],
        "errors": errors_of(organization, found),
    }


def errors_of(organization: Organization, found: ResponseImport) -> list[dict[str, Any]]:
    """All of them, from the stored list: the report keeps only what a page shows."""
    with organization_scope(organization):
        file = stored_file(found.report.get("errors_file") or 0)
    if file is None:
        return []
    table = open_table(io.BytesIO(bytes(file.content)))
    keys = ("line", "column", "value", "reason")
    rows = (dict(zip(keys, row.values, strict=True)) for row in table.rows())
    return [row | {"line": int(str(row["line"]))} for row in rows]


def in_words(result: dict[str, Any]) -> str:
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
        lines.append(f"{key}: not among the choices: " + ", ".join(f"{c} ({n})" for c, n in choices.items()))
    lines += result["notes"]
    lines += [
        f"row {e['line']}, {e['column'] or '-'}: {e['value']!r} {e['reason']}" for e in result["errors"]
    ]
    return "\n".join([*lines, "Applied." if result["applied"] else "Nothing was changed."])
