"""Two entries of the roster are one person: what they take part in."""

from django.db.models import Q
from django.utils.translation import gettext as _

from mentoring.models import Person
from programs.enums import ParticipantStatus
from programs.models import Pair, Participant


def participations_twice(kept: Person, double: Person) -> list[tuple[Participant, Participant]]:
    """Both take part in the same cohort, whereas a person does so once: the one that stays, and the one that
    goes, which has joined nothing and has no pair. Where neither can go, the second is who is in the way."""
    both = Participant.objects.filter(person__in=(kept, double)).select_related("person", "cohort__program")
    by_cohort: dict[int, list[Participant]] = {}
    for participant in both.order_by("cohort_id"):
        by_cohort.setdefault(participant.cohort_id, []).append(participant)
    twice = []
    for two in by_cohort.values():
        if len(two) == 2:
            going, staying = sorted(two, key=lambda part: (not can_go(part), part.person_id == kept.pk))
            twice.append((staying, going))
    return twice


def can_go(participant: Participant) -> bool:
    pairs = Pair.objects.filter(Q(mentor=participant) | Q(mentee=participant))
    return participant.status != ParticipantStatus.JOINED and not pairs.exists()


def merge_refusals(kept: Person, double: Person) -> list[str]:
    return [
        _(
            "Both take part in %(cohort)s, and a person can do so only once. Withdraw one of the two there "
            "first, the one without a pair."
        )
        % {"cohort": _named(going)}
        for _staying, going in participations_twice(kept, double)
        if not can_go(going)
    ]


def merge_moves(kept: Person, double: Person) -> list[str]:
    twice = participations_twice(kept, double)
    gone = {going.pk for _staying, going in twice}
    sentences = [
        _("Both are in %(cohort)s: the part as %(role)s that is %(status)s goes, with its answers.")
        % {
            "cohort": _named(going),
            "role": going.get_role_display(),
            "status": going.get_status_display(),
        }
        for _staying, going in twice
    ]
    participations = (
        Participant.objects.filter(person=double).select_related("cohort__program").order_by("cohort_id")
    )
    return sentences + [
        _("%(role)s in %(cohort)s comes along, with answers, picks, pairs and meetings.")
        % {"role": participant.get_role_display(), "cohort": _named(participant)}
        for participant in participations
        if participant.pk not in gone
    ]


def _named(participant: Participant) -> str:
    return f"{participant.cohort.program.name}, {participant.cohort.name}"
