from django.core.management.base import CommandError

from mentoring.models import Organization
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import organization_scope
from programs.models import Cohort
from programs.queries.cohorts import find_cohort


def cohort_named(organization: Organization, wanted: str) -> Cohort:
    """The cohort that a command was given by number or exact name; else it ends with status 2."""
    with organization_scope(organization):
        try:
            return find_cohort(wanted)
        except NotAllowed as refusal:
            raise CommandError(str(refusal), returncode=2) from None
