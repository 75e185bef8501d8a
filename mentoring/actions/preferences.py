from mentoring.models import Membership, User
from mentoring.queries.members import memberships_of
from mentoring.tenancy.scoping import organization_scope


def save_preferences(*, user: User, name: str, time_zone: str, language: str, theme: str) -> bool:
    """One's own login settings. They belong to no organization, so no organization's audit log has them.

    They want to be called by this name wherever they are a member; an organization that only invited them
    does not learn of it. Answers whether anything changed.
    """
    before = (user.name, user.time_zone, user.language, user.theme)
    if before == (name, time_zone, language, theme):
        return False
    if user.name != name:
        for membership in memberships_of(user):
            if membership.joined_at:
                with organization_scope(membership.organization_id):
                    Membership.objects.filter(pk=membership.pk).update(name=name)
    user.name = name
    user.time_zone = time_zone
    user.language = language
    user.theme = theme
    user.save(update_fields=["name", "time_zone", "language", "theme"])
    return True
