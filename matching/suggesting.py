"""Whom to suggest to everybody, and why: from the scores and hard rules of a run, before anybody is placed.

Imports numpy, and neither scipy nor the solver: a page may import this module when it shows reasons.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from matching.enums import Comparator
from matching.explaining import confidential, contributions
from matching.models import SuggestionRun
from matching.queries.inputs import Inputs, load_inputs
from matching.reasons import phrases, sentences
from matching.rules import SUGGESTED_AT_MOST
from matching.solving import Prepared, restrict, score
from mentoring.batches import batches
from programs.enums import PairRole
from programs.models import Participant
from programs.queries.participants import shared_answers

Ints = NDArray[np.int64]
Listed = tuple[int, list[int], list[int]]

TAGS_AT_MOST = 4
ROWS_AT_ONCE = 250


def prepare(inputs: Inputs, scales: Mapping[str, float] | None = None) -> Prepared:
    """The points of all pairs, without criteria that read a confidential answer: from the order of a list
    and its scores somebody could infer what another one answered."""
    told = [one for one in inputs.criteria if not confidential(one, inputs)]
    return score(replace(inputs, criteria=told), scales)


def suggest(prepared: Prepared, at_most: int = SUGGESTED_AT_MOST) -> Iterator[list[Listed]]:
    """For each mentor and then each mentee the id, the allowed partners' ids, best first and equals by id,
    and their scores (0-100); some hundreds of people at a time, so that no matrix is ever whole."""
    problem = restrict(prepared)
    mentors, mentees = prepared.inputs.mentors.ids, prepared.inputs.mentees.ids
    rules = problem.rules
    assert rules is not None  # one is never paired with oneself
    sides = (
        (problem.points, rules, mentors, mentees),
        (problem.points.transposed(), rules.transposed(), mentees, mentors),
    )
    for points, allowed, people, partners in sides:
        for rows in map(np.array, batches(range(len(people)), ROWS_AT_ONCE)):
            scores = points.whole(rows)
            found = _best(scores, allowed.allowed_rows(rows), at_most)
            percent = np.rint(prepared.sheet.percent(scores)).astype(int)
            yield [
                (
                    people[row],
                    [partners[column] for column in columns],
                    percent[place, columns].tolist(),
                )
                for place, (row, columns) in enumerate(zip(rows.tolist(), found, strict=True))
            ]


def _best(points: Ints, allowed: NDArray[np.bool_], at_most: int) -> list[list[int]]:
    """For each row the allowed columns by points, equals in the order of columns."""
    width = points.shape[1]
    number = min(at_most, width)
    # No two keys of a row are equal, so that a partial sort cuts off the same ones each time.
    keys = np.where(allowed, points * width + np.arange(width)[::-1], -1)
    top = np.argpartition(-keys, number - 1, axis=1)[:, :number] if 0 < number < width else None
    kept = keys if top is None else np.take_along_axis(keys, top, axis=1)
    order = np.argsort(-kept, axis=1)
    columns = order if top is None else np.take_along_axis(top, order, axis=1)
    counts = (kept >= 0).sum(axis=1)
    return [row[:count].tolist() for row, count in zip(columns, counts, strict=True)]


@dataclass(frozen=True)
class Card:
    """What somebody sees of a partner they could choose: nothing that is sensitive, and no answer beyond the
    ones that were given for the partner to read. `tags_title` says what the tags are; `more` are the reasons
    that these do not tell already."""

    partner: Participant
    score: int
    tags_title: str
    tags: list[str]
    reasons: list[str]
    more: list[str]
    introduction: str
    learning_question: str

    @property
    def note(self) -> str:
        person = self.partner.person
        return " · ".join(part for part in (person.title, person.unit, person.location) if part)


def cards_for(run: SuggestionRun, wanted: Mapping[int, Mapping[int, int]]) -> dict[int, list[Card]]:
    """By participant, the cards of the partners given with their scores, in that order, in a fixed number of
    queries. Who takes part no more has none."""
    ids = {pk for me, scores in wanted.items() for pk in (me, *scores)}
    inputs = load_inputs(run.cohort, run.settings_then, participants=ids)
    mentors = {pk: place for place, pk in enumerate(inputs.mentors.ids)}
    mentees = {pk: place for place, pk in enumerate(inputs.mentees.ids)}
    pairs = [
        (me, other) if me in mentors else (other, me) for me, scores in wanted.items() for other in scores
    ]
    there = [pair for pair in pairs if pair[0] in mentors and pair[1] in mentees]
    places = np.array([(mentors[a], mentees[b]) for a, b in there], dtype=np.int64).reshape(-1, 2)
    prepared = prepare(inputs, run.figures.get("scales"))
    entries = dict(zip(there, contributions(prepared, places), strict=True)) if there else {}
    people = Participant.objects.select_related("person").in_bulk(ids)
    answers = shared_answers(list(ids))
    return {
        me: [
            _card(people, me, other, score, entries[pair], answers.get(other, {}))
            for other, score in scores.items()
            if (pair := (me, other) if me in mentors else (other, me)) in entries
        ]
        for me, scores in wanted.items()
    }


def _card(
    people: Mapping[int, Participant],
    me: int,
    other: int,
    score: int,
    entries: Sequence[dict[str, Any]],
    answers: Mapping[str, str],
) -> Card:
    role = PairRole(people[me].role)
    title, tags, tagged = _tags(entries, role)
    others = [one for one in entries if one.get("comparator") not in tagged]
    return Card(
        partner=people[other],
        score=score,
        tags_title=title,
        tags=tags,
        reasons=phrases(entries, role),
        more=phrases(others, role),
        introduction=answers.get("introduction", ""),
        learning_question=answers.get("learning_question", ""),
    )


def _tags(entries: Sequence[dict[str, Any]], role: PairRole) -> tuple[str, list[str], set[str]]:
    """What one could learn from the other; else what one could show; else what both have in common. With
    the comparisons that they tell."""
    learns, shows, both = _("Can help you with"), _("You can help with"), _("In common")
    covers, returns = (learns, shows) if role == PairRole.MENTEE else (shows, learns)
    titles = {Comparator.COVERS: covers, Comparator.RETURNS: returns, Comparator.OVERLAP: both}
    found: dict[str, list[str]] = {learns: [], shows: [], both: []}
    for one in entries:
        if one["state"] == "answered" and one["comparator"] in titles:
            found[titles[one["comparator"]]].extend(one["shared"])
    title, words = next(((title, words) for title, words in found.items() if words), ("", []))
    more = len(words) - TAGS_AT_MOST
    tags = words[:TAGS_AT_MOST] + ([f"+{more}"] if more > 0 else [])
    return title, tags, {comparator.value for comparator, told in titles.items() if told == title}


def told_to_both(
    run: SuggestionRun, mentor: Participant, mentee: Participant, picks: Mapping[str, int | None]
) -> dict[str, list[str]]:
    """What two who found each other read once they are a pair, by role; `picks`: the rank that each gave
    the other one, by role."""
    inputs = load_inputs(run.cohort, run.settings_then, participants={mentor.pk, mentee.pk})
    entries: list[dict[str, Any]] = []
    if inputs.mentors.ids and inputs.mentees.ids:
        prepared = prepare(inputs, run.figures.get("scales"))
        (entries,) = contributions(prepared, np.zeros((1, 2), dtype=np.int64))
    names = (one.person.called for one in (mentor, mentee))
    return sentences([{"state": "picks", "points": 0, **picks}, *entries], *names)


@dataclass(frozen=True)
class Offer:
    """A heading and the choices somebody ticked: what they can show, or would like to learn."""

    title: str
    words: list[str]


def offers_of(run: SuggestionRun, participant: Participant) -> list[Offer]:
    """All that somebody said for a partner to know: what they can show and want to learn. Other answers
    are for matching, and stay there."""
    inputs = load_inputs(run.cohort, run.settings_then, participants={participant.pk})
    is_mentor = participant.role == PairRole.MENTOR
    side = inputs.mentors if is_mentor else inputs.mentees
    found: dict[str, list[str]] = {_("Can show"): [], _("Would like to learn"): []}
    for one in inputs.criteria:
        if one.comparator not in (Comparator.COVERS, Comparator.RETURNS) or confidential(one, inputs):
            continue
        shows = is_mentor == (one.comparator == Comparator.COVERS)
        source = one.sources[0 if is_mentor else 1]
        words = found[_("Can show") if shows else _("Would like to learn")]
        for key in source.keys:
            chosen = side.features.choices.get(key, {}).get(participant.pk, ())
            words.extend(inputs.labels.get((key, choice), choice) for choice in chosen)
    return [Offer(title, list(dict.fromkeys(words))) for title, words in found.items() if words]
