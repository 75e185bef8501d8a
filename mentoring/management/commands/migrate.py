from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection

from mentoring.settings import database


class Command(Migrate):
    help = "Django's migrate, as the owner role (OWNER_DATABASE_URL)."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.OWNER_DATABASE_URL:
            connection.close()
            owner = database(settings.OWNER_DATABASE_URL)
            connection.settings_dict.update(owner | {"NAME": connection.settings_dict["NAME"]})
        super().handle(*args, **options)
