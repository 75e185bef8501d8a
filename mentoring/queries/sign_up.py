"""Who may set up an organization, as the operator says (`SIGN_UP`)."""

from django.conf import settings

from mentoring.enums import SignUp
from mentoring.models import SignUpInvitation, User
from mentoring.queries.users import user_of
from mentoring.rules import normalize_email


def sign_up_is_closed() -> bool:
    return settings.SIGN_UP == SignUp.CLOSED


def may_sign_up(email: str) -> bool:
    """Asked for every address, so that the answer takes the same time whoever is invited."""
    invited = SignUpInvitation.objects.filter(email=normalize_email(email)).exists()
    return settings.SIGN_UP == SignUp.OPEN or (settings.SIGN_UP == SignUp.INVITED and invited)


def is_turned_away(email: str) -> bool:
    """Nobody's address, and not an invited one: its owner is told by mail, and by nothing else."""
    return not may_sign_up(email) and user_of(email) is None


def may_set_up_another(user: User) -> bool:
    """Of somebody who is signed in: any address that she has confirmed counts."""
    confirmed = user.emailaddress_set.filter(verified=True)  # type: ignore[attr-defined]
    if settings.SIGN_UP == SignUp.OPEN:
        return True
    return any(may_sign_up(email) for email in confirmed.values_list("email", flat=True))
