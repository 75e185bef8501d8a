"""What programs show on the cohort's overview, the home page and a person's page."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from mentoring.enums import PersonStatus
from mentoring.models import Person
from mentoring.registries import Charge, HomeStep
from mentoring.rules import today_in
from mentoring.tenancy.permissions import Permission
from programs.enums import CohortStatus, PairRole
from programs.models import Cohort, Pair, Participant, Program
from programs.next_steps import Step, cohort_steps, participant_step
from programs.phases import phase_badge
from programs.queries.cohorts import (
    active_pairs_of,
    add_funnels,
    cohorts_under_way,
    funnels,
    funnels_of,
    unpaired_of,
)
from programs.queries.leaving import partners_left, partners_left_of, programs_without
from programs.queries.pairs import pairs_of_all
from programs.queries.participants import participations_of, participations_of_person
from programs.queries.rests import rest_of
from programs.registries import cohort_tabs, waited_for

AUDIT_WORDS = {
    "program.created": _("Program created"),
    "program.changed": _("Program changed"),
    "cohort.created": _("Cohort created"),
    "cohort.changed": _("Cohort changed"),
    "cohort.needs_published": _("Published what mentees want to learn"),
    "cohort.phase_changed": _("Phase of a cohort changed"),
    "participants.invited": _("People invited"),
    "participant.invited_again": _("Invited again"),
    "participant.withdrawn": _("Taken out of a cohort"),
    "participant.joined": _("Joined a cohort"),
    "participant.declined": _("Declined an invitation"),
    "participant.capacity_changed": _("Number of partners changed"),
    "participant.seat_added": _("One partner more noted for somebody"),
    "participant.seat_taken_back": _("One partner more for somebody taken back"),
    "person.rest_taken": _("Took a break"),
    "person.rest_ended": _("Ended a break"),
    "pairs.published": _("Pairs published"),
    "pairs.retracted": _("Published pairs taken back"),
    "pair.ended": _("Pair ended early"),
    "participant.left": _("Participation ended: left"),
}
LEAVING_WORDS = {
    "pairs": ngettext_lazy("%(number)s pair", "%(number)s pairs", "number"),
    "meetings": ngettext_lazy("%(number)s planned meeting", "%(number)s planned meetings", "number"),
    "participations": ngettext_lazy("%(number)s participation", "%(number)s participations", "number"),
    "invitations": ngettext_lazy("%(number)s open invitation", "%(number)s open invitations", "number"),
    "sponsors": ngettext_lazy("%(number)s sponsor", "%(number)s sponsors", "number"),
}
HOME_STEPS = [
    HomeStep(
        label=_("Create a program"),
        text=_(
            "Start from a template: its questions, rules and meeting rhythm are filled in for you to edit."
        ),
        url_name="program_templates",
        permission=Permission.MANAGE_PROGRAMS,
        done=lambda request: Program.objects.exists(),
        order=20,
    ),
    HomeStep(
        label=_("Invite mentors and mentees"),
        text=_("Open a cohort, pick people from your roster, and they get a mail that needs no password."),
        url_name="programs",
        permission=Permission.MANAGE_PROGRAMS,
        done=lambda request: Participant.objects.exists(),
        order=30,
    ),
    HomeStep(
        label=_("Pair them and publish"),
        text=_("Upward suggests who should meet whom and says why; you change what you like."),
        url_name="programs",
        permission=Permission.RUN_MATCHING,
        done=lambda request: Pair.objects.exists(),
        order=40,
    ),
]
PARTNERS_SHOWN = 6
BEFORE_PAIRS = (CohortStatus.ENROLLING, CohortStatus.MATCHING)


def enrolment_figures(cohort: Cohort, request: HttpRequest) -> dict[str, Any] | None:
    """The funnel as figures while people enrol; nothing once they meet."""
    if cohort.status not in BEFORE_PAIRS:
        return None
    return _funnel_context(cohort)


def enrolment_summary(cohort: Cohort, request: HttpRequest) -> dict[str, Any] | None:
    """The funnel by role as a small table, in every phase but the first."""
    return None if cohort.status == CohortStatus.DRAFT else _funnel_context(cohort)


def _funnel_context(cohort: Cohort) -> dict[str, Any]:
    found = getattr(cohort, "_funnels", None)
    if found is None:
        found = cohort._funnels = funnels(cohort)  # type: ignore[attr-defined]
    return {
        "all": add_funnels(*found.values()),
        "mentors": found[PairRole.MENTOR],
        "mentees": found[PairRole.MENTEE],
        "rows": [(role, funnel) for role, funnel in found.items()],
    }


def supply_and_demand(cohort: Cohort, request: HttpRequest) -> dict[str, Any] | None:
    """Partners that mentors can take beside partners that mentees would take, until pairs are made: says
    which of them to invite next."""
    found = _funnel_context(cohort)
    mentors, mentees = found["mentors"], found["mentees"]
    if cohort.status not in BEFORE_PAIRS or not found["all"].joined:
        return None
    return {
        "sides": [(_("Mentees that mentors can take"), mentors), (_("Mentors that mentees want"), mentees)],
        "most": max(mentors.seats, mentees.seats),
        "missing_mentors": max(0, mentees.seats - mentors.seats),
        "missing_mentees": max(0, mentors.seats - mentees.seats),
    }


def next_for_champion(cohort: Cohort, request: Any) -> dict[str, Any] | None:
    """Shown to those who can do it; an overseer reads only."""
    if not request.membership.has(Permission.MANAGE_PROGRAMS):
        return None
    steps = cohort_steps(
        cohort,
        _funnel_context(cohort)["all"],
        today=today_in(request.organization.time_zone, timezone.now()),
        active_pairs=active_pairs_of([cohort])[cohort.pk],
        seats={role: funnel.seats for role, funnel in _funnel_context(cohort)["rows"]},
        unpaired=unpaired_of(cohort) if cohort.status == CohortStatus.RUNNING else None,
    )
    return {"steps": [with_url(request, cohort, step) for step in steps]}


def with_url(request: Any, cohort: Cohort, step: Step) -> dict[str, Any]:
    """A step with the address of its button. "@matching" is the tab that registered for that phase."""
    slug = request.organization.slug
    name, ids = step.url_name, dict(step.ids)
    if name.startswith("@"):
        tabs = [tab.url_name for tab in cohort_tabs if tab.phase == name[1:]]
        name, ids = (tabs[0] if tabs else ""), {"cohort_id": cohort.pk}
    url = reverse(name, kwargs={"organization": slug, **ids}) if name else ""
    return {"step": step, "url": f"{url}?{step.query}" if step.query else url}


def home_for_champion(request: Any) -> dict[str, Any] | None:
    """Cohorts under way, each with its next step. Without any program the checklist says where to begin."""
    if not request.membership.has(Permission.MANAGE_PROGRAMS):
        return None
    found = cohorts_under_way(limit=6)
    by_cohort = funnels_of(found)
    pairs = active_pairs_of(found)
    waiting = partners_left_of(found)
    today = today_in(request.organization.time_zone, timezone.now())
    rows = [
        {
            "cohort": cohort,
            "phase": phase_badge(cohort, today),
            "partners_left": waiting.get(cohort.pk, 0),
            "step": cohort_steps(cohort, by_cohort[cohort.pk], today=today, active_pairs=pairs[cohort.pk])[0],
        }
        for cohort in found
    ]
    return {"rows": rows} if rows or Program.objects.exists() else None


def partner_left(cohort: Cohort, request: Any) -> dict[str, Any] | None:
    """Who waits because a partner has left, with the way to a new one."""
    waiting = list(partners_left(cohort)) if request.membership.has(Permission.RUN_MATCHING) else []
    if not waiting:
        return None
    match = with_url(request, cohort, Step("", url_name="@matching"))["url"]
    return {"rows": waiting[:PARTNERS_SHOWN], "total": len(waiting), "url": match}


def programs_left(request: Any) -> Iterator[Charge]:
    """Programs whose champion, deputy or sponsor has left, each with the page where a successor is named."""
    if not request.membership.has(Permission.MANAGE_PROGRAMS):
        return
    for program in programs_without():
        url = reverse("program_edit", args=[request.organization.slug, program.pk])
        champion, deputy, sponsor = program.champion, program.deputy, program.sponsor
        for words, member in (
            (_("%(program)s has no champion"), champion),
            (_("%(program)s has no deputy"), deputy),
        ):
            if member and (member.suspended_at or not member.has(Permission.MANAGE_PROGRAMS)):
                yield Charge(words % {"program": program}, member.called, _("Choose a successor"), url)
        if sponsor and sponsor.status == PersonStatus.LEFT:
            words = _("%(program)s has no sponsor")
            yield Charge(words % {"program": program}, str(sponsor), _("Choose a successor"), url)


def home_for_participant(request: Any) -> dict[str, Any] | None:
    """A signed-in person's own participations, each with their next step; first of all who waits for them."""
    found = list(participations_of(request.user)[:6])
    if not found:
        return None
    today = today_in(request.organization.time_zone, timezone.now())
    pairs = pairs_of_all(found)
    steps = [
        (participant, step)
        for participant in found
        for build in waited_for
        if (step := build(participant, request)) is not None
    ]
    steps += [(one, participant_step(one, pairs[one.pk], today=today)) for one in found]
    rows = [{"participant": one, **step_for(request, one, step)} for one, step in steps]
    return {"rows": rows}


def step_for(request: Any, participant: Participant, step: Step) -> dict[str, Any]:
    """A participant's step with the address of its button."""
    kwargs = {"organization": request.organization.slug, "participant_id": participant.pk, **step.ids}
    return {"step": step, "url": reverse(step.url_name, kwargs=kwargs) if step.url_name else ""}


def person_participations(person: Person) -> dict[str, Any] | None:
    """In which cohorts somebody was, and whether they are on a break."""
    found = list(participations_of_person(person)[:20])
    rest = rest_of(person, today_in(person.organization.time_zone, timezone.now())) if found else None
    return {"participations": found, "rest": rest} if found else None
