"""Who may set up an organization, as the operator says (`SIGN_UP`)."""

from django.conf import settings

from mentoring.enums import SignUp
from mentoring.models import SignUpInvitation, User
from mentoring.rules import normalize_email

# In the session of who signed up: nobody's address, and not an invited one. Its owner is told by mail.
TURNED_AWAY = "turned_away"


def sign_up_is_closed() -> bool:
    return settings.SIGN_UP == SignUp.CLOSED


def may_sign_up(email: str) -> bool:
    """Asked for every address, so that the answer takes the same time whoever is invited."""
    invited = SignUpInvitation.objects.filter(email=normalize_email(email)).exists()
    return settings.SIGN_UP == SignUp.OPEN or (settings.SIGN_UP == SignUp.INVITED and invited)


def may_set_up_another(user: User) -> bool:
    """Of somebody who is signed in: any address that they have confirmed counts."""
    confirmed = user.emailaddress_set.filter(verified=True)  # type: ignore[attr-defined]
    if settings.SIGN_UP == SignUp.OPEN:
        return True
    return any(may_sign_up(email) for email in confirmed.values_list("email", flat=True))
