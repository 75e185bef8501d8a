"""What the mentees of a cohort want to learn, without names: for mentors who are invited to meet it."""

from dataclasses import dataclass

from django.db.models import Count

from programs.enums import PairRole, ParticipantStatus, ResponseStatus
from programs.models import Cohort, Response, SelectedChoice
from programs.templates_catalog import find_template

FEW = 3


@dataclass(frozen=True)
class Need:
    """A topic, and how many mentees chose it; `few`: so few that the number is not told."""

    topic: str
    mentees: int

    @property
    def few(self) -> bool:
        return self.mentees < FEW

    @property
    def shown(self) -> int:
        """For the bar: where the number is not told, it is not drawn either."""
        return FEW - 1 if self.few else self.mentees


@dataclass(frozen=True)
class Needs:
    """All topics, the most wanted first, and how many mentees have answered."""

    topics: list[Need]
    answered: int

    def top(self, number: int) -> list[str]:
        return [need.topic for need in self.topics[:number]]


def needs_of(cohort: Cohort) -> Needs:
    """What mentees who joined and handed in said they want to learn: the questions that the program's
    template matches with what mentors can show. Sensitive questions are left out. Two queries."""
    handed_in = {
        "participant__cohort": cohort,
        "participant__role": PairRole.MENTEE,
        "participant__status": ParticipantStatus.JOINED,
        "status": ResponseStatus.SUBMITTED,
    }
    chosen = SelectedChoice.objects.filter(
        answer__question__key__in=_wanted(cohort),
        answer__question__sensitive=False,
        **{f"answer__response__{name}": value for name, value in handed_in.items()},
    )
    counts = chosen.order_by().values_list("choice__label").annotate(number=Count("id"))
    topics = [Need(topic, number) for topic, number in counts.order_by("-number", "choice__label")]
    answered = Response.objects.filter(**handed_in).values("participant").distinct().count()
    return Needs(topics, answered)


def _wanted(cohort: Cohort) -> list[str]:
    template = find_template(cohort.program.template_key)
    sources = (
        [one.mentee_source for one in template.criteria if one.comparator == "covers"] if template else []
    )
    return [key for source in sources for key in source.removeprefix("question:").split("+")]
