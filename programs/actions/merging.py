from django.utils.translation import gettext as _

from mentoring.actors import Actor
from mentoring.models import Person
from mentoring.rules import NotAllowed
from programs.models import Participant, Rest
from programs.queries.merging import can_go, merge_refusals, participations_twice


def merge_participations(kept: Person, double: Person, by: Actor) -> None:
    """One part in each cohort, and the longer of two breaks."""
    if refusals := merge_refusals(kept, double):
        raise NotAllowed(" ".join(refusals))
    for _staying, going in participations_twice(kept, double):
        if not can_go(going):
            raise NotAllowed(_("Somebody has joined meanwhile. Look at the two again."))
        going.delete()
    Participant.objects.filter(person=double).update(person=kept)
    rests = Rest.objects.filter(person__in=(kept, double)).order_by("-until")
    for rest in rests[1:]:
        rest.delete()
    Rest.objects.filter(person=double).update(person=kept)
