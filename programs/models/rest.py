from django.db import models
from django.utils.translation import gettext_lazy as _

from mentoring.models import Person
from mentoring.tenancy.scoping import OrganizationScoped


class Rest(OrganizationScoped):
    """A person's break from all programs of their organization: nobody invites them before `until`, and they
    can be invited on that day again. It is theirs: they begin and end it, nobody else does, and nobody asks
    why. One that has passed stays until the next one takes its place."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="rests")
    until = models.DateField(_("until"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationScoped.Meta):
        verbose_name = _("break")
        constraints = [models.UniqueConstraint(fields=["organization", "person"], name="rest_once")]

    def __str__(self) -> str:
        return f"{self.person} ({self.until})"
