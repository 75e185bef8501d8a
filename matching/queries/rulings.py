"""What champions have said of single pairings of a cohort."""

from django.db.models import QuerySet

from matching.enums import RulingKind
from matching.models import Ruling
from mentoring.enums import PersonStatus
from mentoring.queries.members import with_author
from mentoring.queries.search import names_of, words_in
from programs.enums import PairRole
from programs.models import Cohort


def rulings_found(cohort: Cohort, *, words: str = "", said: str = "") -> QuerySet[Ruling]:
    """By names and by what was said (a kind, or "override"), the newest first; of people who are here."""
    rulings = Ruling.objects.filter(
        words_in(words, names_of("mentor__person", "mentee__person")), cohort=cohort
    )
    for role in PairRole:
        rulings = rulings.exclude(**{f"{role.value}__person__status": PersonStatus.LEFT})
    rulings = with_author(rulings).select_related("mentor__person", "mentee__person", "mentor__cohort")
    if said in RulingKind.values:
        rulings = rulings.filter(kind=said)
    elif said == "override":
        rulings = rulings.filter(kind=RulingKind.KEEP).exclude(overrides=[])
    return rulings.order_by("-created_at", "-id")
