"""A roster import as far as its check."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mentoring.actions.roster_imports import choose_mapping, start_import
from mentoring.models import RosterImport
from mentoring.people.columns import EXTRA
from tests.cast import Cast


@pytest.fixture
def start(northwind: Cast, run_tasks: Any):
    """Upload, have it looked at."""

    def started(content: str | bytes, name: str = "roster.csv") -> RosterImport:
        def keep() -> None:
            with northwind.scope():
                start_import(
                    name=name,
                    content=content.encode() if isinstance(content, str) else content,
                    organization=northwind.organization,
                    by=northwind.by,
                )

        assert run_tasks(keep) == ["mentoring.run_roster_import"]
        with northwind.scope():
            return RosterImport.objects.select_related("file").latest("id")

    return started


@pytest.fixture
def checked(northwind: Cast, start: Any, run_tasks: Any):
    """`checked(content, keep=[...])`: upload, map as suggested, `keep` further columns, have it checked."""

    def check(
        content: str | bytes, *, keep: Sequence[str] = (), reasons: Mapping[str, str] | None = None
    ) -> RosterImport:
        found = start(content)
        mapping = found.mapping | dict.fromkeys(keep, EXTRA)

        def choose() -> None:
            with northwind.scope():
                choose_mapping(
                    roster_import=found, mapping=mapping, day_first=True, reasons=reasons, by=northwind.by
                )

        assert run_tasks(choose) == ["mentoring.run_roster_import"]
        with northwind.scope():
            return RosterImport.objects.get(pk=found.pk)

    return check
