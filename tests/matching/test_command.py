import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from matching.management.commands.run_matching import aims_in_words
from matching.models import MatchRun
from mentoring.models import Membership
from programs.actions.programs import create_program
from programs.enums import CohortStatus, ParticipantStatus
from programs.models import Cohort, Pair
from programs.templates_catalog import find_template
from tests.cast import Cast
from tests.realdata import FOLDER, FORM_EXPORTS, needs

pytestmark = pytest.mark.usefixtures("sent_tasks")


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("run_matching", *arguments, stdout=out)
    return out.getvalue()


def test_command_runs_and_publishes(northwind: Cast, small: Cohort) -> None:
    told = run("northwind", "Spring 2027", "--publish").splitlines()
    assert told == [
        "  0 %  Reading the answers",
        " 15 %  Scoring every possible pair",
        " 30 %  Finding the best pairs",
        " 70 %  Checking the result",
        " 80 %  Writing down the reasons",
        " 90 %  Storing the pairs",
        "Draft pairing 1: 3 pairs; 3 of 3 mentors and 3 of 4 mentees placed.",
        told[7],
        "Nothing to learn in 0 of 3 pairs; in 0 of them the mentee named nothing.",
        "Published 3 pairs.",
    ]
    assert told[7].endswith("proven the best possible.")
    with northwind.scope():
        assert Pair.objects.filter(cohort=small).count() == 3


def test_command_tells_what_the_run_aimed_at() -> None:
    side = {"picked": 4, "first": 1, "any": 3}
    share = {"source": "person:region", "percent": 40, "pairs": 7, "of": 20, "bound": 7, "met": False}
    told = {"picks": {"mentors": side, "mentees": side}, "share": share}
    assert aims_in_words({**told, "priority": {"waited": 2, "placed": 1}}) == [
        "Of 8 people who picked, 2 got their first choice and 6 any of theirs.",
        "Different region: 7 of 20 pairs, 40 % wanted; no more than 7 are possible.",
        "Placed 1 of 2 who waited since an earlier cohort.",
    ]


def test_command_answers_json(northwind: Cast, small: Cohort) -> None:
    answer = json.loads(run("northwind", str(small.pk), "--json"))
    assert (answer["run"], answer["status"], answer["published"], answer["figures"]["pairs"]) == (
        1,
        "done",
        None,
        3,
    )


@pytest.mark.parametrize(
    ("organization", "cohort", "code", "said"),
    [
        ("nowhere", "Spring 2027", 2, "There is no organization “nowhere”."),
        ("northwind", "Nothing", 2, "There is no cohort “Nothing”."),
        ("northwind", "Autumn 2026", 1, "There is nobody to pair yet"),
    ],
)
def test_command_refuses_with_its_exit_status(
    northwind: Cast, organization: str, cohort: str, code: int, said: str
) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        run(organization, cohort)
    assert refused.value.returncode == code


def test_command_finds_no_cohort_of_another_organization(northwind: Cast, fabrikam: Cast) -> None:
    with pytest.raises(CommandError) as refused:
        run("northwind", str(fabrikam.cohort.pk))
    assert refused.value.returncode == 2


@needs(*FORM_EXPORTS)
def test_real_answers_place_every_mentor_with_something_to_learn(northwind: Cast) -> None:
    template = find_template("technology_skills")
    assert template
    with northwind.scope():
        program = create_program(
            template=template,
            name="Technology skills",
            purpose="Leaders get hands-on.",
            champion=Membership.objects.get(user=northwind.champion),
            by=northwind.by,
        )
        dates: dict[str, Any] = {
            name: getattr(northwind.cohort, name)
            for name in ("enroll_from", "enroll_until", "starts_on", "ends_on")
        }
        cohort = Cohort.objects.create(program=program, name="Real", status=CohortStatus.ENROLLING, **dates)
    for role in ("mentor", "mentee"):
        file = str(FOLDER / f"form_export_{role}s.csv")
        call_command(
            "import_responses", "northwind", "Real", file, role=role, add_choices=True, stdout=io.StringIO()
        )
    run("northwind", "Real", "--publish")
    with northwind.scope():
        figures = MatchRun.objects.get(cohort=cohort).figures
        joined = cohort.participants.filter(status=ParticipantStatus.JOINED)
        assert [joined.filter(role=role).count() for role in ("mentor", "mentee")] == [276, 469]
        assert Pair.objects.filter(cohort=cohort).count() == 276
    assert (figures["mentors"]["placed"], figures["mentors"]["of"], figures["proven"]) == (276, 276, True)
    assert figures["learn"]["nothing"] / figures["pairs"] <= 0.025
