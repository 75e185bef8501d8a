"""Two cohorts of one organization: what belongs to one is not there in the other's addresses."""

from copy import copy
from typing import Any

from django.test import Client

from programs.enums import CohortStatus, PairRole, ParticipantStatus
from programs.models import Cohort, Pair, Participant
from tests.cast import NOW, Cast
from tests.tenancy.ids import (
    ids_of,
    make_criterion,
    make_inquiry,
    make_meeting,
    make_proposal,
    make_request,
    make_response_import,
    make_ruling,
    make_unmatched,
    mentor_user,
)
from tests.tenancy.test_urls import TENANT_ROUTES, WORDS, both

# They belong to the organization or to a person, not to a cohort.
WHOLE = {
    "organization",
    "program_id",
    "person_id",
    "double_id",
    "member_id",
    "export_id",
    "exclusion_id",
    *WORDS,
}


def second_cohort(cast: Cast) -> dict[str, Any]:
    """Another cohort of the same program with one of everything that a cohort has, by argument."""
    other = copy(cast)
    with cast.scope():
        fields = {one: getattr(cast.cohort, one) for one in ("enroll_from", "enroll_until", "published_at")}
        dates = {"starts_on": cast.cohort.starts_on, "ends_on": cast.cohort.ends_on}
        other.cohort = Cohort.objects.create(
            program=cast.program, name="Spring", status=CohortStatus.RUNNING, **fields, **dates
        )
        other.mentor, other.mentee = (
            Participant.objects.create(
                cohort=other.cohort,
                person=cast.people[person],
                role=role,
                status=ParticipantStatus.JOINED,
                joined_at=NOW,
            )
            for person, role in (("spare", PairRole.MENTOR), ("boss", PairRole.MENTEE))
        )
        other.pair = Pair.objects.create(
            cohort=other.cohort, mentor=other.mentor, mentee=other.mentee, published_at=NOW
        )
        proposal = make_proposal(other)
        return {
            "cohort_id": other.cohort.pk,
            "participant_id": other.mentor.pk,
            "partner_id": other.mentee.pk,
            "pair_id": other.pair.pk,
            "meeting_id": make_meeting(other).pk,
            "programs.import_id": make_response_import(other),
            "run_id": proposal.run_id,
            "proposal_id": proposal.pk,
            "request_id": make_request(other).pk,
            "ruling_id": make_ruling(other).pk,
            "inquiry_id": make_inquiry(proposal).pk,
            "unmatched_id": make_unmatched(proposal).pk,
            "criterion_id": make_criterion(other).pk,
        }


def test_ids_of_another_cohort_are_404(northwind: Cast, sign_in: Any) -> None:
    """Each id of the second cohort in the addresses of the first, and the other way round."""
    first = {**ids_of(northwind), **WORDS}
    second = {**first, **second_cohort(northwind)}
    browsers = {"member": sign_in(northwind.owner), "participant": sign_in(mentor_user(northwind))}
    wrong: dict[str, set[int]] = {}
    tried = 0
    for route in TENANT_ROUTES:
        inner = [name for name in route.arguments if name not in WHOLE]
        if len(inner) < 2:
            continue
        for own, foreign in ((first, second), (second, first)):
            if route.guard.kind == "participant" and own is second:
                continue
            for name in inner[1:]:
                url = route.url(own, **{name: foreign[route.key(name, foreign)]})
                tried += 1
                if (codes := both(browsers[route.guard.kind], url)) != {404}:
                    wrong[url] = codes
    assert tried > 60
    assert wrong == {}


def test_ids_in_queries_and_forms_are_of_this_cohort(northwind: Cast, sign_in: Any) -> None:
    first = {**ids_of(northwind), **WORDS}
    second = second_cohort(northwind)
    browser: Client = sign_in(northwind.champion)
    match = f"/o/northwind/cohorts/{first['cohort_id']}/match/"
    change = f"{match}pairs/{first['proposal_id']}/change/plan/"
    other = second["partner_id"]
    codes = {
        "why not": browser.get(f"{match}runs/{first['run_id']}/why-not/?mentee={other}").status_code,
        "plan": browser.get(f"{change}?kind=mentee&other={other}").status_code,
        "change": browser.post(change, {"kind": "mentee", "other": other}).status_code,
    }
    assert codes == {"why not": 404, "plan": 404, "change": 404}
    compare = browser.get(f"{match}compare/?first=1&second=2")
    assert compare.status_code == 404
    boss = northwind.people["boss"]
    named = browser.get(f"{match}people/?partner=grace").content.decode()
    assert boss.email not in named
