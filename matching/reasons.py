"""Reasons in words, from the contributions a proposal keeps: for the champion, and for the pair itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from matching.enums import Cause, Comparator
from matching.rules import CONFIDENTIAL, FORBIDDEN_WORDS, OPEN_ATTRIBUTES, Text
from matching.words import grouped, listed, within_a_sentence

TAGS_AT_MOST = 2
GOOD_PERCENT = 75
GOOD_HOURS = 3
# Entries of a proposal that say something beside its points.
BESIDE = ("picks", "override")

SILENT_WORDS: dict[str, Text] = {
    "mentor_silent": gettext_lazy("The mentor did not answer; counted as average."),
    "mentee_silent": gettext_lazy("The mentee did not answer; counted as average."),
    "both_silent": gettext_lazy("Neither answered; counted as average."),
}


@dataclass(frozen=True)
class Reason:
    """One line of "why": the criterion, its share of the points (of confidential answers None: 100 or 0 would
    tell whether the two answered alike), and a sentence."""

    label: Text
    weight: int
    percent: int | None
    points: int | None
    text: Text


def reasons(contributions: Iterable[dict[str, Any]], mentor: str, mentee: str) -> list[Reason]:
    """For the champion: every criterion, whether it speaks for the pair or not. What is beside the points
    is in `remarks`."""
    return [
        Reason(
            label=_("Confidential answers") if one["state"] == "private" else one["label"],
            weight=one["weight"],
            percent=None if one["state"] == "private" else one["percent"],
            points=None if one["state"] == "private" else one["points"],
            text=_for_champion(one, mentor, mentee),
        )
        for one in contributions
        if one["state"] not in BESIDE
    ]


def remarks(contributions: Iterable[dict[str, Any]], labels: Mapping[str, Text]) -> list[Text]:
    """What the champion has to know of a pair beside its points. Of picks only where the two picked each
    other: whose a single one is, the list of who has picked nobody would tell. `labels`: what criteria that
    must hold are called, by key."""
    told: list[Text] = []
    for one in contributions:
        if one["state"] == "picks":
            if one["mentor"] and one["mentee"]:
                told.append(_("They picked each other."))
        elif one["state"] == "override":
            rules = [str(rule_word(rule, labels)) for rule in one["rules"]]
            told.append(_("Kept against a rule: %(rules)s.") % {"rules": listed(rules)})
    return told


def rule_word(rule: str, labels: Mapping[str, Text]) -> Text:
    """What forbids a pair, in words; a criterion that must hold (`must:<key>`) by its own label."""
    kind, _colon, key = rule.partition(":")
    return labels.get(key, key) if kind == "must" else FORBIDDEN_WORDS.get(rule, rule)


def _for_champion(one: dict[str, Any], mentor: str, mentee: str) -> Text:
    if one["state"] == "private":
        return _("Counted, and shown to nobody.")
    names = {"mentor": mentor, "mentee": mentee}
    if one["comparator"] == Comparator.COVERS:
        return _covered(one, names)
    if one["comparator"] == Comparator.RETURNS:
        return _returned(one, names)
    if one["state"] != "answered":
        return SILENT_WORDS[one["state"]]
    if one["comparator"] == Comparator.HOURS:
        zones = f"{one['mentor_value']} · {one['mentee_value']}".replace("_", " ")
        return f"{zones}: {_hours(one)}"
    if one["comparator"] == Comparator.OVERLAP:
        if not one["shared"]:
            return _("Nothing in common.")
        return _("Both named %(shared)s.") % {"shared": listed(one["shared"])}
    if one["mentor_value"] == one["mentee_value"]:
        return _("Both: %(value)s") % {"value": one["mentor_value"]}
    return f"{one['mentor_value']} · {one['mentee_value']}"


def _covered(one: dict[str, Any], names: dict[str, str]) -> str:
    if one["state"] in ("mentee_silent", "both_silent"):
        return _("%(mentee)s named nothing to learn.") % names
    if one["state"] == "mentor_silent":
        return _("%(mentor)s named nothing to show.") % names
    if not one["shared"]:
        return _("%(mentor)s can show nothing of what %(mentee)s wants to learn.") % names
    shared, wanted = {**names, "shared": listed(one["shared"])}, one["wanted"]
    if len(one["shared"]) == wanted:
        return _("%(mentee)s wants to learn %(shared)s; %(mentor)s can show all of it.") % shared
    return _("%(mentor)s can show %(shared)s: %(number)s of %(wanted)s things %(mentee)s wants to learn.") % {
        **shared,
        "number": len(one["shared"]),
        "wanted": wanted,
    }


def _returned(one: dict[str, Any], names: dict[str, str]) -> str:
    if one["state"] in ("mentor_silent", "both_silent"):
        return _("%(mentor)s named nothing to learn.") % names
    if one["state"] == "mentee_silent":
        return _("%(mentee)s named nothing to show.") % names
    if not one["shared"]:
        return _("%(mentee)s can show nothing of what %(mentor)s wants to learn.") % names
    return _("%(mentee)s can show %(shared)s: %(number)s of %(wanted)s things %(mentor)s wants to learn.") % {
        **names,
        "shared": listed(one["shared"]),
        "number": len(one["shared"]),
        "wanted": one["wanted"],
    }


def _hours(one: dict[str, Any]) -> str:
    """4 working hours in common; halves are told, smaller parts are not."""
    hours = int(2 * (one["hours"] or 0)) / 2
    number = f"{hours:g}"
    return ngettext(
        "%(number)s working hour in common", "%(number)s working hours in common", ceil(hours)
    ) % {"number": number}


def tags(contributions: Iterable[dict[str, Any]]) -> list[str]:
    """The few words of a row in the list: what can be learned, else what both have in common."""
    found = {Comparator.COVERS.value: [], Comparator.OVERLAP.value: []}  # type: dict[str, list[str]]
    for one in contributions:
        if one.get("comparator") in found:
            found[one["comparator"]].extend(one["shared"])
    chosen = found[Comparator.COVERS] or found[Comparator.OVERLAP]
    more = len(chosen) - TAGS_AT_MOST
    return chosen[:TAGS_AT_MOST] + ([f"+{more}"] if more > 0 else [])


def sentences(contributions: Sequence[dict[str, Any]], mentor: str, mentee: str) -> dict[str, list[str]]:
    """What the two are told once they are a pair, by role: only what speaks for it, picks first, then in
    the order of weight."""
    told: dict[str, list[str]] = {"mentor": [], "mentee": []}
    for one in contributions:
        if one["state"] == "picks":
            for role, line in zip(("mentor", "mentee"), _picked(one, mentor, mentee), strict=True):
                told[role].append(line)
    for one in _speaking(contributions):
        for_mentor, for_mentee = _for_pair(one, mentor, mentee)
        if for_mentor:
            told["mentor"].append(for_mentor)
            told["mentee"].append(for_mentee)
    return told


def phrases(contributions: Sequence[dict[str, Any]], role: str) -> list[str]:
    """What speaks for a partner, for somebody of this role who may choose them: short, without a
    name, in the order of weight. Who picked whom is not among them."""
    return [phrase for one in _speaking(contributions) if (phrase := _phrase(one, role))]


def _speaking(contributions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Criteria that both answered and that gave points, the weightiest first."""
    answered = [one for one in contributions if one["state"] == "answered" and one["points"]]
    return sorted(answered, key=lambda one: -one["weight"])


def _picked(one: dict[str, Any], mentor: str, mentee: str) -> tuple[str, str]:
    if one["mentor"] and one["mentee"]:
        return _("You picked each other."), _("You picked each other.")
    if one["mentor"]:
        return _("You picked %(name)s.") % {"name": mentee}, _("%(name)s picked you.") % {"name": mentor}
    return _("%(name)s picked you.") % {"name": mentee}, _("You picked %(name)s.") % {"name": mentor}


def _phrase(one: dict[str, Any], role: str) -> str:
    if one["comparator"] in (Comparator.COVERS, Comparator.RETURNS):
        learner = "mentee" if one["comparator"] == Comparator.COVERS else "mentor"
        shared = {"shared": listed(one["shared"])}
        if role == learner:
            return _("can show you %(shared)s, which you want to learn") % shared
        return _("wants to learn %(shared)s, which you can show") % shared
    if one["comparator"] == Comparator.OVERLAP:
        return _("you both named %(shared)s") % {"shared": listed(one["shared"])}
    if one["comparator"] == Comparator.HOURS:
        return _hours(one) if _enough_hours(one) else ""
    if one["percent"] < GOOD_PERCENT:
        return ""
    if one["attribute"] and one["comparator"] in (Comparator.SAME, Comparator.DIFFERENT):
        what = OPEN_ATTRIBUTES.get(one["attribute"], one["attribute"])
        if one["comparator"] == Comparator.SAME:
            return _("same %(what)s") % {"what": what}
        return _("another %(what)s") % {"what": what}
    return within_a_sentence(str(one["label"]))


def _enough_hours(one: dict[str, Any]) -> bool:
    return (one["hours"] or 0) >= GOOD_HOURS


def _for_pair(one: dict[str, Any], mentor: str, mentee: str) -> tuple[str, str]:
    if one["comparator"] in (Comparator.COVERS, Comparator.RETURNS):
        covers = one["comparator"] == Comparator.COVERS
        teacher, learner = (mentor, mentee) if covers else (mentee, mentor)
        what = {"teacher": teacher, "learner": learner, "shared": listed(one["shared"])}
        shows = _("%(learner)s wants to learn %(shared)s, which you can show.") % what
        learns = _("%(teacher)s can show you %(shared)s, which you want to learn.") % what
        return (shows, learns) if covers else (learns, shows)
    if one["comparator"] == Comparator.OVERLAP:
        both = _("You both named %(shared)s.") % {"shared": listed(one["shared"])}
        return both, both
    if one["comparator"] == Comparator.HOURS:
        common = _("You have %(hours)s.") % {"hours": _hours(one)} if _enough_hours(one) else ""
        return common, common
    if one["percent"] < GOOD_PERCENT:
        return "", ""
    same = _same_for_both(one)
    return same, same


def _same_for_both(one: dict[str, Any]) -> str:
    values = {"mentor": one["mentor_value"], "mentee": one["mentee_value"]}
    if one["comparator"] in (Comparator.CLOSE, Comparator.SKILL_GAP):
        return f"{one['label']}."
    if one["attribute"]:
        what = {"what": OPEN_ATTRIBUTES.get(one["attribute"], one["attribute"]), **values}
        if one["comparator"] == Comparator.SAME:
            return _("Same %(what)s: %(mentor)s.") % what
        return _("Different %(what)s: %(mentor)s and %(mentee)s.") % what
    if one["comparator"] == Comparator.SAME:
        return _("Both answered “%(mentor)s” to “%(question)s”") % {**values, "question": one["subject"]}
    return f"{one['label']}."


def cause_text(
    cause: str,
    detail: dict[str, Any],
    role: str,
    own: dict[str, int],
    other: dict[str, int],
    labels: Mapping[str, Text],
) -> str:
    """Why somebody has no pair; `own` and `other` are the figures of both sides of the run, `labels` what
    criteria that must hold are called, by key."""
    if cause == Cause.NO_ALLOWED_PARTNER:
        counts = detail["forbidden"].items()
        rules = ", ".join(
            f"{rule_word(rule, labels)}: {grouped(n)}" if rule != "refused" else str(CONFIDENTIAL)
            for rule, n in counts
        )
        if not rules:
            return _("There is nobody on the other side.")
        return _("The rules leave no partner (%(rules)s).") % {"rules": rules}
    if cause == Cause.UNDER_FLOOR:
        return _("Every allowed partner scores too low; the best reaches %(best)s.") % detail
    return f"{_crowded(detail, role, own, other)} " + (
        _("The best allowed partner would have scored %(best)s.") % detail
    )


def _crowded(detail: dict[str, Any], role: str, own: dict[str, int], other: dict[str, int]) -> str:
    """More people than seats: in the whole cohort, or among those who fit the same few partners; in a stable
    pairing also that nobody makes room."""
    if not detail["partners"]:
        return _("Every allowed partner is with somebody whom they would rather have.")
    if detail["partners"] == other["of"]:
        people = {"people": grouped(own["of"]), "seats": grouped(other["seats"])}
        if role == "mentee":
            return _("There are %(people)s mentees for %(seats)s seats with mentors.") % people
        return _("There are %(people)s mentors for %(seats)s seats with mentees.") % people
    return ngettext(
        "%(rivals)s people could be paired only with the same partner, who has %(partner_seats)s seats.",
        "%(rivals)s people could be paired only with the same %(partners)s partners, "
        "who have %(partner_seats)s seats.",
        detail["partners"],
    ) % {name: grouped(detail[name]) for name in ("rivals", "partners", "partner_seats")}
