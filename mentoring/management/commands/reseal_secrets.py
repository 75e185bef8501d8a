from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction

from mentoring.batches import batches
from mentoring.models import Organization
from mentoring.models.fields import SealedTextField
from mentoring.tenancy.scoping import OrganizationScoped, organization_scope

SEALED = ("secret", "seed")
AT_ONCE = 200
Scope = Callable[[], AbstractContextManager[None]]


class Command(BaseCommand):
    help = "After a change of SECRET_KEY: seal with the new one what the old one sealed, so that it can go."

    def handle(self, *args: Any, **options: Any) -> None:
        second_steps = reseal_second_steps()
        mails = sum(reseal_rows(model, names, scope) for model, names, scope in sealed_tables())
        self.stdout.write(
            f"{second_steps} second steps and sets of recovery codes, and {mails} mails, "
            "are sealed with SECRET_KEY."
        )


def reseal_second_steps() -> int:
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
    return resealed


def sealed_tables() -> Iterator[tuple[Any, list[str], Scope]]:
    """Each table with sealed fields and their names, a tenant's once for each organization."""
    for model in apps.get_models():
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, SealedTextField)]
        if names and issubclass(model, OrganizationScoped):
            for pk in Organization.objects.order_by("pk").values_list("pk", flat=True):
                yield model, names, partial(organization_scope, pk)
        elif names:
            yield model, names, transaction.atomic


def reseal_rows(model: Any, names: list[str], scope: Scope) -> int:
    """What cannot be read any more stays as it is: its key may still be found."""
    resealed = 0
    with scope():
        pks = list(model.objects.order_by("pk").values_list("pk", flat=True))
    for some in batches(pks, AT_ONCE):
        with scope():
            for row in model.objects.select_for_update(no_key=True).filter(pk__in=some).order_by("pk"):
                if readable := [name for name in names if getattr(row, name)]:
                    row.save(update_fields=readable)
                    resealed += 1
    return resealed
