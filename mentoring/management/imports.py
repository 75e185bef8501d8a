"""An import from the command line: the same steps as in the browser, in one go."""

import csv
import io
import json
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mentoring.enums import JobStatus
from mentoring.exchange.door import upload_limits
from mentoring.exchange.refusals import too_large_message
from mentoring.jobs import run_job
from mentoring.models import FileImport, Organization
from mentoring.queries.imports import mapping_named, mapping_names, stored_file
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import organization_scope

Import = TypeVar("Import", bound=FileImport)


class ImportCommand(BaseCommand):
    """Exit status: 0 imported (or checked, with --dry-run), 1 errors in the file, 2 wrong use.

    A command of its own says in `work(organization, options)` what it does; it answers the import, and
    whether errors keep it from being applied.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", help="the organization's address (slug)")
        self.add_place(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping", metavar="NAME", help="a remembered mapping; otherwise by the headings"
        )
        parser.add_argument("--dry-run", action="store_true", help="check only")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def add_place(self, parser: CommandParser) -> None:
        """Where in the organization the file belongs, before the file itself."""

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization {options['organization']!r}.", returncode=2)
        try:
            found, failed = self.work(organization, options)
        except NotAllowed as refusal:
            self.refuse(str(refusal), as_json=options["json"])
        result = self.told(organization, found, options)
        self.stdout.write(json.dumps(result, indent=2) if options["json"] else self.in_words(result))
        if failed:
            raise SystemExit(1)

    def work(self, organization: Organization, options: dict[str, Any]) -> tuple[Any, bool]:
        raise TypeError(f"{type(self).__name__} does not say what it imports")

    def answer(self, found: Any) -> dict[str, Any]:
        """What the JSON answer says besides what every import does."""
        return {}

    def lines(self, result: dict[str, Any]) -> list[str]:
        """The figures in words."""
        return []

    def refuse(self, message: str, *, as_json: bool) -> NoReturn:
        if as_json:
            self.stdout.write(json.dumps({"error": message}))
        raise CommandError(message, returncode=1)

    def told(self, organization: Organization, found: FileImport, options: dict[str, Any]) -> dict[str, Any]:
        return {
            "organization": organization.slug,
            "file": found.file.name,
            "import": found.pk,
            "dry_run": options["dry_run"],
            "applied": found.applied_at is not None,
            "counts": found.counts,
            **self.answer(found),
            "notes": found.report["notes"],
            "errors": errors_of(organization, found),
        }

    def in_words(self, result: dict[str, Any]) -> str:
        errors = [
            f"row {error['line']}, {error['column'] or '-'}: {error['value']!r} {error['reason']}"
            for error in result["errors"]
        ]
        done = "Applied." if result["applied"] else "Nothing was changed."
        return "\n".join([*self.lines(result), *result["notes"], *errors, done])


def read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > settings.UPLOAD_LIMIT_BYTES:
            raise CommandError(too_large_message(size, upload_limits()), returncode=1)
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=2) from None


def remembered(kind: str, name: str | None) -> dict[str, str] | None:
    """The mapping of this name; None without a name."""
    if not name:
        return None
    found = mapping_named(kind, name)
    if found is None:
        known = ", ".join(mapping_names(kind)) or "none"
        raise CommandError(f"There is no mapping {name!r}. Remembered: {known}.", returncode=2)
    return dict(found.mapping)


def run(organization: Organization, found: Import, work: Any, *related: str) -> Import:
    """Do the worker's part here, under the job's lock."""
    model = type(found)
    run_job(model, work, organization.pk, found.pk)
    with organization_scope(organization):
        imports = model.objects.select_related("file", *related).defer("file__content")
        done: Import = imports.get(pk=found.pk)
    if done.status != JobStatus.DONE:
        raise NotAllowed(done.error or "The import was cancelled.")
    return done


def errors_of(organization: Organization, found: FileImport) -> list[dict[str, Any]]:
    """All of them, from the list that the check stored: the report keeps only what a page shows."""
    with organization_scope(organization):
        file = stored_file(found.report.get("errors_file") or 0)
    if file is None:
        return []
    lines = csv.reader(io.StringIO(bytes(file.content).decode("utf-8-sig"), newline=""))
    next(lines)
    keys = ("line", "column", "value", "reason")
    return [dict(zip(keys, (int(line), *rest), strict=True)) for line, *rest in lines]
