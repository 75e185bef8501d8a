from typing import Any

from mentoring.models import Organization


def mail_context(organization: Organization, **more: Any) -> dict[str, Any]:
    """What templates/emails/base.html shows of the organization: its name, and whom to ask.

    Pass `contact={"name": ..., "email": ...}` where a program has its own champion.
    """
    contact = None
    if organization.contact_email:
        contact = {
            "name": organization.contact_name or organization.contact_email,
            "email": organization.contact_email,
        }
    return {"organization": organization, "contact": contact, **more}
