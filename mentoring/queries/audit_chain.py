"""Whether an organization's audit log is what was written: its chain of hashes; who may touch the table."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from mentoring.models import AuditEvent
from mentoring.tenancy.scoping import current_organization_id

# As migration 0003 puts a row in words. The hashes are computed here and not in the database, so that whoever
# changed its functions does not check himself.
ROWS = """
SELECT number, id, hash, jsonb_build_array(
    number, id, organization_id, (extract(epoch FROM at) * 1000000)::bigint, action, user_id, by, object_type,
    object_id, object_label, data
)::text
FROM mentoring_auditevent WHERE organization_id = %s AND number > %s ORDER BY number LIMIT %s
"""
BATCH = 5000
APPLICATION = "upward_app"
NEVER = ("UPDATE", "DELETE", "TRUNCATE")
LATE = "1 hour"


@dataclass(frozen=True)
class Head:
    """The newest link of a chain. Kept outside the database, it shows later whether the end was cut off."""

    number: int
    hash: str


@dataclass(frozen=True)
class Chain:
    """What a check found. `fault` is empty, or names the first row that is not what it was."""

    rows: int
    head: Head
    fault: str
    waiting: int  # written since the last sealing
    late: int  # of those, how many should have been sealed long ago


def check_chain(anchors: list[Head]) -> Chain:
    """The current organization's chain, held against heads that were noted earlier."""
    noted = {anchor.number: anchor.hash for anchor in anchors}
    previous, last, fault = b"", 0, ""
    for number, pk, kept, content in _rows():
        previous = hashlib.sha256(previous + content.encode()).digest()
        if number != last + 1:
            fault = f"row {last + 1} was taken out"
        elif bytes(kept or b"") != previous:
            fault = f"row {number} (id {pk}) was changed, or put in"
        elif noted.get(number, previous.hex()) != previous.hex():
            fault = f"row {number} (id {pk}) is not the one that was noted: the chain was written anew"
        if fault:
            break
        last = number
    if not fault and (missing := [number for number in noted if number > last]):
        fault = f"row {last + 1} and what followed, up to {max(missing)}, was cut off"
    waiting, late = _waiting()
    return Chain(last, Head(last, previous.hex() if not fault else ""), fault, waiting, late)


def _rows() -> Iterator[tuple[int, int, bytes | None, str]]:
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(ROWS, [current_organization_id(), last, BATCH])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < BATCH:
            return
        last = rows[-1][0]


def _waiting() -> tuple[int, int]:
    """By the server's clock, as `at` is."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE at < now() - interval '{LATE}') "
            "FROM mentoring_auditevent WHERE organization_id = %s AND number IS NULL",
            [current_organization_id()],
        )
        waiting, late = cursor.fetchone()
    return waiting, late


def weaknesses() -> list[str]:
    """Why the log could be changed by the application, in words; none in a well-kept database."""
    table = AuditEvent._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, right_ FROM pg_roles, unnest(%s::text[]) AS right_ "
            "WHERE rolname = %s AND has_table_privilege(rolname, %s, right_)",
            [list(NEVER), APPLICATION, table],
        )
        faults = [f"{role} may {right}" for role, right in cursor.fetchall()]
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'O' "
            "AND tgname IN ('audit_append_only', 'audit_never_emptied')",
            [table],
        )
        if cursor.fetchone() != (2,):
            faults.append("a trigger that refuses changes is missing or off")
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = %s AND (rolsuper OR rolname = "
            "(SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = %s::regclass))",
            [APPLICATION, table],
        )
        faults += [f"{role} owns the table, or is a superuser" for (role,) in cursor.fetchall()]
    return faults
