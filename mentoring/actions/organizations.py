from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.enums import Role
from mentoring.models import Membership, Organization, User
from mentoring.queries.locks import locked
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import organization_scope


def create_organization(
    *, name: str, slug: str, owner: User, time_zone: str = "UTC", language: str = "en"
) -> Organization:
    """A new tenant with its owner, who is also the contact that participants see until it is changed."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                organization = Organization.objects.create(
                    name=name,
                    slug=slug,
                    time_zone=time_zone,
                    language=language,
                    contact_name=owner.name,
                    contact_email=owner.email,
                )
        except IntegrityError:
            raise NotAllowed(_("This address is taken. Choose another one.")) from None
        with organization_scope(organization):
            Membership.objects.create(
                user=owner,
                name=owner.name,
                invited_email=owner.email,
                role=Role.OWNER,
                joined_at=timezone.now(),
            )
            audit.record("organization.created", organization, by=Actor.of_user(owner))
    return organization


def update_organization(
    *,
    organization: Organization,
    name: str,
    time_zone: str,
    language: str,
    contact_name: str,
    contact_email: str,
    by: Actor,
) -> bool:
    """Change what the whole organization shares. The address stays: it is in mails that went out. Answers
    whether anything changed."""
    organization = locked(organization)
    wanted = {
        "name": name,
        "time_zone": time_zone,
        "language": language,
        "contact_name": contact_name,
        "contact_email": contact_email,
    }
    changed = {key: value for key, value in wanted.items() if getattr(organization, key) != value}
    if not changed:
        return False
    for key, value in changed.items():
        setattr(organization, key, value)
    organization.save(update_fields=list(changed))
    audit.record("organization.changed", organization, by=by, **changed)
    return True
