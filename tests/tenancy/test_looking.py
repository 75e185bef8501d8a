"""Looking changes nothing, on any page there is and any to come: a GET leaves every table as it was."""

from typing import Any

from django.apps import apps
from django.db import connection

from matching.actions.settings import ensure_criteria
from programs.enums import CohortStatus
from programs.models import Cohort
from tests.cast import Cast
from tests.tenancy.ids import ids_of, mentor_user
from tests.tenancy.test_urls import TENANT_ROUTES, WORDS

OURS = ("mentoring", "programs", "matching", "sessions", "outcomes")
# The last use of a login and what a browser's session keeps.
BESIDE = {"django_session", "mentoring_user"}
# Who took a file out of the house is written down.
NOTED = dict.fromkeys(("metrics_export_file", "match_export"), "mentoring_auditevent")


def everything(cast: Cast) -> dict[str, Any]:
    """By table, a fingerprint of all its rows."""
    tables = [one._meta.db_table for one in apps.get_models() if one._meta.app_label in OURS]
    found = {}
    with cast.scope(), connection.cursor() as cursor:
        for table in sorted(set(tables) - BESIDE):
            cursor.execute(
                f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{table}\" t"
            )
            found[table] = cursor.fetchone()
    return found


def test_looking_changes_nothing(northwind: Cast, sign_in: Any, sent_tasks: Any) -> None:
    ids = {**ids_of(northwind), **WORDS}
    owner, mentor = sign_in(northwind.owner), sign_in(mentor_user(northwind))
    browsers = {"member": owner, "participant": mentor, "invited": mentor}
    with northwind.scope():
        ensure_criteria(cohort=northwind.cohort, by=northwind.by)  # filled when first looked at
    wrong = []
    for status in (CohortStatus.RUNNING, CohortStatus.ENROLLING, CohortStatus.MATCHING):
        with northwind.scope():
            Cohort.objects.update(status=status, matching_mode="choose", choose_until="2100-01-01")
        before = everything(northwind)
        for route in TENANT_ROUTES:
            for headers in ({}, {"hx-request": "true"}):
                browsers[route.guard.kind].get(route.url(ids), headers=headers)
            after = everything(northwind)
            changed = {table for table in before if before[table] != after[table]}
            wrong += [(route.name, table) for table in changed - {NOTED.get(route.name)}]
            before = after
    assert wrong == []
