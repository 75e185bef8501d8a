"""Who answers to whom: by ID, by address, by name. A name that fits several people is never guessed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mentoring.enums import PersonStatus
from mentoring.exchange.columns import folded
from mentoring.people.draft import Draft, Known, Problem, name_of, split_name

SHOWN_CANDIDATES = 12
SHOWN_CIRCLE = 8
Node = Draft | Known


class Directory:
    """Everybody who can be somebody's manager: the rows of the file and who else is on the roster."""

    def __init__(self, drafts: Sequence[Draft], known: Iterable[Known]) -> None:
        self.by_id: dict[str, Node] = {}
        self.by_email: dict[str, Node] = {}
        self.by_name: dict[str, list[Node]] = defaultdict(list)
        self.by_pk: dict[int, Node] = {}
        for person in known:
            self.by_pk[person.id] = person
        for draft in drafts:
            if draft.known is not None:
                self.by_pk[draft.known.id] = draft
        others = [node for node in self.by_pk.values() if isinstance(node, Known)]
        for node in chain[Node](drafts, others):
            self._add(node)

    def _add(self, node: Node) -> None:
        if employee_id := node.get("employee_id"):
            self.by_id.setdefault(employee_id.casefold(), node)
        if email := node.get("email"):
            self.by_email.setdefault(email.lower(), node)
        names = {folded(name_of(node))}
        if isinstance(node, Draft) and node.legal_first_name:
            names.add(folded(f"{node.legal_first_name} {node.get('last_name') or ''}"))
        for name in names:
            self.by_name[name].append(node)

    def find(self, draft: Draft) -> list[Node]:
        """All people that the manager's cell may mean. A name column also holds IDs and addresses at
        times."""
        text = draft.manager_text
        if draft.manager_key == "manager_id" or text.casefold() in self.by_id:
            return _one(self.by_id.get(text.casefold()))
        if "@" in text:
            return _one(self.by_email.get(text.lower()))
        if text.endswith(")") and (node := self.by_id.get(text[:-1].rpartition("(")[2].strip().casefold())):
            return [node]
        found = self.by_name.get(folded(" ".join(split_name(text))), [])
        others = [node for node in found if node is not draft]
        return others if len(found) > 1 else found


def _one(node: Node | None) -> list[Node]:
    return [] if node is None else [node]


def resolve_managers(
    drafts: Sequence[Draft], known: Iterable[Known], header_of: dict[str, str]
) -> list[Problem]:
    """Set `manager` of every draft; answer all that could not be set, each with its reason."""
    directory = Directory(drafts, known)
    problems = []
    for draft in drafts:
        if not draft.manager_text:
            continue
        found = directory.find(draft)
        if len(found) == 1 and found[0] is not draft:
            draft.manager = found[0]
            continue
        reason, kind = _reason(found)
        problems.append(Problem(draft.line, header_of[draft.manager_key], draft.manager_text, reason, kind))
    return problems + find_circles(drafts, directory, header_of)


def _reason(found: list[Node]) -> tuple[str, str]:
    if not found:
        return _("is not in the file nor on the roster"), "unknown manager"
    if len(found) == 1:
        return _("is the person herself or himself; leave the cell empty at the top"), "own manager"
    people = "; ".join(describe(node) for node in found[:SHOWN_CANDIDATES])
    if len(found) > SHOWN_CANDIDATES:
        more = len(found) - SHOWN_CANDIDATES
        people += ngettext("; and %(count)d more", "; and %(count)d more", more) % {"count": more}
    return (
        _("is the name of %(count)d people: %(people)s. Use the manager's employee ID or e-mail.")
        % {"count": len(found), "people": people},
        "ambiguous manager",
    )


def describe(node: Node) -> str:
    """A candidate so that a person who knows the company can tell: "Fiona Moreau (E100211, Manager,
    Sales, London)"."""
    facts = [
        node.get("employee_id") or node.get("email"),
        node.get("title"),
        node.get("unit"),
        node.get("location"),
    ]
    if node.get("status") == PersonStatus.LEFT:
        facts.append(_("left"))
    return f"{name_of(node)} ({', '.join(str(fact) for fact in facts if fact)})"


def find_circles(drafts: Sequence[Draft], directory: Directory, header_of: dict[str, str]) -> list[Problem]:
    """Every row that is part of a circle of managers, with the circle named."""
    seen: dict[int, int] = {}
    problems: list[Problem] = []
    for number, start in enumerate(drafts, start=1):
        path: list[Node] = []
        node: Node | None = start
        while node is not None and id(node) not in seen:
            seen[id(node)] = number
            path.append(node)
            node = _manager(node, directory)
        if node is not None and seen[id(node)] == number:
            circle = path[next(i for i, member in enumerate(path) if member is node) :]
            problems += _circle_problems(circle, header_of)
    return problems


def _manager(node: Node, directory: Directory) -> Node | None:
    if isinstance(node, Draft):
        return node.manager
    return directory.by_pk.get(node.manager_id) if node.manager_id else None


def _circle_problems(circle: list[Node], header_of: dict[str, str]) -> list[Problem]:
    names = [name_of(node) for node in circle]
    shown = names if len(names) <= SHOWN_CIRCLE else [*names[: SHOWN_CIRCLE - 1], "…"]
    text = " → ".join([*shown, names[0]])
    return [
        Problem(
            node.line,
            header_of[node.manager_key],
            node.manager_text,
            _("closes a circle of managers: %(circle)s") % {"circle": text},
            "circle",
        )
        for node in circle
        if isinstance(node, Draft)
    ]
