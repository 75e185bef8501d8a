"""What stands between two people of a cohort, by the names of the hard rules; one pair, no engine."""

from collections.abc import Iterable, Mapping
from typing import Any

from matching.enums import Comparator, RequestStatus, Rule, RulingKind
from matching.models import Exclusion, PairRequest, Pick, Ruling
from matching.reasons import rule_word
from matching.rules import CONFIDENTIAL, FORBIDDING, OPEN_ATTRIBUTES, Source, Text
from matching.run_settings import CriterionSetting, Settings
from mentoring.models import Person
from programs.enums import PairStatus, ResponseStatus
from programs.models import Pair, Participant, Response
from programs.queries.pairs import paired_elsewhere
from programs.queries.responses import stored_answers


def broken_by(mentor: Participant, mentee: Participant, settings: Settings) -> list[str]:
    """The rules that forbid this pair under these settings, the gravest first;
    a constant number of queries but for one per step up the reporting line."""
    found = []
    if mentor.person_id == mentee.person_id:
        found.append(Rule.SAME_PERSON.value)
    if Rule.EXCLUSION in settings.rules and _excluded(mentor, mentee):
        found.append(Rule.EXCLUSION.value)
    if said_no((mentor.pk, mentee.pk)):
        found.append("refused")
    before = set(Pair.objects.filter(mentor=mentor, mentee=mentee).values_list("status", flat=True))
    if PairStatus.ACTIVE in before:
        found.append("paired_now")
    if Rule.REPORTING_LINE in settings.rules and _same_line(mentor, mentee):
        found.append(Rule.REPORTING_LINE.value)
    if Rule.EARLIER_PARTNER in settings.rules and paired_elsewhere(
        mentor.cohort, (mentor.person_id, mentee.person_id)
    ):
        found.append(Rule.EARLIER_PARTNER.value)
    found += _musts(mentor, mentee, settings.criteria)
    if before - {PairStatus.ACTIVE, PairStatus.RETRACTED}:
        found.append("paired_before")
    if Ruling.objects.filter(mentor=mentor, mentee=mentee, kind=RulingKind.NEVER).exists():
        found.append("never")
    return found


def rule_words(rules: Iterable[str], labels: Mapping[str, Text]) -> list[Text]:
    """Rules by name as a champion reads them of one pair, and no word of who said "not for me"; `labels` of
    the criteria by key."""
    return [CONFIDENTIAL if rule == "refused" else rule_word(rule, labels) for rule in rules]


def lines_of(people: Iterable[int]) -> dict[int, set[int]]:
    """By person: everybody above, up to the top. One query."""
    managers = dict(Person.objects.order_by().values_list("id", "manager_id"))
    lines: dict[int, set[int]] = {}
    for person in people:
        above, upper = set[int](), managers.get(person)
        while upper is not None and upper not in above:
            above.add(upper)
            upper = managers.get(upper)
        lines[person] = above
    return lines


def _excluded(mentor: Participant, mentee: Participant) -> bool:
    lower, upper = sorted((mentor.person_id, mentee.person_id))
    return Exclusion.objects.filter(person=lower, other=upper).exists()


def said_no(people: Iterable[int]) -> set[frozenset[int]]:
    """Couples among these participants of whom one said "not for me", or "not this time" to the other; who it
    was stays with that person."""
    among = set(people)
    picks = Pick.objects.filter(participant__in=among, partner__in=among, rank=None).order_by()
    asked = PairRequest.objects.filter(sender__in=among, receiver__in=among, status=RequestStatus.DECLINED)
    refused = picks.values_list("participant_id", "partner_id")
    declined = asked.order_by().values_list("sender_id", "receiver_id")
    return {frozenset(two) for two in (*refused, *declined)}


def _same_line(mentor: Participant, mentee: Participant) -> bool:
    return _is_above(mentee.person_id, mentor.person_id) or _is_above(mentor.person_id, mentee.person_id)


def _is_above(upper: int, lower: int) -> bool:
    """Whether `upper` manages `lower`, at any depth; a circle of managers ends where it began."""
    seen = {lower}
    while True:
        manager = Person.objects.filter(pk=lower).values_list("manager_id", flat=True).first()
        if manager is None or manager in seen:
            return False
        if manager == upper:
            return True
        seen.add(manager)
        lower = manager


def _musts(mentor: Participant, mentee: Participant, criteria: Iterable[CriterionSetting]) -> list[str]:
    """Criteria that must hold and do not; who has not answered breaks none."""
    broken = []
    answers: dict[int, dict[str, Any]] | None = None
    for one in criteria:
        if one.comparator not in FORBIDDING:
            continue
        answers = _answers(mentor, mentee) if answers is None else answers
        own, other = one.sources
        left, right = _text(mentor, own, answers), _text(mentee, other, answers)
        must_match = one.comparator == Comparator.MUST_MATCH
        if left and right and (left == right) != must_match:
            broken.append(f"must:{one.key}")
    return broken


def _answers(*participants: Participant) -> dict[int, dict[str, Any]]:
    rows = Response.objects.filter(participant__in=participants, status=ResponseStatus.SUBMITTED)
    newest = dict(rows.order_by("questionnaire__version").values_list("participant_id", "id"))
    stored = stored_answers(newest.values())
    return {participant: stored.get(response, {}) for participant, response in newest.items()}


def _text(participant: Participant, source: Source, answers: dict[int, dict[str, Any]]) -> str:
    """One comparable text, as `matching.solving` makes it."""
    if source.is_question:
        own = answers.get(participant.pk, {})
        chosen = [sorted(own[key].choices) for key in source.keys if key in own]
        return "+".join(choice for choices in chosen for choice in choices)
    key = source.keys[0]
    person = participant.person
    value = getattr(person, key) if key in OPEN_ATTRIBUTES else (person.attributes or {}).get(key)
    return str(value or "").strip().casefold()
