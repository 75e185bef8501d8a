"""Whether a draft still holds: its people, and what was kept, ruled out or refused since it was made."""

from collections import Counter
from collections.abc import Container, Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from matching.actions.rulings import kept_pairs
from matching.enums import Rule, RulingKind
from matching.models import Exclusion, MatchRun, Proposal, Ruling
from matching.queries.pairing import lines_of, said_no
from matching.queries.people import pair_names
from matching.queries.runs import proposals
from matching.queries.seats import seats_of
from matching.run_settings import Ids
from matching.words import listed
from mentoring.enums import PersonStatus
from mentoring.rules import NotAllowed
from programs.enums import ParticipantStatus
from programs.models import Participant
from programs.queries.pairs import paired_elsewhere


def check_holds(run: MatchRun, *, with_seats: bool = False) -> None:
    """NotAllowed, with names, unless this draft could be published as it is and everything that was said
    holds: everybody has a seat for each partner (`with_seats`: or gets one), everything that is kept is in
    it, and what breaks a rule is still kept with a reason."""
    found = list(proposals().filter(run=run).order_by("id"))
    check_possible(run, found)
    check_seats(found, run.settings_then.seats if with_seats else {})
    _check_kept(run, {(one.mentor_id, one.mentee_id) for one in found})


def check_possible(run: MatchRun, found: list[Proposal]) -> None:
    """Everybody is there, and no pair has been ruled out or refused since the draft was made."""
    _check_never(run, found)
    check_there(run, found)


def check_there(run: MatchRun, found: list[Proposal]) -> None:
    """As `check_possible`, whatever the champion has ruled out."""
    _check_people(found)
    _check_exclusions(run, found)
    _check_lines(run, found)
    _check_partners(run, found)
    _check_refusals(found)


def _check_people(found: list[Proposal]) -> None:
    gone = sorted(
        {
            one.person.name
            for proposal in found
            for one in (proposal.mentor, proposal.mentee)
            if one.status != ParticipantStatus.JOINED or one.person.status == PersonStatus.LEFT
        }
    )
    if gone:
        raise NotAllowed(
            ngettext_lazy(
                "%(names)s is no longer in this cohort. Run the matching again.",
                "%(names)s are no longer in this cohort. Run the matching again.",
                len(gone),
            )
            % {"names": listed(gone)}
        )


def _check_never(run: MatchRun, found: list[Proposal]) -> None:
    rulings = Ruling.objects.filter(cohort=run.cohort_id, kind=RulingKind.NEVER)
    never = set(rulings.values_list("mentor_id", "mentee_id"))
    for one in found:
        if (one.mentor_id, one.mentee_id) in never:
            raise NotAllowed(
                _(
                    "You said never for %(mentor)s and %(mentee)s since this draft was made. Undo that, or "
                    "run the matching again."
                )
                % _people_of(one)
            )


def over_capacity(found: list[Proposal]) -> dict[Participant, int]:
    """Who would have more partners by these proposals than they take, with the number they would need."""
    people = {one.pk: one for proposal in found for one in (proposal.mentor, proposal.mentee)}
    wanted = Counter(pk for proposal in found for pk in (proposal.mentor_id, proposal.mentee_id))
    free = seats_of(people.values())
    return {
        people[pk]: people[pk].capacity + number - free[pk]
        for pk, number in sorted(wanted.items())
        if number > free[pk]
    }


def check_seats(found: list[Proposal], more: Mapping[str, int], among: Container[int] | None = None) -> None:
    """`more`: extra seats by role that everybody who needs them would get; `among`: whom to look at."""
    needed = over_capacity(found)
    crowded = [
        one.person.name
        for one, n in needed.items()
        if n - one.capacity > more.get(one.role, 0) and (among is None or one.pk in among)
    ]
    if crowded:
        raise NotAllowed(
            ngettext_lazy(
                "%(names)s would get more partners than agreed.",
                "%(names)s would get more partners than agreed.",
                len(crowded),
            )
            % {"names": listed(crowded)}
        )


def _check_kept(run: MatchRun, pairs: set[Ids]) -> None:
    kept = kept_pairs(run.cohort)
    for ids in sorted(kept - pairs):
        raise NotAllowed(
            _("You keep %(mentor)s with %(mentee)s, and this draft does not. Undo that first.")
            % pair_names(ids)
        )
    for ids in sorted((pairs & run.settings_then.rulings.overrides.keys()) - kept):
        raise NotAllowed(
            _("%(mentor)s and %(mentee)s break a rule in this draft, and they are no longer kept.")
            % pair_names(ids)
        )


def _check_exclusions(run: MatchRun, found: list[Proposal]) -> None:
    if Rule.EXCLUSION not in run.settings_then.rules:
        return
    people = {one.person_id for proposal in found for one in (proposal.mentor, proposal.mentee)}
    rows = Exclusion.objects.filter(Q(person__in=people) & Q(other__in=people))
    excluded = set(rows.values_list("person_id", "other_id"))
    for one in found:
        if tuple(sorted((one.mentor.person_id, one.mentee.person_id))) in excluded:
            raise NotAllowed(
                _("%(mentor)s and %(mentee)s are on the exclusion list by now. Run the matching again.")
                % _people_of(one)
            )


def _check_lines(run: MatchRun, found: list[Proposal]) -> None:
    """The roster may say otherwise by now of who reports to whom."""
    others = _held_to(Rule.REPORTING_LINE, run, found)
    lines = lines_of(pk for one in others for pk in (one.mentor.person_id, one.mentee.person_id))
    for one in others:
        mentor, mentee = one.mentor.person_id, one.mentee.person_id
        if mentor in lines[mentee] or mentee in lines[mentor]:
            raise NotAllowed(
                _("%(mentor)s and %(mentee)s are in the same reporting line by now. Run the matching again.")
                % _people_of(one)
            )


def _check_partners(run: MatchRun, found: list[Proposal]) -> None:
    """Another cohort's pairs may have been published since."""
    others = _held_to(Rule.EARLIER_PARTNER, run, found)
    couples = paired_elsewhere(run.cohort, {pk for one in others for pk in _persons(one)})
    for one in others:
        if _persons(one) in couples:
            raise NotAllowed(
                _("%(mentor)s and %(mentee)s are a pair in another cohort by now. Run the matching again.")
                % _people_of(one)
            )


def _held_to(rule: Rule, run: MatchRun, found: list[Proposal]) -> list[Proposal]:
    """The pairs that must not break this rule: none where it is switched off, nor one kept against it."""
    if rule not in run.settings_then.rules:
        return []
    overrides = run.settings_then.rulings.overrides
    return [one for one in found if rule not in overrides.get((one.mentor_id, one.mentee_id), ())]


def _persons(one: Proposal) -> frozenset[int]:
    return frozenset((one.mentor.person_id, one.mentee.person_id))


def _check_refusals(found: list[Proposal]) -> None:
    """Who said no after the run is not named: that is between nobody and them."""
    apart = said_no(pk for one in found for pk in (one.mentor_id, one.mentee_id))
    for one in found:
        if frozenset((one.mentor_id, one.mentee_id)) in apart:
            raise NotAllowed(_("People have chosen otherwise since this draft. Run the matching again."))


def _people_of(one: Proposal) -> dict[str, Any]:
    return {"mentor": one.mentor.person, "mentee": one.mentee.person}
