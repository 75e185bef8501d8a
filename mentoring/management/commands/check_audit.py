import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mentoring.models import Organization
from mentoring.queries.audit_chain import Chain, Head, check_chain, weaknesses
from mentoring.tenancy.scoping import organization_scope


class Command(BaseCommand):
    help = (
        "Check that no row of the audit log was changed or taken out. Exits with 1 and names the first "
        "broken row. Keep what --json prints outside the database: --anchors shows later whether the end "
        "was cut off, or the whole chain written anew."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "organization", nargs="?", metavar="ORG", help="one organization; else all of them"
        )
        parser.add_argument("--json", action="store_true", help="one line of JSON for each organization")
        parser.add_argument("--anchors", type=Path, metavar="FILE", help="lines that --json printed earlier")

    def handle(self, *args: Any, **options: Any) -> None:
        anchors = _read(options["anchors"]) if options["anchors"] else {}
        organizations = Organization.objects.order_by("pk")
        if slug := options["organization"]:
            organizations = organizations.filter(slug=slug)
            if not organizations:
                raise CommandError(f"There is no organization “{slug}”.")
        broken = 0
        for organization in organizations:
            with organization_scope(organization):
                chain = check_chain(anchors.pop(organization.pk, []))
            broken += bool(chain.fault or chain.late)
            self._tell(organization, chain, as_json=options["json"])
        gone = [] if options["organization"] else sorted(anchors)
        for pk in gone:
            self.stderr.write(f"organization {pk}: noted earlier, not here any more")
        for weakness in (holes := weaknesses()):
            self.stderr.write(f"not protected: {weakness}")
        if broken or gone or holes:
            raise CommandError("The audit log is not as it should be.")

    def _tell(self, organization: Organization, chain: Chain, *, as_json: bool) -> None:
        if as_json:
            line = {
                "organization": organization.pk,
                "slug": organization.slug,
                "number": chain.head.number,
                "hash": chain.head.hash,
                "fault": chain.fault,
                "waiting": chain.waiting,
            }
            self.stdout.write(json.dumps(line))
            return
        words = f"BROKEN: {chain.fault}" if chain.fault else f"{chain.rows} rows, whole"
        self.stdout.write(f"{organization.slug}: {words}; {chain.waiting} newer ones wait for their seal")
        if chain.late:
            self.stdout.write(f"{organization.slug}: {chain.late} wait for over an hour. Does beat run?")


def _read(path: Path) -> dict[int, list[Head]]:
    """The heads that were noted, by organization; a line that told of a fault is none."""
    heads: dict[int, list[Head]] = defaultdict(list)
    try:
        for line in path.read_text().splitlines():
            noted = json.loads(line)
            if not noted["fault"] and noted["number"]:
                heads[noted["organization"]].append(Head(noted["number"], noted["hash"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from None
    return heads
