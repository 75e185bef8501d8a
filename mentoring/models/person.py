from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from mentoring.enums import PersonStatus
from mentoring.lines import AddressField, LineField
from mentoring.models.organization import Organization
from mentoring.models.user import User
from mentoring.tenancy.scoping import OrganizationScoped


class Person(OrganizationScoped):
    """Someone on the organization's roster. May never log in; `user` is set once they do.

    `employee_id` is what imports go by; people known only by e-mail (from a form tool) have none.
    `attributes` keeps further roster columns that the champion mapped, as text by column key.
    `link_epoch` rises with each change of address: links and the sessions they opened carry it.
    """

    employee_id = LineField(_("employee ID"), max_length=64, null=True, blank=True)
    email = AddressField(_("e-mail"), max_length=254, blank=True)
    first_name = LineField(_("first name"), max_length=100, blank=True)
    last_name = LineField(_("last name"), max_length=100, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=PersonStatus.choices, default=PersonStatus.ACTIVE
    )
    title = LineField(_("job title"), max_length=150, blank=True)
    level = models.PositiveSmallIntegerField(_("management level"), null=True, blank=True)
    unit = LineField(_("unit"), max_length=150, blank=True)
    job_family = LineField(_("job family"), max_length=150, blank=True)
    location = LineField(_("location"), max_length=150, blank=True)
    country = LineField(_("country"), max_length=100, blank=True)
    region = LineField(_("region"), max_length=100, blank=True)
    time_zone = LineField(_("time zone"), max_length=64, blank=True)
    language = LineField(_("language"), max_length=10, blank=True)
    hired_on = models.DateField(_("hire date"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    attributes = models.JSONField(_("further attributes"), default=dict, blank=True)
    manager = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="reports"
    )
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    link_epoch = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(OrganizationScoped.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(fields=["organization", "employee_id"], name="person_employee_id_once"),
            models.UniqueConstraint(
                "organization", Lower("email"), condition=~models.Q(email=""), name="person_email_once"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "last_name", "first_name", "id"], name="person_by_name"),
            models.Index(fields=["organization", "status", "last_name"], name="person_by_status"),
            models.Index(fields=["organization", "manager"], name="person_by_manager"),
            models.Index(fields=["organization", "user"], name="person_by_user"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email or self.employee_id or ""

    @property
    def called(self) -> str:
        """In a sentence, where the other one's name stands as well."""
        return self.first_name or self.name

    def zone(self, organization: Organization) -> str:
        """The name of the time zone that this person's times are written in."""
        return self.time_zone or organization.time_zone or "UTC"

    @property
    def summary(self) -> str:
        return " · ".join(part for part in (self.title, self.location) if part)
