"""What another pair costs and what would place somebody: asked once, worked out exactly, told in words."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from matching.actions import inquire
from matching.actions.exclusions import add_exclusion
from matching.actions.inquire import forget, work_off_inquiry
from matching.actions.inquiries import ask
from matching.enums import InquiryKind
from matching.models import MatchInquiry, MatchRun, MatchSettings, Pick
from matching.prices import people_in, price_text
from matching.queries.inputs import load_run
from matching.queries.people import participant_names
from matching.solving import restrict, score
from mentoring.enums import JobStatus
from mentoring.jobs import run_job
from mentoring.models import AuditEvent
from mentoring.rules import NotAllowed
from programs.enums import MatchingMode, ParticipantStatus
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.making import Someone, find, make_cohort, solved
from tests.together import at_once

SKILLS = ("ai_tools", "automation", "social_media", "inclusion", "wellbeing")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """What a worker remembers of the last draft must not come from another test's database."""
    forget()
    yield
    forget()


def answered(cast: Cast, run: MatchRun, kind: InquiryKind, **people: str) -> MatchInquiry:
    """The inquiry, worked off here and now; `people` by role and name. Call it outside of any scope."""
    with cast.scope():
        found = {role: find(run.cohort, name) for role, name in people.items()}
        inquiry = ask(run=run, kind=kind, **found, by=cast.by)
    run_job(MatchInquiry, work_off_inquiry, cast.organization.pk, inquiry.pk)
    with cast.scope():
        return MatchInquiry.objects.select_related("run__cohort", "mentor__person", "mentee__person").get(
            pk=inquiry.pk
        )


def told(cast: Cast, inquiry: MatchInquiry, *, asker: str, chosen: str) -> str:
    with cast.scope():
        names = participant_names(people_in([inquiry.result]))
    pair = {"mentor": inquiry.mentor_id or 0, "mentee": inquiry.mentee_id or 0}
    return price_text(inquiry.result, names, asker=asker, chosen=chosen, pair=pair)


def five_and_five(cast: Cast) -> Cohort:
    """Everybody can meet everybody; scores differ in many ways."""
    with cast.scope():
        return make_cohort(
            cast,
            [
                Someone(f"Mentor {n}", (SKILLS[n % 5], SKILLS[(n * 2) % 5], SKILLS[(n * 3 + 1) % 5]))
                for n in range(4)
            ],
            [Someone(f"Mentee {n}", (SKILLS[n % 5], SKILLS[(n + 2) % 5])) for n in range(5)],
        )


def test_prices_equal_those_of_trying_every_program(northwind: Cast) -> None:
    cohort = five_and_five(northwind)
    run = solved(northwind, cohort)
    with northwind.scope():
        prepared = score(load_run(run))
        problem = restrict(prepared)
    mentors, mentees = problem.shape
    totals = {
        chosen: sum(int(problem.scores[i, j]) for i, j in enumerate(chosen))
        for chosen in permutations(range(mentees), mentors)
    }
    best = max(totals.values())
    checked = {}
    for i in range(mentors):
        for j in range(mentees):
            forced = max(total for chosen, total in totals.items() if chosen[i] == j)
            inquiry = answered(
                northwind,
                run,
                InquiryKind.PRICE,
                mentor=prepared.inputs.mentors.names[i],
                mentee=prepared.inputs.mentees.names[j],
            )
            expected = round(float(prepared.sheet.percent(best - forced)), 1)
            checked[i, j] = (inquiry.result["points"] == expected, inquiry.result["lost"] == 0)
    assert set(checked.values()) == {(True, True)}
    assert len(checked) == 20


def test_price_where_the_lowest_pair_counts_first_is_found_by_trying_every_program(
    northwind: Cast,
) -> None:
    cohort = five_and_five(northwind)
    with northwind.scope():
        MatchSettings.objects.create(cohort=cohort, best_worst=True)
    run = solved(northwind, cohort)
    with northwind.scope():
        prepared = score(load_run(run))
        problem = restrict(prepared)
    mentors, mentees = problem.shape
    programs = list(permutations(range(mentees), mentors))

    def best(forced: tuple[int, int] | None) -> int:
        """Points of the best program: the lowest pair beside the forced one first, then all together."""

        def value(chosen: tuple[int, ...]) -> tuple[int, int]:
            points = {(i, j): int(problem.scores[i, j]) for i, j in enumerate(chosen)}
            free = [own for pair, own in points.items() if pair != forced]
            return min(free), sum(points.values())

        found = [one for one in programs if forced is None or one[forced[0]] == forced[1]]
        return max(map(value, found))[1]

    for i, j in ((0, 0), (0, 4), (1, 3), (2, 1), (3, 2)):
        names = {
            "mentor": prepared.inputs.mentors.names[i],
            "mentee": prepared.inputs.mentees.names[j],
        }
        inquiry = answered(northwind, run, InquiryKind.PRICE, **names)
        if inquiry.result["made"]:
            continue
        expected = round(float(prepared.sheet.percent(best(None) - best((i, j)))), 1)
        assert (names, inquiry.result["points"]) == (names, expected)


def test_price_says_who_would_meet_whom_instead(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    inquiry = answered(northwind, run, InquiryKind.PRICE, mentor="Ada One", mentee="Vic Five")
    text = told(northwind, inquiry, asker="mentor", chosen="Vic Five")
    names = {one["mentor"] for one in inquiry.result["dropped"]}
    assert (inquiry.status, inquiry.result["possible"], len(names)) == (JobStatus.DONE, True, 2)
    scores = {
        (one["mentor"], one["mentee"]): one["score"]
        for one in inquiry.result["dropped"] + inquiry.result["added"]
    }
    with northwind.scope():
        ids = {name: find(small, name).pk for name in ("Ben Two", "Uma Four", "Vic Five")}
    before, after = scores[ids["Ben Two"], ids["Vic Five"]], scores[ids["Ben Two"], ids["Uma Four"]]
    points = round(inquiry.result["points"])
    assert text == (
        f"Choosing Vic Five costs the cohort {points} points, because Ben Two would meet "
        f"Uma Four ({after}) instead of Vic Five ({before})."
    )


def test_price_of_a_pair_that_is_made_is_nothing(northwind: Cast, small: Cohort) -> None:
    inquiry = answered(
        northwind, solved(northwind, small), InquiryKind.PRICE, mentor="Ada One", mentee="Uma Four"
    )
    assert told(northwind, inquiry, asker="mentor", chosen="Uma Four") == (
        "They are a pair in this draft already."
    )


def test_price_of_a_forbidden_pair_names_the_rule(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        ada, uma = find(small, "Ada One").person, find(small, "Uma Four").person
        add_exclusion(person=ada, other=uma, note="", by=northwind.by)
    inquiry = answered(
        northwind, solved(northwind, small), InquiryKind.PRICE, mentor="Ada One", mentee="Uma Four"
    )
    assert (inquiry.result["forbidden"], inquiry.result["possible"]) == (["exclusion"], True)


def test_price_of_a_mentor_for_who_is_alone_says_who_stays_alone_then(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    inquiry = answered(northwind, run, InquiryKind.PRICE, mentor="Ben Two", mentee="Xia Seven")
    text = told(northwind, inquiry, asker="mentee", chosen="Ben Two")
    assert inquiry.result["lost"] == 0
    assert text.startswith(f"Choosing Ben Two costs the cohort {round(inquiry.result['points'])} points, ")
    assert "Vic Five would lose Ben Two (" in text
    assert text.endswith("and be left without a mentor.")


def test_ask_twice_is_one_question_and_one_answer(northwind: Cast, small: Cohort, run_tasks: Any) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        people = {"mentor": find(small, "Ada One"), "mentee": find(small, "Vic Five")}

    def twice() -> None:
        with northwind.scope():
            for _press in range(2):
                ask(run=run, kind=InquiryKind.PRICE, **people, by=northwind.by)

    assert run_tasks(twice) == ["matching.inquire"]
    with northwind.scope():
        assert [(one.status, one.attempts) for one in MatchInquiry.objects.all()] == [(JobStatus.DONE, 1)]
        assert AuditEvent.objects.filter(action__startswith="matching.inquir").count() == 0


@pytest.mark.django_db(transaction=True)
def test_ask_at_the_same_moment_is_one_question(small: Cohort, northwind: Cast, sent_tasks: Any) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        people = {"mentor": find(small, "Ada One"), "mentee": find(small, "Vic Five")}
    sent_tasks.clear()

    def press() -> int:
        with northwind.scope():
            return ask(run=run, kind=InquiryKind.PRICE, **people, by=northwind.by).pk

    assert len(set(at_once(press, press, press))) == 1
    assert [name for name, _arguments in sent_tasks] == ["matching.inquire"]


def test_failed_question_is_asked_again(northwind: Cast, small: Cohort, sent_tasks: Any) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        people = {"mentor": find(small, "Ada One"), "mentee": find(small, "Vic Five")}
        first = ask(run=run, kind=InquiryKind.PRICE, **people, by=northwind.by)
        MatchInquiry.objects.filter(pk=first.pk).update(status=JobStatus.FAILED, error="Gone", attempts=5)
        again = ask(run=run, kind=InquiryKind.PRICE, **people, by=northwind.by)
    assert (again.pk, again.status, again.error, again.attempts) == (first.pk, JobStatus.QUEUED, "", 0)


def test_question_about_a_draft_that_answers_have_left_behind_is_refused(
    northwind: Cast, small: Cohort
) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        gone = find(small, "Cem Three")
        gone.status = ParticipantStatus.WITHDRAWN
        gone.save()
    inquiry = answered(northwind, run, InquiryKind.PRICE, mentor="Ada One", mentee="Vic Five")
    assert (inquiry.status, inquiry.error, inquiry.result) == (
        JobStatus.FAILED,
        "Answers, picks, people or pairs have changed since this draft. Run again, and ask then.",
        {},
    )


def test_question_about_people_of_another_cohort_or_role_is_refused(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        ada, uma = find(small, "Ada One"), find(small, "Uma Four")
        for people in ({"mentor": uma, "mentee": ada}, {"mentor": northwind.mentor, "mentee": uma}):
            with pytest.raises(NotAllowed, match="not a mentor and a mentee of the same cohort"):
                ask(run=run, kind=InquiryKind.PRICE, **people, by=northwind.by)
        with pytest.raises(ValueError, match="give a mentor and a mentee"):
            ask(run=run, kind=InquiryKind.PRICE, mentor=ada, by=northwind.by)


def test_next_question_on_the_same_draft_reads_nothing_anew(
    northwind: Cast, small: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = solved(northwind, small)
    answered(northwind, run, InquiryKind.PRICE, mentor="Ada One", mentee="Vic Five")
    monkeypatch.setattr(inquire, "load_run", None)
    second = answered(northwind, run, InquiryKind.PRICE, mentor="Ada One", mentee="Wes Six")
    assert second.status == JobStatus.DONE


def test_draft_that_aims_at_points_alone_is_not_solved_again(
    northwind: Cast, small: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = solved(northwind, small)
    asked = {"mentor": "Ada One", "mentee": "Vic Five"}
    with monkeypatch.context() as patched:
        patched.setattr(inquire, "answer", None)
        kept = answered(northwind, run, InquiryKind.PRICE, **asked)
    forget()
    with northwind.scope():
        MatchInquiry.objects.all().delete()
        MatchRun.objects.filter(pk=run.pk).update(proof=None)
    again = answered(northwind, run, InquiryKind.PRICE, **asked)
    assert (kept.status, kept.result) == (JobStatus.DONE, again.result)


def test_worker_killed_in_the_middle_answers_once(
    northwind: Cast, small: Cohort, monkeypatch: pytest.MonkeyPatch, sent_tasks: Any
) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: Any, **_more: Any) -> None:
        raise Killed

    run = solved(northwind, small)
    with northwind.scope():
        people = {"mentor": find(small, "Ada One"), "mentee": find(small, "Vic Five")}
        inquiry = ask(run=run, kind=InquiryKind.PRICE, **people, by=northwind.by)
    with monkeypatch.context() as patched:
        patched.setattr(inquire, "finish_job", die)
        with pytest.raises(Killed):
            run_job(MatchInquiry, work_off_inquiry, northwind.organization.pk, inquiry.pk)
    with northwind.scope():
        inquiry.refresh_from_db()
        assert (inquiry.status, inquiry.attempts, inquiry.result) == (JobStatus.RUNNING, 1, {})
    for _delivery in range(2):
        run_job(MatchInquiry, work_off_inquiry, northwind.organization.pk, inquiry.pk)
    with northwind.scope():
        inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.attempts, inquiry.result["possible"]) == (JobStatus.DONE, 2, True)


def test_remedies_of_who_is_one_too_many_are_seats(northwind: Cast, small: Cohort) -> None:
    inquiry = answered(northwind, solved(northwind, small), InquiryKind.REMEDIES, mentee="Xia Seven")
    found = inquiry.result["remedies"]
    assert {(one["kind"], one["partner"] is not None, one["lost"]) for one in found} == {("seat", True, -1)}
    assert all(one["points"] >= 0 for one in found)


def test_remedies_of_who_has_a_partner_are_refused(northwind: Cast, small: Cohort) -> None:
    inquiry = answered(northwind, solved(northwind, small), InquiryKind.REMEDIES, mentee="Uma Four")
    assert (inquiry.status, inquiry.error) == (JobStatus.FAILED, "This person has a partner in this draft.")


def test_price_counts_picks_that_would_no_longer_be_met(northwind: Cast, small: Cohort) -> None:
    """Uma picked Ada first: giving Ada to Vic costs that pick, whatever it does to points."""
    with northwind.scope():
        small.matching_mode, small.choose_until = MatchingMode.HYBRID, small.enroll_until
        small.save()
        Pick.objects.create(participant=find(small, "Uma Four"), partner=find(small, "Ada One"), rank=1)
    inquiry = answered(
        northwind, solved(northwind, small), InquiryKind.PRICE, mentor="Ada One", mentee="Vic Five"
    )
    assert inquiry.result["picks"] == {"met": 1, "first": 1}
    assert told(northwind, inquiry, asker="mentor", chosen="Vic Five").startswith(
        "Choosing Vic Five costs the cohort a pick that is met now, because "
    )
    assert [one["state"] for one in inquiry.result["contributions"] if one["state"] == "picks"] == []
