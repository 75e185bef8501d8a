import pytest
from django.utils import timezone

from programs.enums import PairRole
from programs.models import Participant
from tests.cast import Cast
from tests.programs.making import add_participant, make_enrolling


@pytest.fixture
def invited(northwind: Cast) -> Participant:
    with northwind.scope():
        cohort = make_enrolling(northwind)
        return add_participant(
            cohort, northwind.people["spare"], PairRole.MENTOR, status="invited", invited_at=timezone.now()
        )
