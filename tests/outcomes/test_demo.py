from datetime import UTC, datetime

import pytest

from matching.models import PairRequest
from mentoring.tenancy.scoping import organization_scope
from outcomes.demo.companies import make_fabrikam, make_northwind
from outcomes.demo.promises import PromiseBroken, check_northwind

# On this night the one who was to ask the demo's mentor had found somebody else.
NIGHT = datetime(2026, 11, 29, 3, tzinfo=UTC)


@pytest.mark.django_db
def test_demo_keeps_its_promises_and_names_one_that_it_breaks() -> None:
    northwind = make_northwind(NIGHT)
    make_fabrikam(NIGHT)
    check_northwind(northwind, NIGHT)
    with organization_scope(northwind):
        PairRequest.objects.filter(receiver__person__email="mentor@northwind.example").delete()
    with pytest.raises(PromiseBroken) as broken:
        check_northwind(northwind, NIGHT)
    assert str(broken.value) == (
        "Northwind at 2026-11-29T03:00:00+00:00 is not as promised: the mentor has been asked by somebody"
    )
