"""Which row of a file is which person of the roster, and whose address is whose."""

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _

from mentoring.enums import PersonStatus
from mentoring.exchange.headings import folded
from mentoring.people.draft import Draft, Known, Problem, name_of


def recognize(drafts: Sequence[Draft], known: Sequence[Known], header_of: dict[str, str]) -> list[Problem]:
    """Find each row's person on the roster: by employee ID, else by address, where that person has no
    other ID and not quite another name. The same ID or address in two rows is an error, unless all but one
    of the rows are leavers: their address went to the one who works here."""
    by_id = {str(p.get("employee_id")).casefold(): p for p in known if p.get("employee_id")}
    by_email = {person.address: person for person in known if person.get("email")}
    taken: dict[int, Draft] = {}
    for draft in drafts:
        person = draft.known or by_id.get((draft.values.get("employee_id") or "").casefold())
        if person is not None and person.id not in taken:
            draft.known = person
            taken[person.id] = draft
    let_leavers_go(drafts)
    problems = find_duplicates(drafts, header_of)
    return problems + [
        problem
        for draft in drafts
        if (problem := _recognize_by_email(draft, by_email, taken, header_of)) is not None
    ]


def let_leavers_go(drafts: Sequence[Draft]) -> None:
    """Where one who works here and leavers have the same address in the file, the leavers give it up."""
    for rows in _same(drafts, "email"):
        staying = [draft for draft in rows if draft.get("status") != PersonStatus.LEFT]
        if len(staying) != 1:
            continue
        for draft in rows:
            if draft is not staying[0] and (draft.known is not None or draft.values.get("employee_id")):
                email = draft.values.pop("email")
                draft.gives_up_address = draft.known is not None and draft.known.address == email


def _same(drafts: Sequence[Draft], key: str) -> list[list[Draft]]:
    """Rows that have the same ID or address, in whatever case."""
    rows: dict[str, list[Draft]] = {}
    for draft in drafts:
        if value := draft.values.get(key):
            rows.setdefault(value.casefold(), []).append(draft)
    return [same for same in rows.values() if len(same) > 1]


def find_duplicates(drafts: Sequence[Draft], header_of: dict[str, str]) -> list[Problem]:
    """The same ID or address in two rows, in whatever case: all of these rows are named, each with the
    others."""
    problems = []
    for key in ("employee_id", "email"):
        for same in _same(drafts, key):
            for draft in same:
                others = ", ".join(str(other.line) for other in same[:10] if other is not draft)
                reason = _("is also in row %(rows)s") % {"rows": others}
                problems.append(Problem(draft.line, header_of[key], draft.values[key], reason, "duplicate"))
    return problems


def _recognize_by_email(
    draft: Draft, by_email: dict[str, Known], taken: dict[int, Draft], header_of: dict[str, str]
) -> Problem | None:
    email = draft.values.get("email") or ""
    holder = by_email.get(email)
    if holder is None or holder is draft.known:
        return None
    other = taken.get(holder.id)
    if other is not None and (
        other.gives_up_address or (other.values.get("email") and other.values["email"] != email)
    ):
        return None
    facts = {"name": name_of(other or holder), "id": holder.get("employee_id") or "–"}
    may_be = other is None and draft.known is None
    may_be = may_be and not (holder.get("employee_id") and draft.values.get("employee_id"))
    if may_be and not are_two_names(_full_name(draft), _full_name(holder)):
        draft.known = holder
        taken[holder.id] = draft
        return None
    if draft.get("status") != PersonStatus.LEFT and (other or holder).get("status") == PersonStatus.LEFT:
        _take_from_leaver(draft, holder, other)
        return None
    if other is not None:
        reason = _("is the address of %(name)s in row %(line)d") % {**facts, "line": other.line}
    elif may_be:
        reason = _(
            "is the address of %(name)s (employee ID %(id)s) on the roster. If that is the same person under "
            "another name, correct the name there first; if not, %(name)s needs another address first."
        )
    else:
        reason = _("is the address of %(name)s on the roster (employee ID %(id)s), who is not in the file")
    return Problem(draft.line, header_of["email"], email, reason % facts, "duplicate")


def _take_from_leaver(draft: Draft, holder: Known, other: Draft | None) -> None:
    """A leaver's address is free for who works here: it is taken off the leaver."""
    if other is None:
        draft.takes_from = holder
    else:
        other.values.pop("email", None)
        other.gives_up_address = True


def _full_name(person: Draft | Known) -> str:
    values = person.values.get if isinstance(person, Draft) else person.get
    return f"{values('first_name') or ''} {values('last_name') or ''}"


def are_two_names(one: str, other: str) -> bool:
    """Two full names without a common part: an address alone says who somebody is only as long as a part of
    the name agrees, because addresses are given to the next one."""
    mine, theirs = ({folded(word) for word in name.split()} - {""} for name in (one, other))
    return len(mine) > 1 and len(theirs) > 1 and not mine & theirs


def stranded_addresses(
    drafts: Sequence[Draft], header_of: dict[str, str], bad_lines: set[int]
) -> list[Problem]:
    """Rows that wait for an address which its holder does not give up, because the holder's row is bad."""
    holders = {d.known.get("email"): d for d in drafts if d.known is not None and d.known.get("email")}
    waiting: dict[int, list[Draft]] = defaultdict(list)
    for draft in drafts:
        holder = holders.get(draft.values.get("email"))
        if holder is not None and holder is not draft:
            waiting[holder.line].append(draft)
    problems: list[Problem] = []
    bad = [holder for holder in holders.values() if holder.line in bad_lines]
    while bad:  # whoever waits for somebody who waits is bad, too
        holder = bad.pop()
        facts = {"name": name_of(holder), "line": holder.line}
        reason = _("is the address of %(name)s, whose row %(line)d is not correct") % facts
        for draft in waiting.get(holder.line, ()):
            if draft.line not in bad_lines:
                email = draft.values["email"]
                problems.append(Problem(draft.line, header_of["email"], email, reason, "duplicate"))
                bad_lines.add(draft.line)
                bad.append(draft)
    return problems
