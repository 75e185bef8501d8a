from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from matching.models import Exclusion
from mentoring.actors import Actor
from mentoring.models import Person


def _exclusions(double: Person) -> QuerySet[Exclusion]:
    return Exclusion.objects.filter(Q(person=double) | Q(other=double))


def exclusion_moves(kept: Person, double: Person) -> list[str]:
    number = _exclusions(double).count()
    if not number:
        return []
    text = ngettext(
        "%(number)d rule about who must not be paired with them comes along.",
        "%(number)d rules about who must not be paired with them come along.",
        number,
    )
    return [text % {"number": number}]


def merge_exclusions(kept: Person, double: Person, by: Actor) -> None:
    """Whoever must not be paired with the one must not be paired with the other."""
    for exclusion in _exclusions(double):
        other = exclusion.other_id if exclusion.person_id == double.pk else exclusion.person_id
        exclusion.delete()
        if other != kept.pk:
            first, second = sorted((kept.pk, other))
            Exclusion.objects.get_or_create(
                person_id=first,
                other_id=second,
                defaults={"note": exclusion.note, "created_by_id": exclusion.created_by_id},
            )
