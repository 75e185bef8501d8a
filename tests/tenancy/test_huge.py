"""Far too much of something: an answer at once, and never a broken page."""

import time
from typing import Any

from django.test import Client

from programs.enums import CohortStatus
from programs.models import Cohort
from tests.cast import Cast
from tests.tenancy.ids import ids_of, mentor_user

MILLION = "9" * 1_000_000


def quickly(client: Client, method: str, url: str, data: Any = None) -> int:
    client.raise_request_exception = False
    begun = time.process_time()  # not the time of day: other processes may keep this one waiting
    status: int = getattr(client, method)(url, data).status_code
    assert time.process_time() - begun < 10, url
    return status


def test_far_too_much_is_refused_at_once(northwind: Cast, sign_in: Any) -> None:
    ids = ids_of(northwind)
    champion, mentor = sign_in(northwind.champion), sign_in(mentor_user(northwind))
    with northwind.scope():
        Cohort.objects.update(status=CohortStatus.MATCHING, matching_mode="hybrid", choose_until="2100-01-01")
    match = f"/o/northwind/cohorts/{ids['cohort_id']}/match/"
    pair, run = f"{match}pairs/{ids['proposal_id']}/", f"{match}runs/{ids['run_id']}/"
    mine = f"/o/northwind/p/{ids['participant_id']}/choose/"
    person = ids["partner_id"]
    long, order = "x" * 10_000_000, [str(number) for number in range(100_000)]
    answers = {
        "note": quickly(champion, "post", f"{pair}ruling/", {"kind": "keep", "note": long}),
        "note of 300": quickly(
            champion, "post", f"{pair}ruling/", {"kind": "keep", "note": long[:1_000_000]}
        ),
        "order": quickly(mentor, "post", f"{mine}order/", {"order": order}),
        "order of 2000": quickly(mentor, "post", f"{mine}order/", {"order": order[:1900]}),
        "instead": quickly(mentor, "post", f"{mine}{person}/pick/", {"instead": MILLION}),
        "id": quickly(mentor, "post", f"{mine}{MILLION}/pick/"),
        "plan": quickly(champion, "get", f"{pair}change/plan/", {"kind": "mentee", "other": MILLION}),
        "why not": quickly(champion, "get", f"{run}why-not/", {"mentor": MILLION}),
        "remedy": quickly(
            champion, "post", f"{match}questions/{ids['inquiry_id']}/remedy/", {"remedy": MILLION}
        ),
        "compare": quickly(champion, "get", f"{match}compare/", {"first": MILLION, "second": "1"}),
        "run": quickly(champion, "get", match, {"run": MILLION, "page": MILLION}),
        "search": quickly(champion, "get", f"{match}people/", {"partner": long[:100_000]}),
        "what if": quickly(champion, "post", f"{run}what-if/", {"note": long[:1_000_000], "floor": MILLION}),
        "label": quickly(
            champion,
            "post",
            f"{match}settings/criteria/{ids['criterion_id']}/",
            {"label": long[:1_000_000], "comparator": "same", "weight": MILLION},
        ),
        "end": quickly(
            champion,
            "post",
            f"/o/northwind/cohorts/{ids['cohort_id']}/pairs/{ids['pair_id']}/end/",
            {"reason": long[:1_000_000]},
        ),
    }
    assert {name: code for name, code in answers.items() if code >= 500} == {}
    assert {answers[name] for name in ("note", "order")} == {400}
    assert {answers[name] for name in ("id", "plan", "why not", "remedy", "compare")} == {404}
    assert {answers[name] for name in ("what if", "label", "end")} == {422}
