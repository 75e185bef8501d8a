"""Who answers to whom: by ID, by address, by name. A name that fits several people is never guessed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mentoring.enums import PersonStatus
from mentoring.exchange.headings import folded
from mentoring.people.draft import Draft, Known, Problem, name_of, split_name

SHOWN_CANDIDATES = 12
SHOWN_CIRCLE = 8
DESCRIBED_ROWS = 2000  # whose candidates are all named; a file may have a hundred thousand such rows
LEVELS_AT_MOST = 100
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
        for name in _names(node):
            self.by_name[name].append(node)

    def find(self, draft: Draft) -> tuple[list[Node], int]:
        """The first people that the manager's cell may mean, and how many there are: a whole roster may have
        one name. A name column also holds IDs and addresses at times."""
        text = draft.manager_text
        if draft.manager_key == "manager_id" or text.casefold() in self.by_id:
            return _one(self.by_id.get(text.casefold()))
        if "@" in text:
            return _one(self.by_email.get(text.lower()))
        if text.endswith(")") and (node := self.by_id.get(text[:-1].rpartition("(")[2].strip().casefold())):
            return _one(node)
        name = folded(" ".join(split_name(text)))
        found = self.by_name.get(name, [])
        if len(found) < 2 or name not in _names(draft):
            return found[:SHOWN_CANDIDATES], len(found)
        others = [node for node in found[: SHOWN_CANDIDATES + 1] if node is not draft]
        return others[:SHOWN_CANDIDATES], len(found) - 1


def _names(node: Node) -> set[str]:
    names = {folded(name_of(node))}
    if isinstance(node, Draft) and node.legal_first_name:
        names.add(folded(f"{node.legal_first_name} {node.get('last_name') or ''}"))
    return names


def _one(node: Node | None) -> tuple[list[Node], int]:
    return ([], 0) if node is None else ([node], 1)


def resolve_managers(
    drafts: Sequence[Draft], known: Iterable[Known], header_of: dict[str, str]
) -> list[Problem]:
    """Set `manager` of every draft; answer all that could not be set, each with its reason."""
    directory = Directory(drafts, known)
    problems: list[Problem] = []
    for draft in drafts:
        if not draft.manager_text:
            continue
        found, number = directory.find(draft)
        if number == 1 and found[0] is not draft:
            draft.manager = found[0]
            continue
        reason, kind = _reason(found if len(problems) < DESCRIBED_ROWS else found[:1], number)
        problems.append(Problem(draft.line, header_of[draft.manager_key], draft.manager_text, reason, kind))
    return problems + find_circles(drafts, directory, header_of)


def _reason(found: list[Node], number: int) -> tuple[str, str]:
    if not number:
        return _("is not in the file nor on the roster"), "unknown manager"
    if number == 1:
        return _("is the same person; leave the cell empty at the top"), "own manager"
    people = "; ".join(describe(node) for node in found)
    if more := number - len(found):
        people += ngettext("; and %(count)d more", "; and %(count)d more", more) % {"count": more}
    return (
        _("is the name of %(count)d people: %(people)s. Use the manager's employee ID or e-mail.")
        % {"count": number, "people": people},
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
    """Every row that is part of a circle of managers, with the circle named; and every row so far down that
    it is a mistake, because whoever looks up from there goes level by level."""
    seen: dict[int, int] = {}
    levels: dict[int, int] = {}
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
        level = levels.get(id(node), 0)
        for member in reversed(path):
            level += 1
            levels[id(member)] = level
            if level > LEVELS_AT_MOST and isinstance(member, Draft) and member.manager_text:
                problems.append(_too_deep(member, header_of))
    return problems


def _too_deep(draft: Draft, header_of: dict[str, str]) -> Problem:
    reason = _("is more than %(count)d levels below the top") % {"count": LEVELS_AT_MOST - 1}
    return Problem(draft.line, header_of[draft.manager_key], draft.manager_text, reason, "levels")


def _manager(node: Node, directory: Directory) -> Node | None:
    if isinstance(node, Draft):
        return node.manager
    return directory.by_pk.get(node.manager_id) if node.manager_id else None


def _circle_problems(circle: list[Node], header_of: dict[str, str]) -> list[Problem]:
    names = [name_of(node) for node in circle]
    shown = names if len(names) <= SHOWN_CIRCLE else [*names[: SHOWN_CIRCLE - 1], "…"]
    reason = _("closes a circle of managers: %(circle)s") % {"circle": " → ".join([*shown, names[0]])}
    return [
        Problem(node.line, header_of[node.manager_key], node.manager_text, reason, "circle")
        for node in circle
        if isinstance(node, Draft)
    ]
