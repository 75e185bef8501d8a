from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.core.management.base import BaseCommand
from django.db import transaction

SEALED = ("secret", "seed")


class Command(BaseCommand):
    help = "After a change of SECRET_KEY: seal second steps with the new key, so that the old one can go."

    def handle(self, *args: Any, **options: Any) -> None:
        resealed = 0
        for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
            with transaction.atomic():
                authenticator = Authenticator.objects.select_for_update(no_key=True).filter(pk=pk).first()
                if authenticator is None:
                    continue
                for name in SEALED:
                    if name in authenticator.data:
                        authenticator.data[name] = encrypt(decrypt(authenticator.data[name]))
                authenticator.save(update_fields=["data"])
                resealed += 1
        self.stdout.write(f"{resealed} second steps and sets of recovery codes are sealed with SECRET_KEY.")
