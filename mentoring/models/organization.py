from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mentoring.lines import AddressField, LineField


class Organization(models.Model):
    """The tenant. The one table without `organization_id`: signing in and the scheduler start from it."""

    name = LineField(_("name"), max_length=120)
    slug = models.SlugField(_("address"), max_length=50, unique=True)
    time_zone = LineField(_("time zone"), max_length=64, default="UTC")
    language = LineField(_("language"), max_length=10, default="en")
    contact_name = LineField(_("contact for participants"), max_length=120, blank=True)
    contact_email = AddressField(_("contact's e-mail"), blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("home", args=[self.slug])
