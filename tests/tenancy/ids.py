"""One row of everything that a URL can name, in each organization of the cast."""

from datetime import timedelta
from typing import Any

from mentoring.enums import JobStatus, Role
from mentoring.models import Membership, RosterImport, StoredFile, User
from outcomes.models import MetricsExport
from sessions.models import Meeting
from tests.cast import NOW, PASSWORD, Cast


def ids_of(cast: Cast) -> dict[str, Any]:
    """What stands in this organization's URLs, by the name of the URL's argument. Where two apps give an
    argument the same name for different things, the key is "app.name"."""
    with cast.scope():
        file = StoredFile.objects.create(
            name="people.csv", content=b"Employee ID\n1\n", content_type="text/csv", size=14, sha256="0" * 64
        )
        return {
            "organization": cast.organization.slug,
            "cohort_id": cast.cohort.pk,
            "program_id": cast.program.pk,
            "participant_id": cast.mentor.pk,
            "pair_id": cast.pair.pk,
            "person_id": cast.people["mentor"].pk,
            "member_id": Membership.objects.get(user=cast.overseer).pk,
            "meeting_id": meeting(cast).pk,
            "mentoring.import_id": roster_import(file).pk,
            "export_id": MetricsExport.objects.create(
                format="csv", file=file, status=JobStatus.DONE, finished_at=NOW
            ).pk,
        }


def meeting(cast: Cast) -> Meeting:
    return Meeting.objects.create(
        pair=cast.pair, number=1, starts_at=NOW + timedelta(days=9), minutes=45, planned_by=cast.mentor
    )


def roster_import(file: StoredFile) -> RosterImport:
    return RosterImport.objects.create(
        file=file,
        status=JobStatus.DONE,
        report={
            "headers": ["Employee ID"],
            "samples": {"Employee ID": ["1"]},
            "kind": "csv",
            "file_notes": [],
        },
    )


def mentor_user(cast: Cast) -> User:
    """A login for the cast's mentor, so that participants' pages can be opened by signing in."""
    person = cast.people["mentor"]
    user = User.objects.create_user(person.email, PASSWORD, name=person.name)
    with cast.scope():
        Membership.objects.create(user=user, role=Role.PARTICIPANT, joined_at=NOW)
        person.user = user
        person.save()
    return user
