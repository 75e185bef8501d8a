"""The roster import for a nightly drop: the same steps as in the browser, in one go."""

import io
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mentoring.actions.roster_imports import apply_import, choose_mapping, start_import
from mentoring.actors import Actor
from mentoring.enums import JobStatus
from mentoring.exchange.refusals import Refused
from mentoring.exchange.tables import open_table, too_large_message
from mentoring.exchange.uploads import upload_limits
from mentoring.jobs import run_job
from mentoring.models import Organization, RosterImport
from mentoring.queries.roster_imports import mapping_named, mapping_names, stored_file
from mentoring.rules import NotAllowed
from mentoring.tasks.people import work_on_import
from mentoring.tenancy.scoping import organization_scope

BY = Actor.system("import_people")


class Command(BaseCommand):
    help = (
        "Import people from a CSV or XLSX file. Nothing is changed while the file has errors, unless "
        "--skip-bad-rows. Exit status: 0 imported (or checked, with --dry-run), 1 errors in the "
        "file, 2 wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", help="the organization's address (slug)")
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping", metavar="NAME", help="a remembered mapping; otherwise by the headings"
        )
        parser.add_argument("--dry-run", action="store_true", help="check only")
        parser.add_argument("--skip-bad-rows", action="store_true", help="import the good rows")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization {options['organization']!r}.", returncode=2)
        content = read(options["file"])
        try:
            roster_import = check(organization, options["file"].name, content, options["mapping"])
            blocked = bool(roster_import.counts.get("errors")) and not options["skip_bad_rows"]
            if not options["dry_run"] and not blocked:
                with organization_scope(organization):
                    apply_import(
                        roster_import=roster_import,
                        skip_bad_rows=options["skip_bad_rows"],
                        in_line=False,
                        by=BY,
                    )
                roster_import = run(organization, roster_import)
        except NotAllowed as refusal:
            self.refuse(str(refusal), as_json=options["json"])
        result = answer(organization, roster_import, dry_run=options["dry_run"])
        self.stdout.write(json.dumps(result, indent=2) if options["json"] else in_words(result))
        if blocked or (options["dry_run"] and result["errors"]):
            raise SystemExit(1)

    def refuse(self, message: str, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"error": message}))
        raise CommandError(message, returncode=1)


def read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > settings.UPLOAD_LIMIT_BYTES:
            raise CommandError(too_large_message(size, upload_limits()), returncode=1)
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=2) from None


def check(organization: Organization, name: str, content: bytes, mapping_name: str | None) -> RosterImport:
    with organization_scope(organization):
        mapping = None
        if mapping_name:
            remembered = mapping_named(mapping_name)
            if remembered is None:
                known = ", ".join(mapping_names()) or "none"
                raise CommandError(
                    f"There is no mapping {mapping_name!r}. Remembered: {known}.", returncode=2
                )
            mapping = known_columns(remembered.mapping, content)
        roster_import = start_import(
            name=name, content=content, limits=upload_limits(), organization=organization, by=BY
        )
        choose_mapping(
            roster_import=roster_import,
            mapping=mapping or roster_import.mapping,
            day_first=roster_import.options["day_first"],
            name=mapping_name or "",
            in_line=False,
            by=BY,
        )
    return run(organization, roster_import)


def known_columns(mapping: dict[str, str], content: bytes) -> dict[str, str]:
    """A named mapping applied to a file whose further columns have changed: new ones are left out."""
    try:
        headers = open_table(io.BytesIO(content), limits=upload_limits()).headers
    except Refused as refusal:
        raise NotAllowed(str(refusal)) from None
    return {header: key for header, key in mapping.items() if header in headers or key != "attribute"}


def run(organization: Organization, roster_import: RosterImport) -> RosterImport:
    """Do the worker's part here, under the job's lock."""
    run_job(RosterImport, work_on_import, organization.pk, roster_import.pk)
    with organization_scope(organization):
        done = RosterImport.objects.select_related("file").defer("file__content").get(pk=roster_import.pk)
    if done.status != JobStatus.DONE:
        raise NotAllowed(done.error or "The import was cancelled.")
    return done


def answer(organization: Organization, roster_import: RosterImport, *, dry_run: bool) -> dict[str, Any]:
    report = roster_import.report
    return {
        "organization": organization.slug,
        "file": roster_import.file.name,
        "import": roster_import.pk,
        "dry_run": dry_run,
        "applied": roster_import.applied_at is not None,
        "counts": roster_import.counts,
        "dates": {header: label for header, label, _certain, _evidence in report["formats"]},
        "notes": report["notes"],
        "errors": errors_of(organization, roster_import),
    }


def errors_of(organization: Organization, roster_import: RosterImport) -> list[dict[str, Any]]:
    """All of them, from the stored list: the report keeps only what a page shows."""
    with organization_scope(organization):
        file = stored_file(roster_import.report.get("errors_file") or 0)
    if file is None:
        return []
    table = open_table(io.BytesIO(bytes(file.content)))
    keys = ("line", "column", "value", "reason")
    rows = (dict(zip(keys, row.values, strict=True)) for row in table.rows())
    return [row | {"line": int(str(row["line"]))} for row in rows]


def in_words(result: dict[str, Any]) -> str:
    counts = result["counts"]
    summary = (
        f"{result['file']}: {counts['rows']} rows, {counts['new']} new, {counts['changed']} changed, "
        f"{counts['unchanged']} unchanged, {counts['left']} left, {counts['bad_rows']} rows with errors."
    )
    lines = [summary]
    lines += [f"{header}: {label}" for header, label in result["dates"].items()]
    lines += result["notes"]
    lines += [
        f"row {error['line']}, {error['column'] or '-'}: {error['value']!r} {error['reason']}"
        for error in result["errors"]
    ]
    done = "Applied." if result["applied"] else "Nothing was changed."
    return "\n".join([*lines, done])
