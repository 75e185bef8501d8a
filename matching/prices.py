"""What another pair would cost the cohort and who is moved by it, in words: a `MatchInquiry`'s result."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching.words import listed

NAMED_AT_MOST = 2


@dataclass(frozen=True)
class Partner:
    """Somebody's partner in a pair, and that pair's score."""

    id: int
    score: int


@dataclass(frozen=True)
class Move:
    """Whom one person loses and gains; `alone`: nobody is left afterwards."""

    person: int
    role: str
    lost: tuple[Partner, ...]
    gained: tuple[Partner, ...]
    alone: bool

    @property
    def loss(self) -> int:
        return sum(one.score for one in self.lost) - sum(one.score for one in self.gained)


def moves(result: Mapping[str, Any], role: str) -> list[Move]:
    """Everybody of a role whose partners change, who loses most first."""
    other = "mentee" if role == "mentor" else "mentor"
    alone = set(result["alone"])
    found: dict[int, dict[str, list[Partner]]] = {}
    for what in ("dropped", "added"):
        for pair in result[what]:
            sides = found.setdefault(pair[role], {"dropped": [], "added": []})
            sides[what].append(Partner(pair[other], pair["score"]))
    changed = [
        Move(person, role, tuple(sides["dropped"]), tuple(sides["added"]), person in alone)
        for person, sides in found.items()
    ]
    return sorted(changed, key=lambda one: (not one.alone, -one.loss, one.person))


def people_in(results: Iterable[Mapping[str, Any]]) -> set[int]:
    """Participants whom these prices or remedies name."""
    found: set[int] = set()
    for result in results:
        for pair in (*result.get("dropped", ()), *result.get("added", ())):
            found |= {pair["mentor"], pair["mentee"]}
        found |= {one for one in (result.get("meets"), result.get("partner")) if one}
    return found


def price_text(
    result: Mapping[str, Any], names: Mapping[int, str], *, asker: str, chosen: str, pair: Mapping[str, int]
) -> str:
    """One sentence: what choosing `chosen` ("": this pair) costs the cohort, and because of whom. `asker` is
    the role of the one who would get somebody else; `pair` the asked participants by role."""
    if not result["possible"]:
        return _("Not possible: pairs that you keep, or who picked each other first, leave no seat for it.")
    if result["made"]:
        return _("They are a pair in this draft already.")
    who = _("Choosing %(name)s") % {"name": chosen} if chosen else _("This pair")
    cost, loss = _cost(result, who)
    because = _because(result, names, asker, pair)
    if not because:
        return f"{cost}."
    told = {"cost": cost, "because": because}
    return (_("%(cost)s, because %(because)s.") if loss else _("%(cost)s. Then %(because)s.")) % told


def _cost(result: Mapping[str, Any], who: str) -> tuple[str, bool]:
    """What it costs, and whether that is a loss: pairs before picks before points, as a run weighs them."""
    lost, points = result["lost"], result["points"]
    picks, first = (result.get("picks", {}).get(what, 0) for what in ("met", "first"))
    told = {"who": who, "lost": lost, "picks": picks, "first": first, "points": abs(round(points))}
    if lost > 0:
        text = ngettext("%(who)s costs the cohort one pair", "%(who)s costs the cohort %(lost)s pairs", lost)
    elif lost < 0:
        text = _("%(who)s gives the cohort one pair more")
    elif picks > 0:
        text = ngettext(
            "%(who)s costs the cohort a pick that is met now",
            "%(who)s costs the cohort %(picks)s picks that are met now",
            picks,
        )
    elif first > 0:
        text = ngettext(
            "%(who)s costs the cohort a first choice that is met now",
            "%(who)s costs the cohort %(first)s first choices that are met now",
            first,
        )
    elif points > 0 and not round(points):
        text = _("%(who)s costs the cohort less than a point")
    elif round(points) > 0:
        text = ngettext(
            "%(who)s costs the cohort %(points)s point",
            "%(who)s costs the cohort %(points)s points",
            told["points"],
        )
    elif round(points) < 0:
        text = ngettext(
            "%(who)s gives the cohort %(points)s point more",
            "%(who)s gives the cohort %(points)s points more",
            told["points"],
        )
    else:
        text = _("%(who)s costs the cohort nothing")
    return text % told, lost > 0 or (lost == 0 and (picks > 0 or first > 0 or points > 0))


def _because(result: Mapping[str, Any], names: Mapping[int, str], asker: str, pair: Mapping[str, int]) -> str:
    """The others of the asker's role whose partner changes, and who is left alone on the other side."""
    other = "mentee" if asker == "mentor" else "mentor"
    told = [
        move
        for move in moves(result, asker)
        if move.person != pair[asker] and (move.lost or not move.gained or move.alone)
    ]
    told += [move for move in moves(result, other) if move.alone and move.person != pair[other]]
    clauses = [move_text(move, names) for move in told[:NAMED_AT_MOST]]
    more = len(told) - len(clauses)
    if more > 0:
        clauses.append(
            ngettext("%(number)s more person moves", "%(number)s more people move", more) % {"number": more}
        )
    return listed(clauses)


def move_text(move: Move, names: Mapping[int, str]) -> str:
    """What changes for one person: "Priya Nair would meet Noor Haddad (61) instead of Leo Braun (86)"."""
    told = {
        "name": names.get(move.person, "?"),
        "lost": listed([_scored(one, names) for one in move.lost]),
        "gained": listed([_scored(one, names) for one in move.gained]),
    }
    if move.lost and move.gained:
        return _("%(name)s would meet %(gained)s instead of %(lost)s") % told
    if move.gained:
        return _("%(name)s would get %(gained)s") % told
    if not move.alone:
        return _("%(name)s would no longer meet %(lost)s") % told
    if move.role == "mentee":
        return _("%(name)s would lose %(lost)s and be left without a mentor") % told
    return _("%(name)s would lose %(lost)s and be left without a mentee") % told


def _scored(one: Partner, names: Mapping[int, str]) -> str:
    return f"{names.get(one.id, '?')} ({one.score})"


def remedy_text(
    remedy: Mapping[str, Any],
    names: Mapping[int, str],
    *,
    person: int,
    role: str,
    rule: str,
    floor: int | None,
) -> str:
    """One sentence: the change, whom the person would meet, and what else it means. `rule` in words."""
    told = {
        "name": names.get(person, "?"),
        "meets": names.get(remedy["meets"], "?"),
        "score": remedy["score"],
        "partner": names.get(remedy["partner"], "?"),
        "rule": rule,
        "floor": floor,
    }
    return f"{_change(remedy, role, told)} {_effect(remedy)}"


def _change(remedy: Mapping[str, Any], role: str, told: dict[str, Any]) -> str:
    if remedy["kind"] == "seat" and remedy["partner"] == remedy["meets"]:
        if role == "mentee":
            return _("If %(partner)s takes one mentee more, %(name)s meets %(partner)s (%(score)s).") % told
        return _("If %(partner)s takes one mentor more, %(name)s meets %(partner)s (%(score)s).") % told
    if remedy["kind"] == "seat":
        if role == "mentee":
            return _("If %(partner)s takes one mentee more, %(name)s can meet %(meets)s (%(score)s).") % told
        return _("If %(partner)s takes one mentor more, %(name)s can meet %(meets)s (%(score)s).") % told
    if remedy["kind"] == "floor":
        return (
            _("With an exception from the lowest score of %(floor)s, %(name)s meets %(meets)s (%(score)s).")
            % told
        )
    if remedy["rule"] == "never":
        return _("If you take back your “never”, %(name)s meets %(meets)s (%(score)s).") % told
    return _("With an exception from “%(rule)s”, %(name)s meets %(meets)s (%(score)s).") % told


def _effect(remedy: Mapping[str, Any]) -> str:
    """Who else moves, and what it does to the cohort's points."""
    moved, points = remedy["moved"], round(remedy["points"])
    if not moved:
        return _("No other pair changes.")
    if points >= 0:
        text = ngettext(
            "%(moved)s other pair changes; the cohort gains %(points)s points.",
            "%(moved)s other pairs change; the cohort gains %(points)s points.",
            moved,
        )
    else:
        text = ngettext(
            "%(moved)s other pair changes; the cohort loses %(points)s points.",
            "%(moved)s other pairs change; the cohort loses %(points)s points.",
            moved,
        )
    return text % {"moved": moved, "points": abs(points)}
