"""The roster import for a nightly drop."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from mentoring.actions.roster_imports import apply_import, choose_mapping, start_import
from mentoring.actors import Actor
from mentoring.management.imports import ImportCommand, read, remembered, run
from mentoring.models import Organization, RosterImport
from mentoring.people.columns import EXTRA
from mentoring.tasks.people import work_on_import
from mentoring.tenancy.scoping import organization_scope

BY = Actor.system("import_people")


class Command(ImportCommand):
    help = (
        "Import people from a CSV or XLSX file. Nothing is changed while the file has errors, unless "
        "--skip-bad-rows. Exit status: 0 imported (or checked, with --dry-run), 1 errors in the "
        "file, 2 wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--skip-bad-rows", action="store_true", help="import the good rows")
        parser.add_argument(
            "--keep",
            metavar="COLUMN",
            action="append",
            default=[],
            help="keep this further column; repeatable",
        )
        parser.add_argument(
            "--reason",
            metavar="COLUMN=WHY",
            action="append",
            default=[],
            help="why mentoring needs a sensitive column that is kept; repeatable",
        )

    def work(self, organization: Organization, options: dict[str, Any]) -> tuple[RosterImport, bool]:
        found = check(
            organization,
            options["file"].name,
            read(options["file"]),
            options["mapping"],
            keep=options["keep"],
            reasons=reasons_of(options["reason"]),
        )
        errors, skip = bool(found.counts.get("errors")), options["skip_bad_rows"]
        if not options["dry_run"] and (skip or not errors):
            with organization_scope(organization):
                apply_import(roster_import=found, skip_bad_rows=skip, in_line=False, by=BY)
            found = run(organization, found, work_on_import)
        return found, errors and (options["dry_run"] or not skip)

    def answer(self, found: RosterImport) -> dict[str, Any]:
        formats = found.report["formats"]
        dates = {header: label for header, label, _certain, _evidence in formats}
        return {
            "dates": dates,
            "leaving": found.report["leaving"],
            "left_out": [header for header in found.report["headers"] if header not in found.mapping],
            "sensitive": found.sensitive,
        }

    def lines(self, result: dict[str, Any]) -> list[str]:
        counts = result["counts"]
        summary = (
            f"{result['file']}: {counts['rows']} rows, {counts['new']} new, {counts['changed']} changed, "
            f"{counts['unchanged']} unchanged, {counts['left']} left, {counts['bad_rows']} rows with errors."
        )
        ends = (
            [f"Ends with those who leave: {', '.join(ends)}."] if (ends := result["leaving"]["ends"]) else []
        )
        kept = [
            f"{name} is the last who can manage members and stays one." for name in result["leaving"]["kept"]
        ]
        dates = [f"{header}: {label}" for header, label in result["dates"].items()]
        left_out = [f"Left out: {', '.join(result['left_out'])}."] if result["left_out"] else []
        return [summary, *ends, *kept, *dates, *left_out]


def check(
    organization: Organization,
    name: str,
    content: bytes,
    mapping_name: str | None,
    *,
    keep: Sequence[str] = (),
    reasons: Mapping[str, str] | None = None,
) -> RosterImport:
    with organization_scope(organization):
        mapping = remembered(RosterImport().mapping_kind, mapping_name)
        roster_import = start_import(
            name=name, content=content, organization=organization, in_line=False, by=BY
        )
    roster_import = run(organization, roster_import, work_on_import)
    if mapping is not None:
        mapping = known_columns(mapping, roster_import.report["headers"])
    mapping = dict(mapping or roster_import.mapping) | dict.fromkeys(keep, EXTRA)
    with organization_scope(organization):
        choose_mapping(
            roster_import=roster_import,
            mapping=mapping,
            reasons=reasons,
            day_first=roster_import.options["day_first"],
            name=mapping_name or "",
            in_line=False,
            by=BY,
        )
    return run(organization, roster_import, work_on_import)


def reasons_of(texts: Sequence[str]) -> dict[str, str]:
    """`COLUMN=WHY` as it was given; a heading may hold a "=" of its own, a reason begins after the last."""
    return {column: reason for column, _equals, reason in (text.rpartition("=") for text in texts)}


def known_columns(mapping: dict[str, str], headers: list[str]) -> dict[str, str]:
    """A named mapping applied to a file whose further columns have changed: new ones are left out."""
    return {header: key for header, key in mapping.items() if header in headers or key != EXTRA}
