"""Nobody meets a partner of another cohort again, unless a champion says so."""

import pytest

from matching.actions.publish import publish_run
from matching.actions.replay import Verdict, replay
from matching.actions.rulings import rule_pairing
from matching.actions.settings import change_settings, ensure_criteria
from matching.enums import Rule, RulingKind
from matching.models import HardRule, MatchRun
from matching.queries.pairing import broken_by
from matching.queries.settings import rules_of, settings_now
from mentoring.models import Person
from mentoring.rules import NotAllowed
from programs.enums import PairRole, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant
from tests.cast import NOW, Cast
from tests.matching.making import find, make_cohort, paired, solved

EARLIER = Rule.EARLIER_PARTNER.value
ROLES = {PairRole.MENTOR: "Ada One", PairRole.MENTEE: "Uma Four"}


def were_partners(
    cohort: Cohort, mentor: str, mentee: str, status: PairStatus = PairStatus.COMPLETED
) -> Pair:
    """In another cohort of the same program, with these names in this one."""
    other, _new = Cohort.objects.get_or_create(
        program=cohort.program, name="Last year", defaults={
            "enroll_from": cohort.enroll_from.replace(year=2025),
            "enroll_until": cohort.enroll_until.replace(year=2025),
            "starts_on": cohort.starts_on.replace(year=2026),
            "ends_on": cohort.ends_on.replace(year=2026),
        },
    )  # fmt: skip
    two = [
        Participant.objects.create(
            cohort=other, person=find(cohort, name).person, role=role, status=ParticipantStatus.JOINED
        )
        for name, role in ((mentor, PairRole.MENTOR), (mentee, PairRole.MENTEE))
    ]
    return Pair.objects.create(cohort=other, mentor=two[0], mentee=two[1], status=status, published_at=NOW)


@pytest.mark.parametrize("status", [PairStatus.ACTIVE, PairStatus.COMPLETED, PairStatus.ENDED])
@pytest.mark.parametrize("turned", [False, True], ids=["the same roles", "roles changed"])
def test_partner_of_another_cohort_is_never_paired(
    northwind: Cast, small: Cohort, status: PairStatus, turned: bool
) -> None:
    two = ["Ada One", "Uma Four"]
    with northwind.scope():
        were_partners(small, *(reversed(two) if turned else two), status=status)
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run)["Ada"] != "Uma"
        assert broken_by(find(small, two[0]), find(small, two[1]), settings_now(small)) == [EARLIER]
    assert run.figures["forbidden"] == {EARLIER: 1}


def test_pair_that_was_taken_back_was_none(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        were_partners(small, "Ada One", "Uma Four", PairStatus.RETRACTED)
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run)["Ada"] == "Uma"
        assert broken_by(find(small, "Ada One"), find(small, "Uma Four"), settings_now(small)) == []


def test_rule_can_be_switched_off(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        were_partners(small, "Ada One", "Uma Four")
        ensure_criteria(cohort=small, by=northwind.by)
        change_settings(cohort=small, weights={}, rules={EARLIER: False}, by=northwind.by)
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run)["Ada"] == "Uma"
        publish_run(run=run, by=northwind.by, now=NOW)


def test_champion_keeps_two_who_go_on_together(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        were_partners(small, "Ada One", "Uma Four")
        ada, uma = find(small, "Ada One"), find(small, "Uma Four")
        ensure_criteria(cohort=small, by=northwind.by)
        with pytest.raises(NotAllowed, match="partners in another cohort"):
            rule_pairing(mentor=ada, mentee=uma, kind=RulingKind.KEEP, by=northwind.by)
        rule_pairing(
            mentor=ada, mentee=uma, kind=RulingKind.KEEP, by=northwind.by, note="A second year", override=True
        )
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run)["Ada"] == "Uma"
        publish_run(run=run, by=northwind.by, now=NOW)
        assert Pair.objects.filter(cohort=small, mentor=ada, mentee=uma).count() == 1


def test_pair_published_elsewhere_since_stands_in_the_way(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        pair = were_partners(small, "Ada One", "Uma Four", PairStatus.ACTIVE)
        with pytest.raises(NotAllowed, match="Ada One and Uma Four are a pair in another cohort by now"):
            publish_run(run=run, by=northwind.by, now=NOW)
        assert not Pair.objects.filter(cohort=small).exists()
        Pair.objects.filter(pk=pair.pk).update(status=PairStatus.RETRACTED)
        publish_run(run=run, by=northwind.by, now=NOW)
        assert Pair.objects.filter(cohort=small).count() == 3


def test_replay_is_not_misled_by_pairs_that_came_later(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        pair = were_partners(small, "Ada One", "Uma Four", PairStatus.ACTIVE)
        assert run.finished_at
        Pair.objects.filter(pk=pair.pk).update(published_at=run.finished_at.replace(year=2099))
        assert replay(MatchRun.objects.get(pk=run.pk)).verdict == Verdict.SAME


def test_rule_that_came_with_a_later_version_is_there_and_off(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        ensure_criteria(cohort=small, by=northwind.by)
        HardRule.objects.filter(cohort=small, rule=EARLIER).delete()
        were_partners(small, "Ada One", "Uma Four")
        ensure_criteria(cohort=small, by=northwind.by)
        assert {rule: row.enabled for rule, row in rules_of(small).items()} == {
            "reporting_line": True,
            EARLIER: False,
        }
        assert EARLIER not in settings_now(small).rules


def test_pairs_of_another_organization_count_for_nothing(
    northwind: Cast, fabrikam: Cast, small: Cohort
) -> None:
    """The same two addresses are persons at Fabrikam as well, and a pair there."""
    with northwind.scope():
        two = {role: find(small, name).person.email for role, name in ROLES.items()}
    with fabrikam.scope():
        theirs = make_cohort(fabrikam, [], [])
        for role, email in two.items():
            person = Person.objects.create(first_name=role.label, email=email)
            Participant.objects.create(cohort=theirs, person=person, role=role)
        mentor, mentee = Participant.objects.filter(cohort=theirs).order_by("id")
        Pair.objects.create(
            cohort=theirs, mentor=mentor, mentee=mentee, published_at=NOW, status=PairStatus.ACTIVE
        )
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run)["Ada"] == "Uma"
    assert run.figures["forbidden"] == {}
