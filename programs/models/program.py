from django.db import models
from django.utils.translation import gettext_lazy as _

from mentoring.enums import PersonStatus
from mentoring.lines import LineField
from mentoring.models import Membership, Person
from mentoring.tenancy.scoping import OrganizationScoped


class Program(OrganizationScoped):
    """A mentoring program: why it exists, who stands for it, and (through cohorts) its runs."""

    name = LineField(_("name"), max_length=120)
    template_key = LineField(max_length=40)
    purpose = models.TextField(_("purpose"))
    initiative = LineField(_("strategic initiative"), max_length=200, blank=True)
    sponsor = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    endorsement = models.TextField(_("sponsor's words"), blank=True)
    champion = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    deputy = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationScoped.Meta):
        verbose_name = _("program")
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="program_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_endorsed(self) -> bool:
        """Nobody is shown the words of a sponsor who has left."""
        return bool(self.endorsement) and not (self.sponsor and self.sponsor.status == PersonStatus.LEFT)
