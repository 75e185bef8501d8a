"""What a run aims at beside scores: picks, stable pairs, who waited, the worst pair, the draft of before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from matching.actions.settings import ensure_criteria
from matching.enums import Method, RunPurpose
from matching.models import Criterion, MatchRun, MatchSettings, Pick, Ruling
from matching.reasons import cause_text, remarks, sentences
from matching.run_settings import Changes, Options, ShareAim
from mentoring.enums import JobStatus
from programs.enums import CohortStatus, MatchingMode, PairRole, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant, Question
from tests.cast import NOW, Cast
from tests.matching.making import Someone, add_participants, find, make_cohort, paired, solved

BEST = {"Ada": "Uma", "Ben": "Vic", "Cem": "Wes"}


@pytest.fixture
def hybrid(northwind: Cast, small: Cohort) -> Cohort:
    with northwind.scope():
        small.matching_mode, small.choose_until = MatchingMode.HYBRID, NOW.date()
        small.save()
    return small


def picks(cohort: Cohort, chooser: str, *partners: str) -> None:
    Pick.objects.bulk_create(
        Pick(participant=find(cohort, chooser), partner=find(cohort, partner), rank=rank)
        for rank, partner in enumerate(partners, start=1)
    )


def entry(run: MatchRun, mentor: str, key: str) -> dict | None:
    proposal = run.proposals.get(mentor__person__first_name=mentor)
    return next((one for one in proposal.contributions if one["key"] == key), None)


def test_picks_come_before_scores_and_are_no_points(northwind: Cast, hybrid: Cohort) -> None:
    with northwind.scope():
        picks(hybrid, "Xia Seven", "Ada One")
        picks(hybrid, "Ada One", "Vic Five", "Xia Seven")
        picks(hybrid, "Wes Six", "Cem Three")
    run = solved(northwind, hybrid)
    with northwind.scope():
        assert (paired(run)["Ada"], paired(run)["Cem"]) == ("Xia", "Wes")
        assert entry(run, "Ada", "picks") == {"key": "picks", "state": "picks", "mentor": 2, "mentee": 1}
        assert entry(run, "Ben", "picks") is None
        for proposal in run.proposals.all():
            assert sum(one.get("points", 0) for one in proposal.contributions) == proposal.points
            assert proposal.score <= 100
        assert [
            remarks(one.contributions, {}) for one in run.proposals.order_by("mentor__person__first_name")
        ] == [["They picked each other."], [], []]
    assert run.figures["picks"] == {
        "mentors": {"picked": 1, "first": 0, "any": 1},
        "mentees": {"picked": 2, "first": 2, "any": 2},
    }
    assert run.figures["proven"]


def test_pair_is_told_of_its_picks(northwind: Cast, hybrid: Cohort) -> None:
    with northwind.scope():
        picks(hybrid, "Wes Six", "Cem Three")
    run = solved(northwind, hybrid)
    with northwind.scope():
        told = sentences(run.proposals.get(mentor__person__first_name="Cem").contributions, "Cem", "Wes")
    assert (told["mentor"][0], told["mentee"][0]) == ("Wes picked you.", "You picked Cem.")


def test_picks_do_not_count_where_the_champion_assigns(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        picks(small, "Xia Seven", "Ada One")
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run) == BEST
    assert run.figures["picks"] is None


def test_pick_of_somebody_who_left_is_passed_over(northwind: Cast, hybrid: Cohort) -> None:
    with northwind.scope():
        picks(hybrid, "Uma Four", "Ben Two", "Ada One")
        Participant.objects.filter(pk=find(hybrid, "Ben Two").pk).update(status=ParticipantStatus.WITHDRAWN)
    run = solved(northwind, hybrid)
    with northwind.scope():
        assert paired(run)["Ada"] == "Uma"
    assert run.figures["picks"]["mentees"] == {"picked": 1, "first": 1, "any": 1}


def test_stable_pairing_has_nobody_who_would_rather_have_each_other(northwind: Cast, hybrid: Cohort) -> None:
    with northwind.scope():
        MatchSettings.objects.create(cohort=hybrid, method=Method.STABLE)
        picks(hybrid, "Vic Five", "Ada One")
        picks(hybrid, "Ada One", "Uma Four", "Vic Five")
    run = solved(northwind, hybrid)
    assert (run.status, run.error) == (JobStatus.DONE, "")
    figures = run.figures
    assert (figures["proven"], figures["better_together"], figures["gap"], figures["pairs"]) == (
        True,
        0,
        None,
        3,
    )


def test_stable_pairing_says_that_nobody_makes_room(northwind: Cast) -> None:
    """Ada and Uma like each other best; but then Vic and Ben, who must not meet, stay alone."""
    with northwind.scope():
        cohort = make_cohort(
            northwind,
            [Someone("Ada One", ("ai_tools",)), Someone("Ben Two", ())],
            [Someone("Uma Four", ("ai_tools",)), Someone("Vic Five", ())],
        )
        Ruling.objects.create(
            cohort=cohort, mentor=find(cohort, "Ben Two"), mentee=find(cohort, "Vic Five"), kind="never"
        )
        MatchSettings.objects.create(cohort=cohort, method=Method.STABLE)
    run = solved(northwind, cohort)
    with northwind.scope():
        assert paired(run) == {"Ada": "Uma"}
        vic = run.unmatched.get(participant=find(cohort, "Vic Five"))
    assert (vic.cause, vic.detail["partners"], run.figures["proven"]) == ("competition", 0, True)
    sides = (run.figures["mentees"], run.figures["mentors"])
    told = cause_text(vic.cause, vic.detail, "mentee", *sides, run.settings_then.labels)
    assert told.startswith("Every allowed partner is with somebody whom they would rather have. ")
    what_if = Changes(options=Options(method="solver"))
    run = solved(northwind, cohort, purpose=RunPurpose.WHAT_IF, changes=what_if)
    assert run.figures["pairs"] == 2


def test_worst_pair_is_made_as_good_as_possible(northwind: Cast) -> None:
    """Ada and Uma fit best of all; together they leave Vic with nothing to learn."""
    with northwind.scope():
        cohort = make_cohort(
            northwind,
            [Someone("Ada One", ("ai_tools", "automation")), Someone("Ben Two", ("ai_tools",))],
            [Someone("Uma Four", ("ai_tools",)), Someone("Vic Five", ("automation",))],
        )
        MatchSettings.objects.create(cohort=cohort, best_worst=True)
    run = solved(northwind, cohort)
    with northwind.scope():
        assert paired(run) == {"Ada": "Vic", "Ben": "Uma"}
    assert (run.figures["learn"]["nothing"], run.figures["proven"]) == (0, True)


def test_worst_pair_of_too_many_people_is_refused_in_words(
    northwind: Cast, small: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.solving.answering.WORST_PAIR_CELLS", 11)
    with northwind.scope():
        MatchSettings.objects.create(cohort=small, best_worst=True)
    run = solved(northwind, small)
    assert (run.status, run.error[:50]) == (
        JobStatus.FAILED,
        "The best worst pair cannot be worked out for so ma",
    )


def waiting(cast: Cast, name: str) -> Participant:
    """Somebody of an earlier cohort of the program for whom no partner was left."""
    earlier = make_cohort(cast, [], [], name="Autumn 2025")
    (one,) = add_participants(earlier, PairRole.MENTEE, [Someone(name, ())])
    Participant.objects.filter(pk=one.pk).update(waitlisted_at=NOW - timedelta(days=300))
    return one


def test_who_waited_in_an_earlier_cohort_goes_first(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        one = waiting(northwind, "Xia Waited")
        again = find(small, "Xia Seven")
        again.person = one.person
        again.save()
    run = solved(northwind, small)
    with northwind.scope():
        assert "Xia" in paired(run).values()
    assert run.figures["priority"] == {"waited": 1, "placed": 1}
    run = solved(
        northwind, small, purpose=RunPurpose.WHAT_IF, changes=Changes(options=Options(priority=False))
    )
    with northwind.scope():
        assert paired(run) == BEST
    assert run.figures["priority"] is None


def test_who_has_had_a_partner_since_waits_no_more(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        one = waiting(northwind, "Xia Waited")
        again = find(small, "Xia Seven")
        again.person = one.person
        again.save()
        Pair.objects.create(
            cohort=one.cohort, mentor=northwind.mentor, mentee=one, published_at=NOW, status=PairStatus.ENDED
        )
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run) == BEST


def test_repair_moves_only_whom_it_must(northwind: Cast, small: Cohort) -> None:
    draft = solved(northwind, small)
    with northwind.scope():
        Participant.objects.filter(pk=find(small, "Vic Five").pk).update(status=ParticipantStatus.WITHDRAWN)
        add_participants(
            small,
            PairRole.MENTEE,
            [Someone("Yve Late", ("ai_tools", "automation"), person={"unit": "Legal", "location": "Lima"})],
        )
    run = solved(northwind, small, purpose=RunPurpose.REPAIR)
    with northwind.scope():
        pairs = paired(run)
    assert (run.based_on_id, pairs["Ada"], pairs["Cem"]) == (draft.pk, "Uma", "Wes")
    assert {key: run.figures[key] for key in ("stayed", "moved", "gone", "new")} == {
        "stayed": 2,
        "moved": 0,
        "gone": 1,
        "new": 1,
    }


def test_repair_of_a_running_cohort_leaves_its_pairs_alone(northwind: Cast, small: Cohort) -> None:
    draft = solved(northwind, small)
    with northwind.scope():
        for proposal in draft.proposals.all():
            Pair.objects.create(
                cohort=small, mentor=proposal.mentor, mentee=proposal.mentee, published_at=NOW,
                status=PairStatus.ENDED if proposal.mentor == find(small, "Ben Two") else PairStatus.ACTIVE,
            )  # fmt: skip
        small.status = CohortStatus.RUNNING
        small.save()
    run = solved(northwind, small, purpose=RunPurpose.REPAIR)
    with northwind.scope():
        assert paired(run) == {"Ben": "Xia"}
    assert (run.figures["stayed"], run.figures["new"]) == (0, 1)


def test_input_hash_covers_what_the_run_aims_at(northwind: Cast, hybrid: Cohort) -> None:
    plain = solved(northwind, hybrid)
    with northwind.scope():
        picks(hybrid, "Wes Six", "Cem Three")
    wished = solved(northwind, hybrid)
    repaired = solved(northwind, hybrid, purpose=RunPurpose.REPAIR)
    assert len({plain.input_hash, wished.input_hash, repaired.input_hash}) == 3
    assert solved(northwind, hybrid).input_hash == wished.input_hash


def crowd(cast: Cast, regions: str) -> Cohort:
    """As many mentors as mentees as there are letters; a letter is their region."""
    people = [
        Someone(f"{{}} {place}", ("ai_tools",), person={"region": letter, "unit": "IT"})
        for place, letter in enumerate(regions)
    ]
    with cast.scope():
        return make_cohort(
            cast,
            [replace(one, name=one.name.format("Mentor")) for one in people],
            [replace(one, name=one.name.format("Mentee")) for one in people],
        )


def test_share_of_pairs_is_reached_and_told_with_the_most_that_is_possible(northwind: Cast) -> None:
    cohort = crowd(northwind, "NNNNS")
    with northwind.scope():
        ensure_criteria(cohort=cohort, by=northwind.by)
        Criterion.objects.filter(cohort=cohort).update(comparator="same", weight=0)
        Criterion.objects.filter(cohort=cohort, key="unit").update(
            weight=5, mentor_source="person:region", mentee_source="person:region"
        )
    free = solved(northwind, cohort)
    assert (free.figures["share"], free.figures["mean"]) == (None, 100.0)
    shared = Changes(options=Options(share=ShareAim("person:region", 40)))
    run = solved(northwind, cohort, purpose=RunPurpose.WHAT_IF, changes=shared)
    assert {key: run.figures["share"][key] for key in ("percent", "pairs", "of", "bound", "met")} == {
        "percent": 40,
        "pairs": 2,
        "of": 5,
        "bound": 2,
        "met": True,
    }
    too_much = Changes(options=Options(share=ShareAim("person:region", 80)))
    run = solved(northwind, cohort, purpose=RunPurpose.WHAT_IF, changes=too_much)
    assert (run.figures["share"]["pairs"], run.figures["share"]["met"]) == (2, False)


def test_groups_are_told_only_where_they_hide_everybody_in_them(northwind: Cast) -> None:
    cohort = crowd(northwind, "NNNSSSSE")
    run = solved(northwind, cohort)
    told = [(one["source"], one["group"], one["people"], one["placed"]) for one in run.figures["fairness"]]
    assert told == [("person:region", "S", 8, 8), ("person:unit", "IT", 16, 16)]


def test_confidential_answers_make_groups_of_five_and_more(northwind: Cast) -> None:
    cohort = crowd(northwind, "NNNNNN")
    with northwind.scope():
        question = Question.objects.get(
            key="skills", questionnaire__program=cohort.program_id, questionnaire__audience="mentee"
        )
        Question.objects.filter(pk=question.pk).update(sensitive=True)
        label = question.choices.get(key="ai_tools").label
    told = solved(northwind, cohort).figures["fairness"]
    assert [(one["source"], one["group"], one["people"]) for one in told] == [
        ("person:region", "N", 12),
        ("person:unit", "IT", 12),
        ("question:skills", label, 12),
    ]
