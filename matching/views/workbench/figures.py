"""A run's figures in words, each with its base; runs of earlier versions show what they have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from matching.enums import Method, Rule
from matching.models import MatchRun
from matching.reasons import rule_word
from matching.rules import (
    CONFIDENTIAL,
    OPEN_ATTRIBUTES,
    Text,
    parse_group,
    parse_source,
)
from matching.run_settings import Options, Settings
from programs.enums import PairRole


@dataclass(frozen=True)
class Figure:
    """`tone`: "" | success | warning; `target` 0-100 marks the bar that `percent` draws."""

    label: str
    value: str
    base: str
    tone: str = ""
    percent: float | None = None
    target: int | None = None


def figures_of(run: MatchRun) -> list[Figure]:
    """As they stand over a draft: people first, then scores, what was aimed at, and the proof."""
    told = run.figures
    return [
        *_placed(told),
        *_scores(told, run.settings_then.options),
        *_share(told.get("share")),
        *_closing(told),
        *_picks(told.get("picks")),
        *_learn(told),
        *_waited(told.get("priority")),
        *_repaired(told),
        _proof(told, run),
    ]


def number(value: float) -> str:
    return number_format(value, use_l10n=True, force_grouping=True)


def percent(part: float, whole: float) -> str:
    return _("%(number)s%%") % {"number": number(round(100 * part / whole))} if whole else "–"


def _placed(told: dict[str, Any]) -> Iterator[Figure]:
    mentors, mentees = told["mentors"], told["mentees"]
    placed, of = mentors["placed"] + mentees["placed"], mentors["of"] + mentees["of"]
    base = _("%(mentors)s of %(all_mentors)s mentors, %(mentees)s of %(all_mentees)s mentees") % {
        "mentors": number(mentors["placed"]),
        "all_mentors": number(mentors["of"]),
        "mentees": number(mentees["placed"]),
        "all_mentees": number(mentees["of"]),
    }
    yield Figure(_("Placed"), f"{number(placed)} / {number(of)}", base)


def _scores(told: dict[str, Any], options: Options) -> Iterator[Figure]:
    pairs = told["pairs"]
    over = ngettext("of 100, over %(pairs)s pair", "of 100, over %(pairs)s pairs", pairs)
    yield Figure(_("Average score"), number(round(told["mean"])), over % {"pairs": number(pairs)})
    floor = options.floor
    if options.best_worst:
        base = _("of 100, the best that a lowest pair can be")
    elif floor is not None:
        base = _("of 100; none under %(floor)s was allowed") % {"floor": floor}
    else:
        base = _("of 100")
    yield Figure(_("Lowest pair"), number(told["lowest"]) if pairs else "–", base)


def source_label(source: str) -> str:
    """What a share or a group is about: "region"; a question's key stands for itself."""
    found = parse_source(source)
    return str(OPEN_ATTRIBUTES.get(found.keys[0], found.keys[0].replace("_", " ")))


def _share(share: dict[str, Any] | None) -> Iterator[Figure]:
    if not share:
        return
    what = {"percent": share["percent"], "pairs": number(share["pairs"]), "of": number(share["of"])}
    if share["met"]:
        base = _("%(pairs)s of %(of)s pairs; the target is %(percent)s%%") % what
    elif share.get("bound") is not None:
        base = _(
            "%(pairs)s of %(of)s pairs; the target of %(percent)s%% is out of reach, at most %(most)s"
        ) % {
            **what,
            "most": number(share["bound"]),
        }
    else:
        base = _("%(pairs)s of %(of)s pairs; the target is %(percent)s%%, not reached") % what
    yield Figure(
        _("Different %(what)s") % {"what": source_label(share["source"])},
        percent(share["pairs"], share["of"]),
        base,
        tone="" if share["met"] else "warning",
        percent=100 * share["pairs"] / share["of"] if share["of"] else None,
        target=share["percent"],
    )


WHY_NOT_CLOSED: dict[str, Text] = {
    "few": gettext_lazy("Fewer than five people of %(group)s are here: nothing was closed."),
    "beside": gettext_lazy(
        "Beside %(group)s and other groups fewer than five people are left, of whom nothing may be told: "
        "nothing was closed."
    ),
    "all": gettext_lazy("Everybody here is of %(group)s: nothing was closed."),
    "placed": gettext_lazy("Fewer than five people of %(group)s have a partner: nothing is told of them."),
}


def _short(value: float) -> str:
    return number(round(value) if value == round(value) else value)


def _closing(told: dict[str, Any]) -> Iterator[Figure]:
    """How near a group came to everybody else, and what it cost all together."""
    closing = told.get("closing")
    if not closing:
        return
    group = parse_group(closing["group"])[1]
    label = _("Gap of %(group)s") % {"group": group}
    if closing["why"]:
        yield Figure(label, "–", WHY_NOT_CLOSED[closing["why"]] % {"group": group}, tone="warning")
        return
    before, after = (_short(max(closing[when], 0.0)) for when in ("before", "after"))
    value = f"{before} → {after}" if before != after or closing["price"] else after
    picked = any(side["picked"] for side in (told.get("picks") or {}).values())
    tone = "" if closing["met"] else "warning"
    yield Figure(label, value, _price_of_gap(closing, after, picks_first=picked), tone=tone)


def _price_of_gap(closing: dict[str, Any], after: str, *, picks_first: bool) -> str:
    price, of, within = closing["price"], closing["of"], closing["within"]
    if closing["met"] and not closing["weighed"]:
        base = _("of 100 under everybody else, and %(within)s were allowed: nothing had to be changed")
        return base % {"within": within}
    base = _("of 100 under everybody else")
    if price:
        base = _("of 100, for %(price)s points of %(of)s in all (%(percent)s%%)") % {
            "price": _short(price if price < 10 else round(price)),
            "of": number(round(of)),
            "percent": _short(round(100 * price / of, 1) if of else 0),
        }
    if closing["met"]:
        return base
    if picks_first:
        missed = _("%(base)s; %(within)s not reached: %(near)s is as near as it comes, as picks come first")
    else:
        missed = _("%(base)s; %(within)s not reached: %(near)s is as near as it comes")
    return missed % {"base": base, "within": within, "near": after}


def _picks(picks: dict[str, Any] | None) -> Iterator[Figure]:
    """Of those who picked and could be placed, how many got their first choice, and how many any."""
    picked = sum(side["picked"] for side in (picks or {}).values())
    if not picks or not picked:
        return
    first = sum(side["first"] for side in picks.values())
    got = sum(side["any"] for side in picks.values())
    base = _("%(first)s of %(picked)s people who picked; %(any)s got one of their picks") % {
        "first": number(first),
        "picked": number(picked),
        "any": number(got),
    }
    yield Figure(_("First choices met"), percent(first, picked), base)


def _learn(told: dict[str, Any]) -> Iterator[Figure]:
    learn = told.get("learn")
    if not learn:
        return
    base = ngettext("of %(pairs)s pair", "of %(pairs)s pairs", told["pairs"]) % {
        "pairs": number(told["pairs"])
    }
    if learn["silent"]:
        base = _("%(base)s; in %(silent)s of these the mentee named nothing to learn") % {
            "base": base,
            "silent": number(learn["silent"]),
        }
    yield Figure(_("Nothing to learn"), number(learn["nothing"]), base)


def _waited(priority: dict[str, Any] | None) -> Iterator[Figure]:
    if priority and priority["waited"]:
        base = _("placed of those who waited since an earlier cohort; they go first")
        yield Figure(_("Waited before"), f"{number(priority['placed'])} / {number(priority['waited'])}", base)


def _repaired(told: dict[str, Any]) -> Iterator[Figure]:
    """Beside the draft it was made from: how much of it still stands."""
    if "stayed" not in told:
        return
    base = _("pairs of the draft before; %(moved)s moved, %(new)s new") % {
        "moved": number(told["moved"]),
        "new": number(told["new"]),
    }
    yield Figure(_("Unchanged"), number(told["stayed"]), base)


def _proof(told: dict[str, Any], run: MatchRun) -> Figure:
    """What is proven, in the order in which the run weighs things."""
    label, gap = _("Proof"), told.get("gap")
    if run.settings_then.options.method == Method.STABLE:
        return Figure(label, _("Stable"), _("No mentor and mentee would rather have each other."), "success")
    if told["proven"]:
        if "stayed" in told:
            base = _("No other pairing places as many people and changes fewer pairs.")
        elif (told.get("closing") or {}).get("weighed"):
            base = _("No other pairing places more people, or as many with more points as they are weighed.")
        elif told.get("picks"):
            base = _("No other pairing places more people, or as many and fits picks and scores better.")
        else:
            base = _("No other pairing places more people, or as many with more points.")
        return Figure(label, _("Optimal"), base, "success")
    if gap is None:
        base = _("Nobody could be placed in addition; the points may not be the most.")
        return Figure(label, _("Not proven"), base, "warning")
    base = _("At most %(gap)s%% more points are possible; time was up before it was known.") % {
        "gap": number_format(gap, decimal_pos=2 if gap < 1 else 1)
    }
    return Figure(label, _("Not proven"), base, "warning")


def forbidden_counts(
    counts: Mapping[str, int], labels: Mapping[str, Text], *, of_person: bool = False
) -> list[tuple[Text, int | None]]:
    """(rule in words, number). Of a whole run "not for me" may be said plainly, as nobody is named; beside a
    person's name it is neither said nor counted."""
    return [
        (CONFIDENTIAL, None) if of_person and rule == "refused" else (rule_word(rule, labels), count)
        for rule, count in counts.items()
    ]


def aims_of(settings: Settings) -> list[str]:
    """What the run aimed at beside the weights, and which rules held, one line each."""
    options = settings.options
    lines = [*(str(Rule(rule).label) for rule in settings.rules), str(Method(options.method).label)]
    if settings.picks:
        lines.append(_("People's own picks come before every score"))
    if options.best_worst:
        lines.append(_("The lowest pair as good as possible, before the average"))
    if options.floor is not None:
        lines.append(_("No pair under a score of %(floor)s") % {"floor": options.floor})
    if share := options.share:
        what = {"percent": share.percent, "what": source_label(share.source)}
        lines.append(_("At least %(percent)s%% of the pairs with a different %(what)s") % what)
    if gap := options.gap:
        what = {"group": gap.name, "within": gap.within}
        lines.append(_("%(group)s no more than %(within)s of 100 points under everybody else") % what)
    if options.priority:
        lines.append(_("Who waited since an earlier cohort goes first"))
    lines += [_extra_seats(role, more) for role, more in settings.seats.items() if more]
    if kept := len(settings.rulings.keep):
        lines.append(
            ngettext("%(number)s pair kept", "%(number)s pairs kept", kept) % {"number": number(kept)}
        )
    if never := len(settings.rulings.never):
        lines.append(
            ngettext("%(number)s pair ruled out", "%(number)s pairs ruled out", never)
            % {"number": number(never)}
        )
    return lines


def _extra_seats(role: str, more: int) -> str:
    if role == PairRole.MENTOR:
        text = ngettext("%(n)s more seat for every mentor", "%(n)s more seats for every mentor", more)
    else:
        text = ngettext("%(n)s more seat for every mentee", "%(n)s more seats for every mentee", more)
    return text % {"n": more}
