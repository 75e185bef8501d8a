from django.db import models

from mentoring.tenancy.scoping import OrganizationScoped
from programs.enums import ResponseStatus
from programs.models.participant import Participant
from programs.models.questionnaire import Choice, Question, Questionnaire


class Response(OrganizationScoped):
    """One participant's filling-in of one version of a questionnaire."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="responses")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="responses")
    status = models.CharField(max_length=10, choices=ResponseStatus.choices, default=ResponseStatus.DRAFT)
    started_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "participant", "questionnaire"], name="response_once"
            )
        ]

    def __str__(self) -> str:
        return f"Response {self.pk}"


class Answer(OrganizationScoped):
    """One value. Text types use `text`, scale and number `number`, choices have `SelectedChoice` rows:
    at most one of the columns is filled, and an empty answer has no row at all."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(null=True)  # noqa: DJ001  (an empty column, not an empty text)
    number = models.DecimalField(max_digits=14, decimal_places=4, null=True)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "response", "question"], name="answer_once"),
            models.CheckConstraint(
                condition=models.Q(text__isnull=True) | models.Q(number__isnull=True),
                name="answer_one_column",
            ),
        ]
        indexes = [models.Index(fields=["organization", "question"], name="answer_by_question")]

    def __str__(self) -> str:
        return f"Answer {self.pk}"


class SelectedChoice(OrganizationScoped):
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="selected")
    choice = models.ForeignKey(Choice, on_delete=models.PROTECT, related_name="+")

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "answer", "choice"], name="selected_choice_once")
        ]

    def __str__(self) -> str:
        return f"{self.choice_id}"
