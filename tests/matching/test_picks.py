"""Picks: ranks without a hole, only people of one's own list, and nobody is told."""

from datetime import UTC, datetime
from typing import Any

import pytest

from matching.actions.picks import clear_partner, move_pick, order_picks, pick_partner, refuse_partner
from matching.models import Pick, SuggestionList
from matching.queries.picks import Turnout, choices_of, turnout, without_picks
from mentoring.actors import Actor
from mentoring.models import AuditEvent
from mentoring.rules import NotAllowed
from programs.enums import CohortStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant
from tests.cast import Cast
from tests.matching.making import find
from tests.matching.picking import NOW, choosing, picks


def pick(participant: Participant, partner: Participant, instead: Participant | None = None) -> None:
    pick_partner(
        participant=participant,
        partner_id=partner.pk,
        instead=instead.pk if instead else None,
        by=Actor.of_person(participant.person),
        now=NOW,
    )


def test_picking_ranks_in_order(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        uma = find(cohort, "Uma Four")
        for name in ("Ben Two", "Ada One", "Ben Two"):
            pick(uma, find(cohort, name))
        assert picks(uma) == [("Ben", 1), ("Ada", 2)]


def test_full_list_replaces_only_on_demand(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small, picks_at_most=2)
    with northwind.scope():
        uma, ada, ben, cem = (find(cohort, name) for name in ("Uma Four", "Ada One", "Ben Two", "Cem Three"))
        pick(uma, ada)
        pick(uma, ben)
        with pytest.raises(NotAllowed, match="Choose whom to replace"):
            pick(uma, cem)
        pick(uma, cem, instead=ada)
        assert picks(uma) == [("Cem", 1), ("Ben", 2)]


def test_moving_and_removing_leave_no_hole(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        uma, ada, ben, cem = (find(cohort, name) for name in ("Uma Four", "Ada One", "Ben Two", "Cem Three"))
        for partner in (ada, ben, cem):
            pick(uma, partner)
        change = {"participant": uma, "by": northwind.by, "now": NOW}
        move_pick(partner_id=cem.pk, steps=-1, **change)
        assert picks(uma) == [("Ada", 1), ("Cem", 2), ("Ben", 3)]
        move_pick(partner_id=ada.pk, steps=-1, **change)
        assert picks(uma) == [("Ada", 1), ("Cem", 2), ("Ben", 3)]
        clear_partner(partner_id=ada.pk, **change)
        assert picks(uma) == [("Cem", 1), ("Ben", 2)]
        refuse_partner(partner_id=cem.pk, **change)
        assert picks(uma) == [("Ben", 1), ("Cem", None)]
        pick(uma, cem)
        assert picks(uma) == [("Ben", 1), ("Cem", 2)]


def test_order_of_another_tab_loses_nobody(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        uma, ada, ben, cem = (find(cohort, name) for name in ("Uma Four", "Ada One", "Ben Two", "Cem Three"))
        pick(uma, ada)
        pick(uma, cem)
        stale = [ben.pk, cem.pk, cem.pk, 0]  # a tab in which Ben is on the list and Ada is not
        order_picks(participant=uma, order=stale, by=northwind.by, now=NOW)
        assert picks(uma) == [("Cem", 1), ("Ada", 2)]


def test_only_people_on_ones_list_can_be_chosen(northwind: Cast, fabrikam: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        uma, ada, vic = (find(cohort, name) for name in ("Uma Four", "Ada One", "Vic Five"))
        SuggestionList.objects.filter(participant=uma).update(partners=[], scores=[])
        wrong = [vic.pk, northwind.mentor.pk, fabrikam.mentor.pk, ada.pk, uma.pk]
        for change in (pick_partner, refuse_partner, clear_partner):
            for partner_id in wrong:
                with pytest.raises(NotAllowed, match="This person cannot be chosen any more"):
                    change(participant=uma, partner_id=partner_id, by=northwind.by, now=NOW)
        assert picks(uma) == []


def test_who_left_falls_off_the_list(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        uma, ada, ben, cem = (find(cohort, name) for name in ("Uma Four", "Ada One", "Ben Two", "Cem Three"))
        pick(uma, ada)
        pick(uma, ben)
        Participant.objects.filter(pk=ada.pk).update(status=ParticipantStatus.WITHDRAWN)
        assert choices_of(uma).ranked == [ben.pk]
        pick(uma, cem)
        assert picks(uma) == [("Ben", 1), ("Cem", 2)]


@pytest.mark.parametrize(
    ("now", "open_still"),
    [
        (datetime(2027, 1, 8, 22, 59, tzinfo=UTC), True),  # 23:59 of the last day in Berlin
        (datetime(2027, 1, 8, 23, 1, tzinfo=UTC), False),
    ],
)
def test_deadline_passes_in_the_zone_of_the_organization(
    now: datetime, open_still: bool, northwind: Cast, small: Cohort
) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        uma, ada = find(cohort, "Uma Four"), find(cohort, "Ada One")
        if open_still:
            pick_partner(participant=uma, partner_id=ada.pk, by=northwind.by, now=now)
        else:
            with pytest.raises(NotAllowed, match="Choosing is over; pairs are being made"):
                pick_partner(participant=uma, partner_id=ada.pk, by=northwind.by, now=now)
        assert picks(uma) == ([("Ada", 1)] if open_still else [])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cohort": {"status": CohortStatus.ENROLLING}}, "Choosing opens once enrolment has closed."),
        ({"cohort": {"status": CohortStatus.RUNNING}}, "Choosing is over"),
        ({"cohort": {"matching_mode": "assigned"}}, "There is nobody to choose here"),
        ({"status": ParticipantStatus.DECLINED}, "There is nobody to choose here"),
        ({"answered_at": None}, "Answer the questions first"),
    ],
)
def test_picking_is_refused_out_of_its_time(
    change: dict[str, Any], message: str, northwind: Cast, small: Cohort
) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        uma, ada = find(cohort, "Uma Four"), find(cohort, "Ada One")
        fields = dict(change)
        if "cohort" in fields:
            Cohort.objects.filter(pk=cohort.pk).update(**fields.pop("cohort"))
        else:
            Participant.objects.filter(pk=uma.pk).update(**fields)
        with pytest.raises(NotAllowed, match=message):
            pick(uma, ada)


def test_paired_person_cannot_pick(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        uma, ada, ben = (find(cohort, name) for name in ("Uma Four", "Ada One", "Ben Two"))
        Pair.objects.create(cohort=cohort, mentor=ben, mentee=uma, published_at=NOW)
        with pytest.raises(NotAllowed, match="You are paired already"):
            pick(uma, ada)


def test_audit_names_nobody_who_was_picked(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        uma, ada, ben = (find(cohort, name) for name in ("Uma Four", "Ada One", "Ben Two"))
        pick(uma, ada)
        pick(uma, ada)  # nothing changes
        refuse_partner(participant=uma, partner_id=ben.pk, by=northwind.by, now=NOW)
        events = AuditEvent.objects.filter(action="picks.changed").order_by("pk")
        assert [(one.object_label, one.data) for one in events] == [("Uma Four (Mentee)", {})] * 2


def test_turnout_counts_who_picked_and_not_whom(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        uma, vic, ada, ben = (find(cohort, name) for name in ("Uma Four", "Vic Five", "Ada One", "Ben Two"))
        pick(uma, ada)
        pick(uma, ben)
        pick(ada, vic)
        refuse_partner(participant=vic, partner_id=ada.pk, by=northwind.by, now=NOW)
        assert turnout(cohort) == {"mentor": Turnout(1, 3), "mentee": Turnout(1, 4)}
        assert {one.person.first_name for one in without_picks(cohort, role="mentee")} == {
            "Vic",
            "Wes",
            "Xia",
        }
        assert {one.person.first_name for one in without_picks(cohort)} == {"Ben", "Cem", "Vic", "Wes", "Xia"}
        assert [one.person.first_name for one in without_picks(cohort, words="vic")] == ["Vic"]


def test_who_is_gone_takes_no_place_of_a_full_list(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small, picks_at_most=1)
    with northwind.scope():
        uma, ada, ben = (find(cohort, name) for name in ("Uma Four", "Ada One", "Ben Two"))
        pick(uma, ada)
        Participant.objects.filter(pk=ada.pk).update(status=ParticipantStatus.WITHDRAWN)
        pick(uma, ben)
        assert (picks(uma), Pick.objects.count()) == ([("Ben", 1)], 1)
