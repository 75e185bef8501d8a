from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection

from mentoring.settings import database

# A restored dump has its tables with the rights that roles.sql gives to new ones: with these, too.
APPEND_ONLY = """
DO $$
DECLARE role text;
BEGIN
    FOR role IN SELECT rolname FROM pg_roles
        WHERE rolname IN ('upward_app', 'upward_system') AND to_regclass('mentoring_auditevent') IS NOT NULL
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON mentoring_auditevent FROM %I', role);
    END LOOP;
END $$
"""


class Command(Migrate):
    help = (
        "Django's migrate, as the owner role (OWNER_DATABASE_URL); the audit log is append-only afterwards."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.OWNER_DATABASE_URL:
            connection.close()
            owner = database(settings.OWNER_DATABASE_URL)
            connection.settings_dict.update(owner | {"NAME": connection.settings_dict["NAME"]})
        super().handle(*args, **options)
        if settings.OWNER_DATABASE_URL:
            with connection.cursor() as cursor:
                cursor.execute(APPEND_ONLY)
