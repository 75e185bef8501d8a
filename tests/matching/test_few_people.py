"""Reasons for a handful of people, as a page shows them while everybody chooses."""

import subprocess
import sys

import numpy as np
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matching.explaining import contributions
from matching.models import Criterion
from matching.queries.inputs import load_inputs, load_run
from matching.queries.settings import settings_now
from matching.reasons import phrases
from matching.solving import score
from programs.enums import PairRole
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.making import Someone, add_participants, find, solved

LAZY = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "mentoring.settings"
import django
django.setup()
import matching.explaining, matching.solving, matching.queries.inputs
from matching.core import HardRules, Problem
assert "scipy" not in sys.modules, [name for name in sys.modules if "scipy" in name][:3]
from matching.core import solve
assert "scipy" in sys.modules
"""


def test_reasons_are_worked_out_without_scipy() -> None:
    subprocess.run([sys.executable, "-c", LAZY], check=True)


def test_few_people_have_the_contributions_that_the_run_gives_them(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        for mentor, style in (("Ada One", 1), ("Ben Two", 5), ("Cem Three", 2)):
            level(small, mentor, style)
        for mentee, style in (("Uma Four", 2), ("Vic Five", 3), ("Wes Six", 3), ("Xia Seven", 3)):
            level(small, mentee, style)
    solved(northwind, small)
    with northwind.scope():
        Criterion.objects.create(
            cohort=small, key="level", label="Near in level", comparator="close", weight=2, position=9,
            mentor_source="person:level", mentee_source="person:level",
        )  # fmt: skip
    run = solved(northwind, small)
    with northwind.scope():
        ada, uma = find(small, "Ada One"), find(small, "Uma Four")
        scales = score(load_run(run)).scales
        inputs = load_inputs(small, run.settings_then, participants=[ada.pk, uma.pk])
        few = contributions(score(inputs, scales), np.array([[0, 0]]))[0]
        stored = run.proposals.get(mentor=ada, mentee=uma).contributions
        narrow = contributions(score(inputs), np.array([[0, 0]]))[0]
    assert scales == {"style": 1.0, "level": 4.0}
    answered = [one for one in stored if one["state"] == "answered"]
    assert [one for one in few if one["state"] == "answered"] == answered
    assert [one["percent"] for one in (few[-1], narrow[-1])] == [75, 0]
    assert phrases(few, "mentee") == [
        "can show you AI tools in everyday work and Automating small tasks, which you want to learn",
        "near in level",
        "another unit",
        "another place",
    ]


def level(cohort: Cohort, name: str, number: int) -> None:
    person = find(cohort, name).person
    person.level = number
    person.save()


def test_few_people_take_the_same_number_of_queries_in_any_cohort(northwind: Cast, small: Cohort) -> None:
    solved(northwind, small)
    with northwind.scope():
        settings = settings_now(small)
        ids = [find(small, name).pk for name in ("Ada One", "Uma Four")]
        with CaptureQueriesContext(connection) as few:
            load_inputs(small, settings, participants=ids)
        ids += [
            one.pk
            for one in add_participants(
                small, PairRole.MENTEE, [Someone(f"Many {number}", ("ai_tools",)) for number in range(12)]
            )
        ]
        with CaptureQueriesContext(connection) as many:
            inputs = load_inputs(small, settings, participants=ids)
    assert (len(inputs.mentors.ids), len(inputs.mentees.ids), len(many)) == (1, 13, len(few))
