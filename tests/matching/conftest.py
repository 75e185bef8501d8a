from typing import Any

import pytest
from django.test import Client

from programs.models import Cohort
from tests.cast import Cast
from tests.matching.asking import choosing
from tests.matching.making import Someone, make_cohort


@pytest.fixture
def small(northwind: Cast) -> Cohort:
    """Three mentors, four mentees; the best pairs are plain to see."""
    with northwind.scope():
        return make_cohort(
            northwind,
            [
                Someone("Ada One", ("ai_tools", "automation"), person={"unit": "IT", "location": "Oslo"}),
                Someone("Ben Two", ("social_media",), person={"unit": "Sales", "location": "Lagos"}),
                Someone("Cem Three", ("inclusion", "wellbeing"), person={"unit": "IT", "location": "Oslo"}),
            ],
            [
                Someone("Uma Four", ("ai_tools", "automation"), person={"unit": "HR", "location": "Rome"}),
                Someone("Vic Five", ("social_media",), person={"unit": "HR", "location": "Rome"}),
                Someone("Wes Six", ("inclusion",), person={"unit": "HR", "location": "Oslo"}),
                Someone("Xia Seven", (), person={"unit": "IT", "location": "Oslo"}),
            ],
        )


@pytest.fixture
def scene(northwind: Cast) -> Any:
    """People choose for themselves: three mentors, three mentees, everybody with one seat."""
    with northwind.scope():
        yield choosing(northwind, "Ada Ben Cem", "Uma Vic Wes")


@pytest.fixture
def client(northwind: Cast, sign_in: Any) -> Client:
    """The champion's browser."""
    return sign_in(northwind.champion)
