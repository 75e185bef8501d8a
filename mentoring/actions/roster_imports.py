"""The four steps of a roster import: upload, map, check, apply."""

from collections.abc import Mapping
from typing import Any

from mentoring.actions import audit
from mentoring.actions.imports import (
    approve,
    check_can_map,
    check_was_checked,
    keep_upload,
    read_upload,
    settle_mapping,
)
from mentoring.actors import Actor
from mentoring.exchange.refusals import Limits
from mentoring.models import Organization, RosterImport, StoredFile
from mentoring.people.columns import EXTRA
from mentoring.people.mapping import extra_headers, guess_mapping, mapping_problems
from mentoring.queries.imports import remembered_mapping
from mentoring.rules import NotAllowed

FILES_KEPT = 10
# The Americas are no rule: only these write the month first.
MONTH_FIRST = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix",
    "America/Anchorage", "America/Detroit", "America/Boise", "America/Indiana/Indianapolis",
    "Pacific/Honolulu",
)  # fmt: skip


def start_import(
    *, name: str, content: bytes, limits: Limits, organization: Organization, by: Actor
) -> RosterImport:
    """Keep the file and guess its mapping. A file that cannot be read leaves nothing behind."""
    upload = read_upload(name, content, limits)
    found = RosterImport(options={"day_first": day_first_habit(organization), "skip_bad_rows": False})
    remembered = remembered_mapping(found.mapping_kind, upload.headers)
    found.mapping = remembered.mapping if remembered else suggested_mapping(upload.headers)
    keep_upload(found, upload, remembered=remembered, by=by)
    forget_old_files()
    return found


def forget_old_files() -> None:
    """Rosters are personal data and a nightly drop piles them up: only the newest imports keep their file.
    Name, size and checksum stay, so that the history still tells what was imported."""
    kept = RosterImport.objects.order_by("-created_at", "-id").values("pk")[:FILES_KEPT]
    old = RosterImport.objects.exclude(pk__in=kept).values("file_id")
    StoredFile.objects.filter(pk__in=old).exclude(content=b"").update(content=b"")


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
    check_can_map(roster_import)
    chosen = {header: key for header, key in mapping.items() if key}
    if problems := mapping_problems(roster_import.report["headers"], chosen):
        raise NotAllowed(" ".join(problems))
    roster_import.options = {**roster_import.options, "day_first": day_first}
    settle_mapping(roster_import, mapping=chosen, name=name, in_line=in_line, by=by)
    return roster_import


def apply_import(
    *, roster_import: RosterImport, skip_bad_rows: bool, in_line: bool = True, by: Actor
) -> RosterImport:
    """Have the checked file written. While an error stands, only with the word to skip bad rows."""
    check_was_checked(roster_import)
    errors = roster_import.counts.get("errors", 0)
    approve(roster_import, errors=errors, options={"skip_bad_rows": skip_bad_rows}, in_line=in_line, by=by)
    return roster_import


def record_applied(*, roster_import: RosterImport, counts: dict[str, Any], by: Actor) -> None:
    audit.record("people.imported", roster_import, by=by, **counts)
