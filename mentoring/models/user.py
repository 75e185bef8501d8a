from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mentoring.enums import Role, Theme
from mentoring.lines import AddressField, LineField
from mentoring.rules import is_reachable, normalize_email
from mentoring.tenancy.permissions import Permission, role_has
from mentoring.tenancy.scoping import OrganizationScoped


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normalize_email(username or ""))


class User(AbstractBaseUser):
    """A login, by e-mail. Rights come only from a Membership: there is no superuser and no staff flag.

    The row is shared by all organizations. What it says of somebody (name, language, time zone, appearance)
    only its owner writes and is shown; an organization has its own name for them (`Membership.name`).
    """

    email = AddressField(_("e-mail"), max_length=254, unique=True)
    name = LineField(_("name"), max_length=120, blank=True)
    time_zone = LineField(_("time zone"), max_length=64, blank=True)
    language = LineField(_("language"), max_length=10, blank=True)
    theme = models.CharField(_("appearance"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)
    session_round = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session is good for one password and one round: `end_user_sessions` begins the next round."""
        value = f"{self.session_round}:{self.password}"
        return salted_hmac("upward.session", value, secret=secret, algorithm="sha256").hexdigest()


class Membership(OrganizationScoped):
    """A user's role in an organization. `joined_at` is empty until an invited user first comes in.

    `suspended_at`: they left the organization (`actions.leaving`). The row stays, so that history and what
    they were in charge of can still name them; every door treats it as no membership.

    `name` is this organization's own: what whoever invited them typed, until they say how they are called.
    """

    name = LineField(_("name"), max_length=120, blank=True)
    # As whoever invited them typed it: their login may go by another one, which is nobody's business.
    invited_email = AddressField(_("invited address"), max_length=254, blank=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    joined_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)

    class Meta(OrganizationScoped.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.called} ({self.get_role_display()})"

    @property
    def address(self) -> str:
        """The login's address, once they have joined; until then the one that was invited."""
        address = (self.user.email if self.joined_at else self.invited_email) or self.user.email
        return address if is_reachable(address) else gettext("no address")

    @property
    def called(self) -> str:
        return self.name or self.address

    def has(self, permission: Permission) -> bool:
        return role_has(self.role, permission)


class SignUpInvitation(models.Model):
    """An address that may set up an organization where sign-up is left to invited ones (`SIGN_UP`)."""

    email = AddressField(_("e-mail"), max_length=254, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.email


class PartedLogin(OrganizationScoped):
    """A log-in that is used elsewhere too and whose address, by this organization's roster, is no longer its
    owner's. The organization cannot take the address from it, so nobody here is ever tied to it by that
    address again: it would open the next holder's pages to the one before."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    email = AddressField(max_length=254)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "user", "email"], name="parted_login_once")
        ]

    def __str__(self) -> str:
        return self.email
