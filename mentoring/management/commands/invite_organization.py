from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from mentoring.accounts.adapter import queue_rendered_mail
from mentoring.models import SignUpInvitation
from mentoring.rules import normalize_email


class Command(BaseCommand):
    help = (
        "Invite addresses to set up an organization each, where SIGN_UP=invited, and mail them the way. An "
        "invitation stays good until it is withdrawn. Without an address: list them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("emails", nargs="*", metavar="EMAIL")
        parser.add_argument("--withdraw", action="store_true", help="take the invitations back instead")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        addresses = [_checked(email) for email in options["emails"]]
        if not addresses:
            for invitation in SignUpInvitation.objects.order_by("created_at"):
                self.stdout.write(f"{invitation.created_at:%Y-%m-%d} {invitation.email}")
        elif options["withdraw"]:
            SignUpInvitation.objects.filter(email__in=addresses).delete()
        else:
            for address in addresses:
                SignUpInvitation.objects.get_or_create(email=address, defaults={"created_at": timezone.now()})
                _mail(address)
                self.stdout.write(f"The invitation goes to {address}.")


def _checked(email: str) -> str:
    address = normalize_email(email)
    try:
        validate_email(address)
    except ValidationError:
        raise CommandError(f"“{email}” is not an e-mail address.") from None
    return address


def _mail(address: str) -> None:
    url = settings.BASE_URL + reverse("account_signup")
    queue_rendered_mail("account/email/sign_up_invitation", address, {"url": url})
