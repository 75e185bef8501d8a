from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from matching.models import Exclusion
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.models import Person
from mentoring.queries.locks import locked
from mentoring.rules import NotAllowed


def add_exclusion(*, person: Person, other: Person, note: str, by: Actor) -> Exclusion:
    """Two people who are never paired, in any cohort; which of them is named first makes no difference."""
    if person.pk == other.pk:
        raise NotAllowed(_("Choose two different people."))
    lower, upper = sorted((person, other), key=lambda one: one.pk)
    try:
        with transaction.atomic():
            exclusion = Exclusion.objects.create(
                person=lower, other=upper, note=note.strip()[:300], created_by_id=by.user_id
            )
    except IntegrityError:
        raise NotAllowed(
            _("%(one)s and %(other)s are on the list already.") % {"one": person, "other": other}
        ) from None
    audit.record("exclusion.added", exclusion, by=by, people=[lower.pk, upper.pk])
    return exclusion


def remove_exclusion(*, exclusion: Exclusion, by: Actor) -> None:
    exclusion = locked(exclusion)
    audit.record("exclusion.removed", exclusion, by=by, people=[exclusion.person_id, exclusion.other_id])
    exclusion.delete()
