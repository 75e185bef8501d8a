from celery import shared_task
from django.utils import timezone

from matching.actions import requests, suggest
from matching.models import MatchInquiry, MatchRun, SuggestionRun
from matching.queries.requests import cohorts_with_requests
from mentoring.actors import Actor
from mentoring.jobs import everywhere, job_task, tenant_task
from mentoring.tenancy.scoping import organization_scope
from programs.models import Cohort


@job_task(MatchRun.TASK, MatchRun)
def run_matching(run: MatchRun) -> None:
    """Numpy and scipy take a second to import: only a worker that solves pays for it."""
    from matching.actions.solve import work_off

    work_off(run)


@job_task(MatchInquiry.TASK, MatchInquiry)
def answer_inquiry(inquiry: MatchInquiry) -> None:
    from matching.actions.inquire import work_off_inquiry

    work_off_inquiry(inquiry)


@job_task(SuggestionRun.TASK, SuggestionRun)
def make_suggestions(run: SuggestionRun) -> None:
    suggest.work_off(run)


@shared_task(name="matching.plan_suggestions_everywhere")
def plan_suggestions_everywhere() -> None:
    everywhere("matching.plan_suggestions", expires=55)


@tenant_task("matching.plan_suggestions")
def plan_suggestions_of(organization_id: int) -> None:
    suggest.plan_suggestions(now=timezone.now())


@shared_task(name="matching.sweep_requests_everywhere")
def sweep_requests_everywhere() -> None:
    everywhere("matching.sweep_requests", expires=240)


@shared_task(name="matching.sweep_requests")
def sweep_requests_of(organization_id: int) -> None:
    """One transaction a cohort: each is locked while its requests are looked through."""
    with organization_scope(organization_id):
        found = cohorts_with_requests()
    for cohort_id in found:
        with organization_scope(organization_id):
            cohort = Cohort.objects.get(pk=cohort_id)
            requests.sweep_requests(cohort=cohort, by=Actor.system("matching"), now=timezone.now())
