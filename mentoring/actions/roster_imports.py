"""The steps of a roster import: upload, map, check, apply."""

from collections.abc import Mapping
from typing import Any

from mentoring.actions import audit
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
from mentoring.models import KeptColumn, Organization, RosterImport
from mentoring.people.mapping import guess_mapping, mapping_problems
from mentoring.queries.columns import kept_reasons
from mentoring.queries.imports import remembered_mapping
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import organization_scope

# The Americas are no rule: only these write the month first.
MONTH_FIRST = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix",
    "America/Anchorage", "America/Detroit", "America/Boise", "America/Indiana/Indianapolis",
    "Pacific/Honolulu",
)  # fmt: skip


def start_import(
    *, name: str, content: bytes, organization: Organization, in_line: bool = True, by: Actor
) -> RosterImport:
    """Keep the file and have it looked at. `in_line=False`: the caller runs the job itself (the command)."""
    found = RosterImport(options={"day_first": day_first_habit(organization), "skip_bad_rows": False})
    kept = keep_upload(found, name=name, content=content, in_line=in_line, by=by)
    assert isinstance(kept, RosterImport)
    return kept


def look_at_roster(roster_import: RosterImport) -> None:
    """The worker's part: read the headings and guess what they mean. What a remembered mapping keeps and now
    looks sensitive is left out, unless somebody gave the reason."""
    look = look_into(roster_import)
    with organization_scope(roster_import.organization_id):
        remembered = remembered_mapping(roster_import.mapping_kind, look.headers)
        mapping = remembered.mapping if remembered else guess_mapping(look.headers, look.sensitive)
        left_out = look.sensitive.keys() - kept_reasons().keys()
        mapping = {header: key for header, key in mapping.items() if header not in left_out}
        keep_look(roster_import, look, mapping=mapping, remembered=remembered)


def day_first_habit(organization: Organization) -> bool:
    return organization.time_zone not in MONTH_FIRST


def choose_mapping(
    *,
    roster_import: RosterImport,
    mapping: Mapping[str, str],
    day_first: bool,
    reasons: Mapping[str, str] | None = None,
    name: str = "",
    in_line: bool = True,
    by: Actor,
) -> RosterImport:
    """Settle what the columns mean, remember it for the same headings, and have the file checked.

    A sensitive column needs a reason, in `reasons` or given before; new ones are kept beside the mapping and
    in the audit log. `in_line=False`: the caller runs the job itself (the command).
    """
    check_can_map(roster_import)
    chosen = {header: key for header, key in mapping.items() if key}
    sensitive = [header for header in roster_import.sensitive if header in chosen]
    standing = kept_reasons()
    given = {header: reason.strip() for header, reason in (reasons or {}).items() if reason.strip()}
    given = {
        header: given[header]
        for header in sensitive
        if given.get(header, standing.get(header)) != standing.get(header)
    }
    unexplained = [header for header in sensitive if header not in given and header not in standing]
    if problems := mapping_problems(roster_import.report["headers"], chosen, unexplained=unexplained):
        raise NotAllowed(" ".join(problems))
    for header, reason in given.items():
        KeptColumn.objects.update_or_create(name=header, defaults={"reason": reason})
    roster_import.options = {**roster_import.options, "day_first": day_first}
    settle_mapping(
        roster_import,
        mapping=chosen,
        name=name,
        in_line=in_line,
        by=by,
        **({"sensitive_kept": given} if given else {}),
    )
    return roster_import


def apply_import(
    *, roster_import: RosterImport, skip_bad_rows: bool, in_line: bool = True, by: Actor
) -> RosterImport:
    """Have the checked file written, once. While an error stands, only with the word to skip bad rows."""
    if not check_was_checked(roster_import):
        return roster_import
    errors = roster_import.counts.get("errors", 0)
    approve(roster_import, errors=errors, options={"skip_bad_rows": skip_bad_rows}, in_line=in_line, by=by)
    return roster_import


def record_applied(*, roster_import: RosterImport, counts: dict[str, Any], by: Actor) -> None:
    audit.record("people.imported", roster_import, by=by, **counts)
