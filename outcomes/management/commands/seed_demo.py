from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from mentoring.models import Organization
from mentoring.tenancy.scoping import scoped_models
from mentoring.tenancy.statistics import refresh_statistics
from outcomes.demo.companies import make_demo


class Command(BaseCommand):
    help = "Fill an empty database with the demo's two organizations, Northwind and Fabrikam."

    def handle(self, *args: Any, **options: Any) -> None:
        if Organization.objects.exists():
            raise CommandError("The database is not empty; `make demo-reset` begins anew.")
        with transaction.atomic():
            make_demo(timezone.now())
            refresh_statistics(*scoped_models())
        self.stdout.write("Northwind and Fabrikam are ready.")
