from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.models import Organization
from mentoring.tenancy.scoping import organization_scope
from outcomes.actions import write_metrics
from outcomes.models import MetricsExport
from outcomes.queries import reported_cohorts
from programs.management.cohorts import cohort_named
from programs.models import Cohort


class Command(BaseCommand):
    help = "Write an organization's success metrics to a file: one row a metric and one row a pair."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "organization", metavar="ORG", help="the organization's address, for example northwind"
        )
        parser.add_argument("--cohort", metavar="C", help="a cohort by id or name; all cohorts if left out")
        parser.add_argument("--format", choices=MetricsExport.Format.values, required=True)
        parser.add_argument("--out", type=Path, required=True, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization “{options['organization']}”.", returncode=2)
        with organization_scope(organization):
            cohort = self.cohort(organization, options["cohort"]) if options["cohort"] else None
            try:
                with options["out"].open("wb") as out:
                    write_metrics(
                        out,
                        organization=organization,
                        cohort=cohort,
                        format=options["format"],
                        now=timezone.now(),
                    )
            except OSError as error:
                raise CommandError(
                    f"{options['out']} cannot be written: {error.strerror}.", returncode=1
                ) from None
            audit.record(
                "metrics.exported",
                organization,
                by=Actor.system("export_metrics"),
                cohort=cohort and cohort.pk,
            )
        self.stdout.write(f"{options['out']}: {options['out'].stat().st_size} bytes.")

    def cohort(self, organization: Organization, wanted: str) -> Cohort:
        cohort = cohort_named(organization, wanted)
        if not reported_cohorts().filter(pk=cohort.pk).exists():
            raise CommandError(f"“{cohort}” is a draft: there is nothing to export yet.", returncode=2)
        return cohort
