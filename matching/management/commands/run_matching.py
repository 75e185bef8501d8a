"""Matching from the command line: the same action and the same job as the page, with progress lines."""

import json
import time
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from matching.actions.publish import publish_run
from matching.actions.runs import start_run
from matching.models import MatchRun
from mentoring.actors import Actor
from mentoring.enums import OPEN_JOBS, JobStatus
from mentoring.jobs import run_job
from mentoring.models import Organization
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import organization_scope
from programs.management.cohorts import cohort_named
from programs.models import Cohort

BY = Actor.system("run_matching")
WAIT_SECONDS = 600


class Command(BaseCommand):
    help = (
        "Propose pairs for a cohort and, with --publish, publish them: both sides get their introduction "
        "mail. Exit status: 0 done, 1 refused or failed, 2 wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", metavar="ORG", help="the organization's address (slug)")
        parser.add_argument("cohort", metavar="COHORT", help="the cohort's exact name or number")
        parser.add_argument("--publish", action="store_true", help="publish the pairs of this run")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization “{options['organization']}”.", returncode=2)
        cohort = cohort_named(organization, options["cohort"])
        try:
            run, published = self.work(organization, cohort, options)
        except NotAllowed as refusal:
            self.fail(str(refusal), as_json=options["json"])
        answer = {
            "run": run.number,
            "status": run.status,
            "error": run.error,
            "published": published,
            "figures": run.figures,
        }
        if run.status != JobStatus.DONE:
            self.fail(run.error or str(run.get_status_display()), as_json=options["json"])
        self.stdout.write(json.dumps(answer, indent=2) if options["json"] else in_words(answer))

    def work(
        self, organization: Organization, cohort: Cohort, options: dict[str, Any]
    ) -> tuple[MatchRun, int | None]:
        from matching.actions.solve import work_off

        with organization_scope(organization):
            run = start_run(cohort=cohort, by=BY)
        told: list[str] = []

        def tell(phase: str, percent: int) -> None:
            if not options["json"] and told[-1:] != [phase]:
                told.append(phase)
                self.stdout.write(f"{percent:3d} %  {phase}")

        run_job(MatchRun, partial(work_off, tell=tell), organization.pk, run.pk)
        run = self.finished(organization, run)
        published = None
        if options["publish"] and run.status == JobStatus.DONE:
            with organization_scope(organization):
                published = publish_run(run=run, by=BY, now=timezone.now())
        return run, published

    def finished(self, organization: Organization, run: MatchRun) -> MatchRun:
        """The run as it ended. A worker may have taken it first: then wait for that one."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            with organization_scope(organization):
                run = MatchRun.objects.select_related("cohort").get(pk=run.pk)
            if run.status not in OPEN_JOBS:
                return run
            if time.monotonic() > deadline:
                raise NotAllowed("A worker has been at it for ten minutes; look at the cohort's page.")
            time.sleep(0.5)

    def fail(self, message: str, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"error": message}))
        raise CommandError(message, returncode=1)


def in_words(answer: dict[str, Any]) -> str:
    figures = answer["figures"]
    mentors, mentees = figures["mentors"], figures["mentees"]
    placed = (
        f"Draft pairing {answer['run']}: {figures['pairs']} pairs; {mentors['placed']} of {mentors['of']} "
        f"mentors and {mentees['placed']} of {mentees['of']} mentees placed."
    )
    lines = [
        placed,
        f"Average score {figures['mean']:.0f}, lowest {figures['lowest']}"
        + (", proven the best possible." if figures["proven"] else "."),
    ]
    if learn := figures["learn"]:
        lines.append(
            f"Nothing to learn in {learn['nothing']} of {figures['pairs']} pairs; "
            f"in {learn['silent']} of them the mentee named nothing."
        )
    lines += aims_in_words(figures)
    if answer["published"] is not None:
        lines.append(f"Published {answer['published']} pairs.")
    return "\n".join(lines)


def aims_in_words(figures: dict[str, Any]) -> list[str]:
    """What the run aimed at beside scores, where it did."""
    lines = []
    if picks := figures["picks"]:
        picked, first, some = (
            picks["mentors"][key] + picks["mentees"][key] for key in ("picked", "first", "any")
        )
        lines.append(
            f"Of {picked} people who picked, {first} got their first choice and {some} any of theirs."
        )
    if share := figures["share"]:
        met = "" if share["met"] else f"; no more than {share['bound']} are possible"
        source = share["source"].partition(":")[2]
        lines.append(
            f"Different {source}: {share['pairs']} of {share['of']} pairs, {share['percent']} % wanted{met}."
        )
    if closing := figures.get("closing"):
        lines.append(gap_in_words(closing))
    if waited := figures["priority"]:
        lines.append(f"Placed {waited['placed']} of {waited['waited']} who waited since an earlier cohort.")
    return lines


def gap_in_words(closing: dict[str, Any]) -> str:
    """How near the group came that was to be raised."""
    name = closing["group"].partition("=")[2]
    if closing["why"]:
        return f"Gap of {name}: nothing was closed, there are too few people."
    met = "" if closing["met"] else ", which is as near as it comes"
    return (
        f"Gap of {name}: {closing['before']:.1f} to {closing['after']:.1f} of 100, {closing['within']} wanted"
        f"{met}; for {closing['price']:.1f} points of {closing['of']:.0f} in all."
    )
