from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.db import models

from matching.enums import RequestStatus
from matching.run_settings import Settings
from mentoring.models import Job
from mentoring.tenancy.scoping import OrganizationScoped
from programs.models import Cohort, Participant


class Pick(OrganizationScoped):
    """A participant's ranked choice of a partner (`rank` from 1), or a "not for me" (`rank` None).

    No participant ever sees another's. Champions see counts, and of two people in a draft that they picked
    each other; a "not for me" is shown to nobody.
    """

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="picks")
    partner = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationScoped.Meta):
        ordering = ("rank", "id")
        constraints = [
            models.UniqueConstraint(fields=["organization", "participant", "partner"], name="pick_once"),
            models.UniqueConstraint(
                fields=["organization", "participant", "rank"],
                name="pick_rank_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=models.Q(rank=None) | models.Q(rank__gte=1), name="pick_rank_from_1"
            ),
            models.CheckConstraint(
                condition=~models.Q(participant=models.F("partner")), name="pick_somebody_else"
            ),
        ]
        indexes = [models.Index(fields=["organization", "partner"], name="pick_by_partner")]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.rank or 'not'} {self.partner_id}"


class PairRequest(OrganizationScoped):
    """One participant asks another to be a pair, in a cohort whose people choose for themselves.

    It takes no seat until it is accepted; accepting makes the pair. See `matching.actions.requests`.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="pair_requests")
    sender = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="requests_sent")
    receiver = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="requests_received")
    status = models.CharField(max_length=10, choices=RequestStatus.choices, default=RequestStatus.OPEN)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "sender", "receiver"],
                condition=models.Q(status="open"),
                name="pair_request_open_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(sender=models.F("receiver")), name="pair_request_of_two"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "receiver", "status"], name="pair_request_by_receiver"),
            models.Index(fields=["organization", "sender", "status"], name="pair_request_by_sender"),
            models.Index(fields=["organization", "cohort", "status"], name="pair_request_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.sender_id} asks {self.receiver_id}: {self.status}"


class SuggestionRun(Job):
    """Works out for everybody in a cohort whom to suggest, when choosing opens or somebody joins late.

    `settings` hold beside those of a run the `state` of what the lists are made of
    (`matching.queries.suggestions.state_of`).
    """

    TASK = "matching.suggest"

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="suggestion_runs")
    settings = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)

    class Meta(Job.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "cohort"],
                condition=models.Q(status__in=["queued", "running"]),
                name="suggestion_run_one_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["organization", "status"], name="suggestion_run_by_status")]

    @cached_property
    def settings_then(self) -> Settings:
        return Settings.from_row(self.settings)

    def __str__(self) -> str:
        return f"Suggestion run {self.pk}"


class SuggestionList(OrganizationScoped):
    """Whom one participant may choose from, best first: `partners` (participant ids) and `scores` (0-100),
    of equal length. Everybody whom no hard rule forbids, up to `matching.rules.SUGGESTED_AT_MOST`."""

    run = models.ForeignKey(SuggestionRun, on_delete=models.CASCADE, related_name="lists")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    partners = ArrayField(models.BigIntegerField())
    scores = ArrayField(models.SmallIntegerField())

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "participant"], name="suggestion_list_once"),
            models.CheckConstraint(
                condition=models.Q(partners__len=models.F("scores__len")), name="suggestion_list_even"
            ),
        ]

    def __str__(self) -> str:
        return f"Suggestions for {self.participant_id}"
