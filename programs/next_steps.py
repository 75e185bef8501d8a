"""What comes next, for a champion with their cohort and for a participant: one place that says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programs.enums import CohortStatus, PairRole, ParticipantStatus
from programs.models import Cohort, Pair, Participant
from programs.queries.cohorts import Funnel
from programs.queries.pairs import partner_in
from programs.rules import (
    Text,
    choosing_is_open,
    enrolment_is_open,
    mentors_wait,
    why_enrolment_is_closed,
)


@dataclass(frozen=True)
class Step:
    """A title, why, and one thing to press: a page (`url_name` with `ids` and `query`) or, with `phase`, a
    change of the cohort's phase. A quiet one is possible now but not what one is waiting for."""

    title: Text
    text: Text = ""
    label: Text = ""
    url_name: str = ""
    ids: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    phase: str = ""
    confirm: Text = ""
    quiet: bool = False


def cohort_steps(
    cohort: Cohort,
    funnel: Funnel,
    *,
    today: date,
    active_pairs: int,
    seats: Mapping[PairRole, int] | None = None,
    unpaired: Mapping[PairRole, int] | None = None,
) -> list[Step]:
    """What the champion does next, the most pressing first. `seats` (partners that those who joined can
    take) and `unpaired` (who joined and has no partner) by role add what is missing, where they are given."""
    match cohort.status:
        case CohortStatus.DRAFT:
            return _draft(cohort)
        case CohortStatus.ENROLLING:
            return _enrolling(cohort, funnel, today, seats or {})
        case CohortStatus.MATCHING:
            return _matching(cohort, funnel, today)
        case CohortStatus.RUNNING:
            return _running(cohort, today, active_pairs, unpaired or {})
    return [
        Step(
            _("Start the next cohort"),
            _("This one has ended. What was learned goes on in the next."),
            _("New cohort"),
            "cohort_new",
            {"program_id": cohort.program_id},
            quiet=True,
        )
    ]


def _draft(cohort: Cohort) -> list[Step]:
    opening = Step(
        _("Open enrolment"),
        _("Then you can invite people. Nobody gets a mail before you invite."),
        _("Open enrolment"),
        phase=CohortStatus.ENROLLING,
    )
    dates = Step(
        _("Check the dates"),
        _("Enrolment from %(first)s to %(last)s.")
        % {
            "first": date_format(cohort.enroll_from, "j F"),
            "last": date_format(cohort.enroll_until, "j F Y"),
        },
        _("Edit"),
        "cohort_edit",
        {"cohort_id": cohort.pk},
    )
    return [opening, dates]


def _enrolling(cohort: Cohort, funnel: Funnel, today: date, seats: Mapping[PairRole, int]) -> list[Step]:
    steps = []
    if today > cohort.enroll_until:
        steps.append(
            Step(
                _("Enrolment closed on %(day)s") % {"day": date_format(cohort.enroll_until, "j F")},
                _("Go on to matching, or give people more time."),
                _("Change the dates"),
                "cohort_edit",
                {"cohort_id": cohort.pk},
            )
        )
    if unfinished := funnel.waiting + funnel.joined - funnel.answered:
        steps.append(_unfinished(cohort, funnel, unfinished))
    if today <= cohort.enroll_until:
        steps.append(_mentees_first(cohort, funnel) if mentors_wait(cohort) else _invite(cohort, seats))
    if funnel.joined:
        steps.append(
            Step(
                _("Close enrolment and match"),
                _("%(number)s people have joined; %(answered)s of them have answered.")
                % {"number": funnel.joined, "answered": funnel.answered},
                _("Close enrolment"),
                phase=CohortStatus.MATCHING,
                confirm=_("Close enrolment? Nobody can join after that, unless you open it again."),
            )
        )
    return steps


def _unfinished(cohort: Cohort, funnel: Funnel, number: int) -> Step:
    title = ngettext("%(number)s person has not finished", "%(number)s people have not finished", number)
    waiting = ngettext(
        "%(number)s has not said yes or no", "%(number)s have not said yes or no", funnel.waiting
    )
    silent = ngettext(
        "%(number)s has not answered the questions",
        "%(number)s have not answered the questions",
        funnel.joined - funnel.answered,
    )
    parts = [(waiting, funnel.waiting), (silent, funnel.joined - funnel.answered)]
    text = ", ".join(words % {"number": part} for words, part in parts if part)
    return Step(
        title % {"number": number},
        _("%(who)s. Upward reminds them: after four days, and three days before the end.") % {"who": text},
        _("See who"),
        "cohort_participants",
        {"cohort_id": cohort.pk},
        query="status=unfinished",
    )


def _invite(cohort: Cohort, seats: Mapping[PairRole, int]) -> Step:
    """Says which side is short: a mentor without a mentee waits in vain."""
    title: Text = _("Invite people")
    text: Text = _("Choose them by unit, place or level, and invite them as mentors or as mentees.")
    mentors, mentees = seats.get(PairRole.MENTOR, 0), seats.get(PairRole.MENTEE, 0)
    if mentors and mentees and abs(mentors - mentees) > max(mentors, mentees) / 10:
        title = _("Invite more mentees") if mentors > mentees else _("Invite more mentors")
        text = _("Mentors who joined can take %(mentors)s mentees; mentees would take %(mentees)s mentors.")
        text = text % {"mentors": mentors, "mentees": mentees}
    return Step(title, text, _("Invite"), "cohort_invite", {"cohort_id": cohort.pk})


def _mentees_first(cohort: Cohort, funnel: Funnel) -> Step:
    ids = {"cohort_id": cohort.pk}
    if not funnel.answered:
        return Step(
            _("Invite mentees"),
            _("They enrol first: what they want to learn tells you which mentors to invite."),
            _("Invite"),
            "cohort_invite",
            ids,
        )
    return Step(
        _("Publish what mentees want to learn"),
        _("Mentors read it without names when you invite them. %(number)s mentees have answered so far.")
        % {"number": funnel.answered},
        _("Read and publish"),
        "cohort_needs",
        ids,
    )


def _matching(cohort: Cohort, funnel: Funnel, today: date) -> list[Step]:
    match = Step(
        _("Match mentors and mentees"),
        _("%(number)s people have joined; %(answered)s of them have answered.")
        % {"number": funnel.joined, "answered": funnel.answered},
        _("Match"),
        "@matching",
    )
    reopen = Step(
        _("Somebody is late?"),
        _("Open enrolment again. Draft pairings stay as they are."),
        _("Open enrolment again"),
        phase=CohortStatus.ENROLLING,
    )
    if not choosing_is_open(cohort, today) or not cohort.choose_until:
        return [match, reopen]
    choosing = Step(
        _("People choose until %(day)s") % {"day": date_format(cohort.choose_until, "l, j F")},
        _("Upward reminds those who have not. When the day has passed, match and publish."),
        _("See how far they are"),
        "@matching",
    )
    return [choosing, reopen]


def _running(cohort: Cohort, today: date, active_pairs: int, unpaired: Mapping[PairRole, int]) -> list[Step]:
    day = date_format(cohort.ends_on, "j F Y")
    over = today >= cohort.ends_on
    pairs = ngettext("%(number)s pair is active", "%(number)s pairs are active", active_pairs)
    close = Step(
        _("Close the cohort") if over else _("The cohort runs until %(day)s") % {"day": day},
        _("Its last day was %(day)s.") % {"day": day} if over else pairs % {"number": active_pairs},
        _("Close the cohort"),
        phase=CohortStatus.CLOSED,
        confirm=_("Close this cohort? Active pairs are completed, and reminders stop."),
        quiet=not over,
    )
    mentors, mentees = unpaired.get(PairRole.MENTOR, 0), unpaired.get(PairRole.MENTEE, 0)
    if over:
        return [close]
    if not (mentors and mentees):
        return [close, *_late(cohort, today, mentors, mentees)]
    alone = Step(
        _("Some still wait for a partner"),
        _("%(mentors)s of the mentors and %(mentees)s of the mentees have none. Published pairs stay.")
        % {"mentors": mentors, "mentees": mentees},
        _("Match those who wait"),
        "@matching",
    )
    return [alone, close]


def _late(cohort: Cohort, today: date, mentors: int, mentees: int) -> list[Step]:
    """One side waits and nobody is left on the other: more people are the only way."""
    if not (mentors or mentees):
        return []
    text: Text = ngettext(
        "%(number)s mentee has no mentor, and no mentor is free.",
        "%(number)s mentees have no mentor, and no mentor is free.",
        mentees,
    ) % {"number": mentees}
    if mentors:
        text = ngettext(
            "%(number)s mentor has no mentee, and no mentee is free.",
            "%(number)s mentors have no mentee, and no mentee is free.",
            mentors,
        ) % {"number": mentors}
    if enrolment_is_open(cohort, today):
        ids = {"cohort_id": cohort.pk}
        return [Step(_("Invite late joiners"), text, _("Invite"), "cohort_invite", ids, quiet=True)]
    return [
        Step(
            _("Let people join late"),
            text,
            _("Say until when"),
            "cohort_edit",
            {"cohort_id": cohort.pk},
            quiet=True,
        )
    ]


def participant_step(participant: Participant, pairs: list[Pair], *, today: date) -> Step:
    """What a participant does next, or what they wait for."""
    cohort = participant.cohort
    is_open = enrolment_is_open(cohort, today)
    active = [pair for pair in pairs if pair.status == "active"]
    if active and cohort.status in (CohortStatus.MATCHING, CohortStatus.RUNNING):
        partner = partner_in(active[0], participant).person
        return Step(
            _("You are paired with %(name)s") % {"name": partner.name},
            _("Plan your next meeting, or say how the last one went."),
            _("Open your pair"),
            "pair",
            {"pair_id": active[0].pk},
        )
    match participant.status:
        case ParticipantStatus.WITHDRAWN:
            return Step(
                _("You no longer take part"), _("Write to your program champion if that surprises you.")
            )
        case ParticipantStatus.DECLINED if is_open:
            return Step(
                _("You said no"), _("You can still change your mind."), _("I would like to join"), "join"
            )
        case ParticipantStatus.DECLINED:
            return Step(_("You said no"), _("Thank you for telling us. Perhaps another time."))
        case ParticipantStatus.INVITED if is_open:
            return Step(_("Would you like to take part?"), _deadline(cohort), _("Read and decide"), "join")
        case ParticipantStatus.INVITED:
            return Step(_("This came too late"), why_enrolment_is_closed(cohort, today))
    return _joined(participant, today, is_open)


def _joined(participant: Participant, today: date, is_open: bool) -> Step:
    cohort = participant.cohort
    enrolling = is_open or cohort.status in (CohortStatus.ENROLLING, CohortStatus.MATCHING)
    if participant.answered_at is None and enrolling:
        text = _("It takes about five minutes. Without them we cannot find the right partner.")
        return Step(_("Answer some questions"), text, _("Answer"), "questionnaire")
    if is_open and cohort.status == CohortStatus.ENROLLING:
        return Step(
            _("You are all set"),
            _("When enrolment closes, we look for your partner. You can still change your answers."),
            _("Your answers"),
            "questionnaire",
        )
    if choosing_is_open(cohort, today) and cohort.choose_until:
        return Step(
            _("Choose whom you want to meet"),
            _("Until %(day)s. It takes a few minutes, and your choices count more than any score.")
            % {"day": date_format(cohort.choose_until, "l, j F")},
            _("Choose"),
            "choose",
        )
    match cohort.status:
        case CohortStatus.RUNNING:
            return Step(
                _("We have no partner for you yet"),
                _("You are on the list for the next pairs. Your program champion knows."),
            )
        case CohortStatus.CLOSED:
            return Step(_("This cohort has ended"), _("Thank you for taking part."))
    return Step(_("We are looking for your partner"), _("You get a mail as soon as the pairs are made."))


def _deadline(cohort: Cohort) -> str:
    return _("Please answer by %(day)s.") % {"day": date_format(cohort.enrol_by, "l, j F")}
