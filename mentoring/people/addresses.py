"""Addresses that change hands: whose log-in goes where.

A log-in belongs to the whole installation, a roster to one organization. So a roster moves a log-in only
where no other organization knows it, or where its owner has confirmed the new address themselves; everywhere
else the organization lets go of it. See docs/decisions.md.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mentoring.enums import Role
from mentoring.exchange.headings import folded
from mentoring.rules import is_reachable


class Fate(StrEnum):
    """What becomes of a person's log-in when the roster gives the person another address."""

    NONE = "none"  # there is none; mail goes to the new address
    FOLLOWS = "follows"  # it has the new address from now on
    STAYS = "stays"  # it has an address that the roster never spoke of
    PARTS = "parts"  # it is used elsewhere too: the person gets one of their own at the new address
    JOINS = "joins"  # the new address opens a log-in already: that is the person's from now on
    CLOSES = "closes"  # it has no address until the roster gives it one


@dataclass(frozen=True, slots=True)
class Login:
    """A person's log-in: its address, the role it has in this organization ("" for none), and further
    addresses that open it."""

    user_id: int
    email: str
    role: str = ""
    further: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose log-in an address opens, and whether that is a member here and has come in. `barred`: it was
    parted from this organization at this address."""

    user_id: int
    email: str
    member: bool = False
    joined: bool = False
    barred: bool = False


@dataclass(slots=True)
class Move:
    """One person's address as it was and as it will be, in lower case; either may be empty. `taker` is who
    gets the old one, `left` says that the person has left, `shared` that the log-in is used elsewhere too."""

    person_id: int
    name: str
    old: str
    new: str
    line: int = 0
    taker: str = ""
    left: bool = False
    shared: bool = False
    fate: Fate = Fate.NONE
    login: Login | None = None
    owner: Owner | None = None


@dataclass(frozen=True, slots=True)
class Protected:
    """People and addresses of members whose access somebody may not end."""

    people: frozenset[int] = frozenset()
    addresses: frozenset[str] = frozenset()

    def covers(self, person_id: int | None, *addresses: str) -> bool:
        return person_id in self.people or any(address.lower() in self.addresses for address in addresses)


class LoginBook(Protocol):
    """Where the plan looks log-ins up; see `queries.logins`."""

    def logins(self, person_ids: Collection[int]) -> dict[int, Login]: ...
    def used_elsewhere(self, user_ids: Iterable[int]) -> set[int]: ...
    def owners(self, addresses: Collection[str]) -> dict[str, Owner]: ...
    def may_move(self, login: Login) -> bool: ...
    def protected(self) -> Protected: ...


def settle_moves(moves: list[Move], book: LoginBook) -> None:
    """Look up who signs in with what, and say of each move what becomes of the log-in."""
    logins = book.logins([move.person_id for move in moves]) if moves else {}
    for move in moves:
        move.login = logins.get(move.person_id)
    owners = book.owners({move.new for move in moves if move.new}) if moves else {}
    settle_fates(
        moves, owners=owners, elsewhere=book.used_elsewhere(login.user_id for login in logins.values())
    )


def why_not(move: Move, book: LoginBook) -> str:
    """Why this move is refused, or ""."""
    login, owner = move.login, move.owner
    if login is None or move.fate in (Fate.NONE, Fate.STAYS):
        return ""
    if owner is not None and owner.user_id == login.user_id:
        return ""
    if move.left and not move.new:
        return ""
    who = {"name": move.name}
    if not book.may_move(login):
        return (
            _(
                "moves the log-in of %(name)s, who has a role here. Only somebody who manages members can do "
                "that, and for an owner only an owner."
            )
            % who
        )
    if login.role in ("", Role.PARTICIPANT):
        return ""
    if move.fate == Fate.CLOSES or not move.new:
        return _("takes the log-in away from %(name)s, who has a role here and needs an address.") % who
    if move.fate == Fate.JOINS and owner is not None and owner.member:
        return (
            _(
                "is the address of another member, and %(name)s has a role here too. Take one of the two off "
                "the members first."
            )
            % who
        )
    return ""


def settle_fates(
    moves: Iterable[Move], *, owners: Mapping[str, Owner], elsewhere: frozenset[int] | set[int]
) -> None:
    """Say of each move what becomes of its log-in. `owners` by address, `elsewhere` are the log-ins that
    another organization knows too."""
    moves = list(moves)
    leaving = {
        move.login.user_id
        for move in moves
        if move.login and move.login.email == move.old and move.login.user_id not in elsewhere
    }
    for move in moves:
        owner = owners.get(move.new) if move.new else None
        if owner is not None and owner.user_id in leaving and owner.email == move.new:
            owner = None  # it leaves this address in the same breath
        move.owner = owner
        if move.login is not None:
            move.shared = move.login.user_id in elsewhere
            move.fate = _fate(move, move.login, owner)


def _fate(move: Move, login: Login, owner: Owner | None) -> Fate:
    if owner is not None and owner.user_id == login.user_id:
        return Fate.FOLLOWS
    if owner is not None and not owner.barred:
        return Fate.JOINS
    if is_reachable(login.email) and move.old not in login.further | {login.email}:
        return Fate.STAYS
    if move.shared:
        return Fate.PARTS
    if login.email != move.old and is_reachable(login.email):
        return Fate.STAYS
    return Fate.FOLLOWS if move.new and owner is None else Fate.CLOSES


class Shown(StrEnum):
    """What an organization is told of it. Whether an address has a log-in somewhere, or a log-in is known to
    others, is not its business: in all these cases its person signs in with the new address."""

    MAIL = "mail"
    NEW = "new address"
    STAYS = "own address"
    MEMBER = "another member"
    CLOSES = "no address"


SHOWN = {
    Shown.MAIL: gettext_lazy("Mail goes to the new address"),
    Shown.NEW: gettext_lazy("Signs in with the new address from now on"),
    Shown.STAYS: gettext_lazy("Signs in with an address of their own, which stays"),
    Shown.MEMBER: gettext_lazy(
        "The new address is another member's, whose log-in opens these pages from now on"
    ),
    Shown.CLOSES: gettext_lazy("Cannot sign in until there is a free address"),
}


def shown(move: Move) -> Shown:
    if move.fate == Fate.NONE:
        return Shown.MAIL
    if move.fate == Fate.STAYS:
        return Shown.STAYS
    if not move.new or move.fate == Fate.CLOSES or (move.owner is not None and move.owner.barred):
        return Shown.CLOSES
    if move.fate == Fate.JOINS and move.owner is not None and move.owner.member:
        return Shown.MEMBER
    return Shown.NEW


def in_sentences(moves: Iterable[Move]) -> list[str]:
    """What the dry run says before anybody's address moves. Leavers who give theirs up are told apart."""
    moves = [move for move in moves if move.old or move.login]
    staying = Counter(shown(move) for move in moves if not move.left)
    passed_on = sum(1 for move in moves if move.left and move.taker)
    follow, apart = staying[Shown.NEW], staying[Shown.CLOSES]
    sentences = []
    if follow:
        sentences.append(
            ngettext(
                "%(count)s person signs in with a new address from now on.",
                "%(count)s people sign in with new addresses from now on.",
                follow,
            )
            % {"count": f"{follow:,}"}
        )
    if apart:
        sentences.append(
            ngettext(
                "%(count)s person cannot sign in until there is a free address.",
                "%(count)s people cannot sign in until there is a free address.",
                apart,
            )
            % {"count": f"{apart:,}"}
        )
    if passed_on:
        sentences.append(
            ngettext(
                "The address of %(count)s person who has left goes to somebody else.",
                "The addresses of %(count)s people who have left go to somebody else.",
                passed_on,
            )
            % {"count": f"{passed_on:,}"}
        )
    for move in moves:
        if move.left and move.taker and folded(move.taker) == folded(move.name):
            sentences.append(
                _(
                    "%(name)s in row %(line)d has the name and the address of somebody who has left, but "
                    "another employee ID. If that is the same person, merge the two afterwards on their page."
                )
                % {"name": move.name, "line": move.line}
            )
    return sentences


def in_words(move: Move) -> str:
    """One move, for the page on which somebody makes it by hand."""
    facts = {"name": move.name, "old": move.old or _("no address"), "new": move.new or _("no address")}
    if move.left and not move.new:
        return _("%(old)s is taken off %(name)s, who has left.") % facts
    return _("%(name)s: from %(old)s to %(new)s.") % facts + f" {SHOWN[shown(move)]}."
