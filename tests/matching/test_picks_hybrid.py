"""Picks first, then the solver: from choosing to published pairs."""

from datetime import UTC, datetime
from typing import Any

from matching.actions.picks import pick_partner, refuse_partner
from matching.actions.publish import publish_run
from programs.enums import CohortStatus
from programs.models import Cohort, Pair
from tests.cast import Cast
from tests.matching.making import find, paired, solved
from tests.matching.picking import NOW, choosing

AFTER = datetime(2027, 1, 11, 9, tzinfo=UTC)


def test_picks_decide_and_refusals_hold_and_nobody_is_left_out(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        ada, ben, uma, vic, wes = (
            find(cohort, name) for name in ("Ada One", "Ben Two", "Uma Four", "Vic Five", "Wes Six")
        )

        def choose(change: Any, chooser: Any, partner: Any) -> None:
            change(participant=chooser, partner_id=partner.pk, by=northwind.by, now=NOW)

        choose(pick_partner, uma, ben)  # by their answers Uma would meet Ada
        choose(pick_partner, ben, uma)
        choose(pick_partner, wes, ada)
        choose(refuse_partner, vic, ada)
    run = solved(northwind, cohort)
    with northwind.scope():
        made = paired(run)
        assert (made["Ben"], made["Ada"], len(made)) == ("Uma", "Wes", 3)
        figures = run.figures["picks"]
        assert figures["mentees"] == {"picked": 2, "first": 2, "any": 2}
        assert figures["mentors"] == {"picked": 1, "first": 1, "any": 1}
        assert publish_run(run=run, by=northwind.by, now=AFTER) == 3
        pair = Pair.objects.get(mentor=ben, mentee=uma)
        assert pair.reasons["mentee"][0] == "You picked each other."
        assert Cohort.objects.get(pk=cohort.pk).status == CohortStatus.RUNNING
