"""Matching end to end, from rows to proposals: `python -m benchmarks.matching_run [--size 1000]`.

Makes an organization with as many mentors and mentees, with submitted answers in the database, runs the
job that a worker runs, and takes everything away again. Uses the database of `DATABASE_URL`, else starts
the bundled one in a temporary directory.
"""

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

SEED = 20261122
SKILLS_WANTED, SKILLS_SHOWN = 5, 6
UNITS, PLACES = 8, 12


def run(size: int = 1000) -> list[dict[str, Any]]:
    """One row: how many people, seconds in each phase, pairs, memory. Needs Django set up."""
    from django.db import transaction

    from mentoring.tenancy.scoping import organization_scope

    organization = None
    try:
        with transaction.atomic():
            organization, cohort = _make(size)
        return [_clock(organization, cohort, size)]
    finally:
        if organization:
            with organization_scope(organization):
                _remove()
            organization.delete()


def _clock(organization: Any, cohort: Any, size: int) -> dict[str, Any]:
    from matching.actions.runs import start_run
    from matching.actions.solve import work_off
    from matching.models import MatchRun
    from mentoring.actors import Actor
    from mentoring.jobs import run_job
    from mentoring.tenancy.scoping import organization_scope

    with organization_scope(organization):
        made = start_run(cohort=cohort, by=Actor.system("benchmark"))
    told: list[tuple[str, float]] = []

    def tell(phase: str, percent: int) -> None:
        if not told or told[-1][0] != phase:
            told.append((phase, time.perf_counter()))

    started = time.perf_counter()
    run_job(MatchRun, lambda job: work_off(job, tell=tell), organization.pk, made.pk)
    ended = time.perf_counter()
    with organization_scope(organization):
        done = MatchRun.objects.get(pk=made.pk)
        proposals = done.proposals.count()
    moments = [*(moment for _phase, moment in told), ended]
    phases = {
        phase: round(after - before, 2) for (phase, before), after in zip(told, moments[1:], strict=True)
    }
    return {
        "size": f"{size} x {size}",
        "status": done.status,
        "proposals": proposals,
        "proven": done.figures.get("proven"),
        "seconds": round(ended - started, 2),
        **phases,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _make(size: int) -> tuple[Any, Any]:
    """An organization, a cohort of the first template and its people, all with answers."""
    from mentoring.actors import Actor
    from mentoring.enums import Role
    from mentoring.models import Membership, Organization, User
    from mentoring.tenancy.scoping import organization_scope
    from programs.actions.programs import create_program
    from programs.enums import CohortStatus, PairRole
    from programs.models import Cohort
    from programs.templates_catalog import find_template

    template = find_template("goals_and_interests")
    assert template
    slug = f"benchmark-{int(time.time())}"
    user = User.objects.create_user(f"champion@{slug}.example", None, name="Benchmark")
    organization = Organization.objects.create(
        name="Benchmark", slug=slug, time_zone="UTC", contact_name="Benchmark", contact_email=user.email
    )
    chance = random.Random(SEED)
    with organization_scope(organization):
        member = Membership.objects.create(user=user, role=Role.CHAMPION, joined_at=datetime.now(UTC))
        by = Actor.of_user(user)
        program = create_program(template=template, name="Benchmark", purpose="-", champion=member, by=by)
        cohort = Cohort.objects.create(
            program=program,
            name="Benchmark",
            status=CohortStatus.MATCHING,
            enroll_from=date(2026, 1, 1),
            enroll_until=date(2026, 2, 1),
            starts_on=date(2026, 3, 1),
            ends_on=date(2026, 9, 1),
        )
        for role in PairRole:
            _participants(cohort, role, size, chance)
    return organization, cohort


def _participants(cohort: Any, role: str, size: int, chance: random.Random) -> None:
    from mentoring.models import Person
    from programs.actions.responses import write_answers
    from programs.enums import ParticipantStatus, ResponseStatus
    from programs.models import Participant, Response
    from programs.queries.questionnaires import published_definition

    now = datetime.now(UTC)
    persons = Person.objects.bulk_create(
        [
            Person(
                employee_id=f"{role}-{number}",
                email=f"{role}.{number}@benchmark.example",
                first_name=f"{role.title()}",
                last_name=str(number),
                unit=f"Unit {chance.randrange(UNITS)}",
                location=f"Place {chance.randrange(PLACES)}",
            )
            for number in range(size)
        ],
        batch_size=1000,
    )
    participants = Participant.objects.bulk_create(
        [
            Participant(
                cohort=cohort,
                person=person,
                role=role,
                status=ParticipantStatus.JOINED,
                joined_at=now,
                answered_at=now,
            )
            for person in persons
        ],
        batch_size=1000,
    )
    definition = published_definition(cohort.program, role)
    assert definition
    responses = Response.objects.bulk_create(
        [
            Response(
                questionnaire_id=definition.id,
                participant=participant,
                status=ResponseStatus.SUBMITTED,
                submitted_at=now,
            )
            for participant in participants
        ],
        batch_size=1000,
    )
    write_answers(definition, {one.pk: _answers(definition, chance, role) for one in responses})


def _answers(definition: Any, chance: random.Random, role: str) -> dict[str, Any]:
    keys = {key: list(definition.by_key[key].labels) for key in ("skills", "interests")}
    number = SKILLS_SHOWN if role == "mentor" else SKILLS_WANTED
    return {
        "skills": tuple(sorted(chance.sample(keys["skills"], chance.randint(1, number)))),
        "interests": tuple(sorted(chance.sample(keys["interests"], chance.randint(1, 5)))),
        "style": chance.randint(1, 5),
    }


def _remove() -> None:
    """The organization's rows, those that point at others first."""
    from mentoring.tenancy.scoping import scoped_models

    waiting = list(scoped_models())
    while waiting:
        left = []
        for model in waiting:
            if not _emptied(model):
                left.append(model)
        if len(left) == len(waiting):
            raise RuntimeError(f"rows stay: {left}")
        waiting = left


def _emptied(model: Any) -> bool:
    from django.db import IntegrityError, transaction
    from django.db.models import ProtectedError

    try:
        with transaction.atomic():
            model.objects.all()._raw_delete(model.objects.db)
    except (IntegrityError, ProtectedError):
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if "DATABASE_URL" in os.environ:
        rows = _with_django(options.size)
    else:
        from mentoring.embedded import Engines, remove

        folder = Path(tempfile.mkdtemp(prefix="upward-bench-"))
        with Engines(folder, durable=False) as engines:
            os.environ.update(engines.environment)
            rows = _with_django(options.size, migrate=True)
        remove(folder)
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        for name, value in row.items():
            sys.stdout.write(f"{name:32} {value}\n")


def _with_django(size: int, *, migrate: bool = False) -> list[dict[str, Any]]:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
    django.setup()
    if migrate:
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
    return run(size)


if __name__ == "__main__":
    main()
