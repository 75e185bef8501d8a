"""A champion's word on one pairing: keep it in every run, or never propose it; with a note of why."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from matching.enums import RulingKind, RunPurpose
from matching.models import MatchRun, Ruling
from matching.queries.pairing import broken_by, rule_words
from matching.queries.seats import seats_of
from matching.queries.settings import settings_now
from matching.rules import can_be_overridden
from matching.run_settings import Settings
from matching.words import listed
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.enums import OPEN_JOBS
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort
from programs.enums import PairRole, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant

NOTE_LENGTH = 300


def rule_pairing(
    *,
    mentor: Participant,
    mentee: Participant,
    kind: RulingKind | None,
    by: Actor,
    note: str = "",
    override: bool = False,
) -> bool:
    """Keep this pairing in every run of the cohort, never propose it again, or (None) take that back.

    Takes effect at the next run: a draft that exists is not changed. Nobody can be kept with more
    partners than they take. A pair that hard rules forbid is kept only with `override` and a note that says
    why; rules that protect somebody hold even then. Said again, another note replaces the first. Answers
    whether anything changed.
    """
    cohort = lock_cohort(mentor.cohort)
    check_roles(mentor, mentee)
    check_no_edit(cohort)
    note = note.strip()[:NOTE_LENGTH]
    earlier = Ruling.objects.filter(cohort=cohort, mentor=mentor, mentee=mentee).first()
    if (earlier.kind if earlier else None) == kind and (earlier is None or note in ("", earlier.note)):
        return False
    overrides: list[str] = []
    if kind == RulingKind.KEEP:
        if earlier is None or earlier.kind != kind:
            _check_seats(mentor, mentee)
        said_before = bool(earlier and earlier.overrides)
        overrides = overridden(
            mentor, mentee, settings_now(cohort), note=note, override=override or said_before
        )
    if earlier:
        earlier.delete()
    if kind:
        Ruling.objects.create(
            cohort=cohort,
            mentor=mentor,
            mentee=mentee,
            kind=kind,
            note=note,
            overrides=overrides,
            created_by_id=by.user_id,
        )
    said = kind.value if kind else "cleared"
    audit.record(
        "matching.ruled",
        cohort,
        by=by,
        kind=said,
        mentor=mentor.pk,
        mentee=mentee.pk,
        note=note,
        overrides=overrides,
    )
    return True


def check_roles(mentor: Participant, mentee: Participant) -> None:
    if mentor.cohort_id != mentee.cohort_id or (mentor.role, mentee.role) != (
        PairRole.MENTOR,
        PairRole.MENTEE,
    ):
        raise NotAllowed(_("These two are not a mentor and a mentee of the same cohort."))


def check_no_edit(cohort: Cohort) -> None:
    """While a draft is being changed by hand, what that change keeps stands: nothing may cross it."""
    changing = MatchRun.objects.filter(cohort=cohort, purpose=RunPurpose.EDIT, status__in=OPEN_JOBS)
    if changing.exists():
        raise NotAllowed(_("The draft is being changed by hand right now. Try again when that is done."))


def overridden(
    mentor: Participant,
    mentee: Participant,
    settings: Settings,
    *,
    note: str,
    override: bool,
    low: bool = False,
) -> list[str]:
    """The rules that keeping this pair breaks; `low`: its score is known to be under the lowest one.

    Refused for those that protect somebody, and for the others unless the champion says so and why. An
    earlier "never" of their own gives way to their new word.
    """
    broken = [rule for rule in broken_by(mentor, mentee, settings) if rule != "never"]
    broken += ["floor"] if low else []
    told = {"mentor": mentor.person, "mentee": mentee.person}
    fixed = [rule for rule in broken if not can_be_overridden(rule)]
    if fixed:
        words = rule_words(fixed, settings.labels)
        raise NotAllowed(
            _("%(mentor)s and %(mentee)s cannot be paired: %(rules)s. Nobody can override that.")
            % {**told, "rules": listed([str(word) for word in words])}
        )
    if broken and not (override and note):
        words = rule_words(broken, settings.labels)
        raise NotAllowed(
            _(
                "A rule forbids %(mentor)s and %(mentee)s: %(rules)s. Keep them all the same only with "
                "a reason, on the page of kept and ruled-out pairs."
            )
            % {**told, "rules": listed([str(word) for word in words])}
        )
    return broken


def check_joined(participants: Iterable[Participant]) -> None:
    for participant in participants:
        if participant.status != ParticipantStatus.JOINED:
            raise NotAllowed(_("%(name)s is no longer in this cohort.") % {"name": participant.person})


def _check_seats(mentor: Participant, mentee: Participant) -> None:
    check_joined((mentor, mentee))
    check_kept(mentor.cohort, [(mentor, mentee)])


def check_kept(cohort: Cohort, more: Iterable[tuple[Participant, Participant]]) -> None:
    """Nobody is kept with more partners than they have seats, with these pairs kept in addition."""
    more = list(more)
    people = {one.pk: one for pair in more for one in pair}
    free = seats_of(people.values())
    wanted = kept_pairs(cohort) | {(mentor.pk, mentee.pk) for mentor, mentee in more}
    for pk, participant in people.items():
        if sum(pk in pair for pair in wanted) > free[pk]:
            raise NotAllowed(
                _("%(name)s is kept with somebody already and takes no more partners. Undo that one first.")
                % {"name": participant.person}
            )


def kept_pairs(cohort: Cohort) -> set[tuple[int, int]]:
    """What is kept and still needs a seat: both are there, and they are not a pair already."""
    kept = Ruling.objects.filter(
        cohort=cohort,
        kind=RulingKind.KEEP,
        mentor__status=ParticipantStatus.JOINED,
        mentee__status=ParticipantStatus.JOINED,
    )
    active = Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE)
    return set(kept.values_list("mentor_id", "mentee_id")) - set(active.values_list("mentor_id", "mentee_id"))
