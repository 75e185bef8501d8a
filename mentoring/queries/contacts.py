"""Whom people ask when they have a question."""

from typing import Any

from mentoring.models import Membership, Organization
from mentoring.queries.leaving import in_charge, left_with_address
from mentoring.tenancy.scoping import organization_scope


def organization_contact(organization: Organization) -> dict[str, str] | None:
    """The contact that the organization names; once that person has left, who is in charge of it."""
    if not organization.contact_email:
        return None
    with organization_scope(organization):
        if left_with_address(organization.contact_email) and (
            member := in_charge().select_related("user").first()
        ):
            return address_of(member)
    name = organization.contact_name or organization.contact_email
    return {"name": name, "email": organization.contact_email}


def address_of(membership: Membership) -> dict[str, str]:
    return {"name": membership.called, "email": membership.address}


def mail_context(organization: Organization, **more: Any) -> dict[str, Any]:
    """What templates/emails/base.html shows of the organization: its name, and whom to ask.

    Pass `contact={"name": ..., "email": ...}` where a program has its own champion.
    """
    contact = more.pop("contact", None) or organization_contact(organization)
    return {"organization": organization, "contact": contact, **more}
