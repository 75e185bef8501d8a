"""PostgreSQL plans joins by what it believes about the tables, and of rows that just came in by the thousand
it knows nothing until autovacuum has passed: lists then took seconds. So bulk work ends with ANALYZE."""

from django.db import connection, models


def refresh_statistics(*tables: type[models.Model]) -> None:
    """Tell the planner about freshly filled tables. Needs the right MAINTAIN (deploy/postgres/roles.sql,
    PostgreSQL 17 and later); without it PostgreSQL warns and does nothing."""
    if tables:
        names = ", ".join(connection.ops.quote_name(table._meta.db_table) for table in tables)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {names}")
