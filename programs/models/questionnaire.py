from django.db import models
from django.utils.translation import gettext_lazy as _

from mentoring.lines import LineField
from mentoring.tenancy.scoping import OrganizationScoped
from programs.enums import PairRole, QuestionnaireStatus, QuestionType
from programs.models.program import Program


class Questionnaire(OrganizationScoped):
    """A versioned set of questions for one role. Published ones never change; a change is a new version
    with the same question keys, so that answers of different versions stay comparable."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="questionnaires")
    audience = models.CharField(_("for"), max_length=10, choices=PairRole.choices)
    version = models.PositiveSmallIntegerField(default=1)
    title = LineField(_("title"), max_length=150)
    introduction = models.TextField(_("introduction"), blank=True)
    status = models.CharField(
        max_length=12, choices=QuestionnaireStatus.choices, default=QuestionnaireStatus.DRAFT
    )
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "program", "audience", "version"], name="questionnaire_version_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "program", "audience"],
                condition=models.Q(status="published"),
                name="questionnaire_published_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class Question(OrganizationScoped):
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=60)
    type = models.CharField(max_length=20, choices=QuestionType.choices)
    position = models.PositiveSmallIntegerField()
    section = LineField(max_length=120, blank=True)
    label = LineField(max_length=300)
    help = LineField(max_length=500, blank=True)
    required = models.BooleanField(default=False)
    sensitive = models.BooleanField(default=False)
    settings = models.JSONField(default=dict)

    class Meta(OrganizationScoped.Meta):
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "questionnaire", "key"], name="question_key_once"
            ),
            models.CheckConstraint(
                condition=models.Q(type__in=QuestionType.values), name="question_type_known"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Choice(OrganizationScoped):
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="choices")
    key = models.SlugField(max_length=80)
    label = LineField(max_length=200)
    position = models.PositiveSmallIntegerField()

    class Meta(OrganizationScoped.Meta):
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "question", "key"], name="choice_key_once")
        ]

    def __str__(self) -> str:
        return self.label
