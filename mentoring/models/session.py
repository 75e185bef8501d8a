from django.db import models
from django.utils.translation import gettext_lazy as _

from mentoring.lines import LineField
from mentoring.models.person import Person
from mentoring.tenancy.scoping import OrganizationScoped


class LinkSession(OrganizationScoped):
    """A browser in which somebody came in by a link from a mail. It is good while this row stands, so that
    it can be seen and ended from elsewhere; sessions of those who sign in are allauth's `UserSession`."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    opened_at = models.DateTimeField(_("opened"))
    until = models.DateTimeField(_("good until"))
    ip = models.GenericIPAddressField(null=True)
    user_agent = LineField(max_length=200, blank=True)

    class Meta(OrganizationScoped.Meta):
        indexes = [models.Index(fields=["organization", "person"], name="link_session_by_person")]

    def __str__(self) -> str:
        return f"{self.person_id}, {self.opened_at:%Y-%m-%d %H:%M}"
