"""What was said or answered in confidence: no page of a champion tells it of a person, in words or by
arithmetic that the page itself does."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from matching.actions.criteria import add_criterion, remove_criterion
from matching.actions.runs import start_run
from matching.actions.settings import change_settings, ensure_criteria
from matching.enums import RunPurpose
from matching.models import Criterion, MatchRun, Pick, Proposal, Unmatched
from matching.run_settings import Changes
from mentoring.rules import NotAllowed
from programs.enums import MatchingMode, PairRole, QuestionType
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.making import CRITERIA, Someone, find, make_cohort, questionnaires, solved
from tests.matching.test_settings_criteria import ask

TOO_MUCH = "answered in confidence"


@pytest.fixture
def client(northwind: Cast, sign_in: Any) -> Client:
    return sign_in(northwind.champion)


def url(name: str, *arguments: Any) -> str:
    return reverse(name, args=["northwind", *arguments])


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def with_faiths(cast: Cast, weight: int) -> Cohort:
    """Ada and Uma believe alike, Ben and Vic alike; one criterion compares it."""
    with cast.scope():
        questionnaires(cast, cast.program)
        for role in PairRole:
            ask(cast, role, "faith", QuestionType.SINGLE_CHOICE, "sun moon", sensitive=True)
        sun, moon = {"faith": "sun"}, {"faith": "moon"}
        cohort = make_cohort(
            cast,
            [Someone("Ada One", ("ai_tools",), sun), Someone("Ben Two", ("wellbeing",), moon)],
            [Someone("Uma Four", ("ai_tools",), sun), Someone("Vic Five", ("wellbeing",), moon)],
        )
        ensure_criteria(cohort=cohort, by=cast.by)
        Criterion.objects.create(
            cohort=cohort,
            key="faith",
            label="Same faith",
            comparator="same",
            mentor_source="question:faith",
            mentee_source="question:faith",
            weight=weight,
            position=9,
        )
    return cohort


def posted(cohort: Cohort, **more: Any) -> dict[str, Any]:
    weights = {f"weight-{one.key}": one.weight for one in Criterion.objects.filter(cohort=cohort)}
    return {**weights, "method": "solver", **more}


def test_share_of_a_confidential_answer_is_not_told(northwind: Cast, client: Client, run_tasks: Any) -> None:
    """Neither that both answered alike (100 of 100) nor that they did not (0)."""
    run = solved(northwind, with_faiths(northwind, 3))
    with northwind.scope():
        ids = list(Proposal.objects.filter(run=run).order_by("pk").values_list("pk", flat=True))
        stored = Proposal.objects.get(pk=ids[0]).contributions
        uma, ben = find(run.cohort, "Uma Four"), find(run.cohort, "Ben Two")
    assert [one["percent"] for one in stored if one["state"] == "private"] == [100]
    pages = [text(client.get(url("match_pair", run.cohort_id, pk))) for pk in ids]
    asked: list[Any] = []
    address = url("match_why_not", run.cohort_id, run.pk) + f"?mentor={ben.pk}"
    run_tasks(lambda: asked.append(client.post(address, {"partner": uma.person.email})))
    pages.append(text(client.get(asked[0].headers["Location"])))
    for page in pages:
        line = page.partition("<dt><span>Confidential answers")[2].partition("</div>")[0]
        weight = '<span class="text-secondary text-nowrap">× 3</span>'
        told = '<span class="text-secondary">Counted, and shown to nobody.</span>'
        assert line == f" {weight}</span></dt> <dd>{told}</dd> "


def test_confidential_answers_never_weigh_more_than_everything_else(northwind: Cast, client: Client) -> None:
    """With nothing beside it, a score of 100 or 0 would tell who answered alike."""
    cohort = with_faiths(northwind, 2)
    alone = dict.fromkeys(CRITERIA, 0)
    with northwind.scope():
        with pytest.raises(NotAllowed, match=TOO_MUCH):
            change_settings(cohort=cohort, weights={**alone, "faith": 5}, rules={}, by=northwind.by)
        with pytest.raises(NotAllowed, match=TOO_MUCH):
            start_run(
                cohort=cohort,
                by=northwind.by,
                purpose=RunPurpose.WHAT_IF,
                changes=Changes(weights={**alone, "faith": 1}),
            )
        Criterion.objects.filter(cohort=cohort, key__in=CRITERIA[1:]).update(weight=0)
        Criterion.objects.filter(cohort=cohort, key=CRITERIA[0]).update(weight=2)
        with pytest.raises(NotAllowed, match=TOO_MUCH):
            remove_criterion(criterion=Criterion.objects.get(cohort=cohort, key=CRITERIA[0]), by=northwind.by)
        Criterion.objects.filter(cohort=cohort, key="faith").delete()
        with pytest.raises(NotAllowed, match=TOO_MUCH):
            add_criterion(
                cohort=cohort,
                source="question:faith",
                comparator="same",
                weight=3,
                label="",
                by=northwind.by,
            )
        assert MatchRun.objects.count() == 0


def test_confidential_answers_alone_are_not_previewed(northwind: Cast, client: Client) -> None:
    """With a lowest score of 100 the preview would name whoever has few that answered alike."""
    cohort = with_faiths(northwind, 2)
    with northwind.scope():
        data = posted(cohort, floor=100, **{f"weight-{key}": 0 for key in CRITERIA})
    for name in ("match_preview", "match_settings"):
        answer = client.post(url(name, cohort.pk), data)
        assert answer.status_code == 422
        assert TOO_MUCH in text(answer)
        assert "Ada One" not in text(answer)


def test_refusals_are_not_named_beside_a_person(northwind: Cast, small: Cohort, client: Client) -> None:
    """Everybody refused Xia: her page says that there is nobody, and not that it was said of her."""
    with northwind.scope():
        small.matching_mode, small.choose_until = MatchingMode.HYBRID, small.enroll_until
        small.save()
        xia = find(small, "Xia Seven")
        for name in ("Ada One", "Ben Two", "Cem Three"):
            Pick.objects.create(participant=find(small, name), partner=xia)
    run = solved(northwind, small)
    with northwind.scope():
        alone = Unmatched.objects.get(run=run, participant=xia)
    for address in (
        url("match_unmatched", small.pk, alone.pk),
        url("match", small.pk) + f"?run={run.number}&tab=unmatched",
    ):
        page = text(client.get(address))
        assert "a reason that stays confidential" in page
        assert re.findall(r"stays confidential[:( ]+\d", page) == []
        assert ("not for me" in page, "refused" in page) == (False, False)


def test_groups_of_confidential_answers_are_rounded(northwind: Cast, small: Cohort, client: Client) -> None:
    """One person more, between two drafts, makes no difference that could be read; a unit stays exact."""
    run = solved(northwind, small)

    def page(people: int, low: float) -> str:
        one = {"people": people, "placed": people - 1, "mean": 61.2, "low": low}
        groups = [{"source": "question:age_group", "group": "Under 25", **one}]
        with northwind.scope():
            MatchRun.objects.filter(pk=run.pk).update(figures=run.figures | {"fairness": groups})
        return text(client.get(url("match", small.pk) + "?tab=spread"))

    table = page(12, 41.3).partition("How groups fare")[2].partition("</table>")[0]
    cells = re.findall(r'<td class="num" data-label="[^"]+">([^<]+)</td>', table)
    assert cells == ["10+", "about 90%", "60", "40", "–"]
    assert table == page(13, 42.1).partition("How groups fare")[2].partition("</table>")[0]


def test_rule_of_before_a_question_became_sensitive_holds_no_more(northwind: Cast, client: Client) -> None:
    cohort = with_faiths(northwind, 1)
    with northwind.scope():
        Criterion.objects.filter(cohort=cohort, key="faith").update(comparator="must_match")
        with pytest.raises(NotAllowed, match="cannot be a rule"):
            start_run(cohort=cohort, by=northwind.by)
        data = posted(cohort)
    answer = client.post(url("match_preview", cohort.pk), data)
    assert (answer.status_code, "cannot be a rule" in text(answer)) == (422, True)
    with northwind.scope():
        remove_criterion(criterion=Criterion.objects.get(cohort=cohort, key="faith"), by=northwind.by)
        start_run(cohort=cohort, by=northwind.by)
