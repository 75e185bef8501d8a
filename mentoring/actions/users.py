from allauth.account.models import EmailAddress

from mentoring.models import User
from mentoring.queries.users import has_confirmed


def confirm_address(*, user: User) -> None:
    """Who reads the mail of this address has come in, by its link or its code.

    If nobody had confirmed the address before, whoever signed up with it may have been a stranger who waits
    for its owner: the password of then stops working, on whatever device, and so do other addresses.
    """
    if has_confirmed(user):
        return
    user.set_unusable_password()
    user.save(update_fields=["password"])
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
