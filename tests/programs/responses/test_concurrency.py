from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from programs.actions.responses import save_answers
from programs.models import Answer, Participant, Response
from programs.queries.responses import latest_response, values_of
from tests.cast import Cast
from tests.programs.answering import definition, ready_to_answer
from tests.running import PATIENCE


@pytest.mark.django_db(transaction=True)
def test_saving_from_several_tabs_at_once_keeps_one_response_and_every_answer(northwind: Cast) -> None:
    with northwind.scope():
        ready_to_answer(northwind)
    start = Barrier(4)

    def save(values: dict[str, Any]) -> None:
        try:
            with northwind.scope():
                found = Participant.objects.select_related("cohort__program", "person")
                participant = found.get(pk=northwind.mentor.pk)
                start.wait(timeout=PATIENCE)
                save_answers(participant=participant, values=values, by=northwind.by)
        finally:
            connection.close()

    tabs = [{"mood": 7}, {"mood": 7}, {"tools": ("c",)}, {"hope": "To learn"}]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(save, tabs))
    with northwind.scope():
        assert (Response.objects.count(), Answer.objects.count()) == (1, 3)
        assert values_of(latest_response(northwind.mentor), definition(northwind)) == {
            "tools": ("c",),
            "mood": 7,
            "hope": "To learn",
        }
