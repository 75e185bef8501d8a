"""A finished run worked off once more: is its input still the same, and does it give the same pairs?"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from matching.models import MatchRun
from mentoring.enums import JobStatus
from mentoring.models import Organization
from mentoring.tenancy.scoping import organization_scope
from programs.management.cohorts import cohort_named


class Command(BaseCommand):
    help = (
        "Load the input of a finished run, compare it with what the run kept, solve again and compare the "
        "pairs. Nothing is stored. Exit status: 0 the same, or exactly as good; 1 not, or the input has "
        "changed; 2 wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", metavar="ORG", help="the organization's address (slug)")
        parser.add_argument("cohort", metavar="COHORT", help="the cohort's exact name or number")
        parser.add_argument("run", metavar="RUN", type=int, help="the number of the draft pairing")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        from matching.actions.replay import replay

        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization “{options['organization']}”.", returncode=2)
        cohort = cohort_named(organization, options["cohort"])
        with organization_scope(organization):
            runs = MatchRun.objects.select_related("cohort", "based_on").filter(cohort=cohort)
            run = runs.filter(number=options["run"], status=JobStatus.DONE).first()
            if run is None:
                raise CommandError(f"This cohort has no finished run {options['run']}.", returncode=2)
            found = replay(run)
        if options["json"]:
            self.stdout.write(json.dumps({"run": run.number, "verdict": found.verdict, "lines": found.lines}))
        else:
            self.stdout.write("\n".join([f"{run}:", *found.lines]))
        if not found.holds:
            raise CommandError(found.lines[-1], returncode=1)
