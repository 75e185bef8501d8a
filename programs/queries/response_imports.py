"""Imports of answers, and who is known already, as their plan needs it."""

from datetime import date

from django.db.models import QuerySet

from mentoring.models import Person
from mentoring.queries.imports import listed, one_of
from programs.enums import ResponseStatus
from programs.models import Cohort, Participant, Response, ResponseImport
from programs.queries.responses import latest_response_ids, read_values, stored_answers
from programs.queries.rests import rests_until
from programs.questions import QuestionnaireDefinition
from programs.response_import.columns import FACTS
from programs.response_import.plan import KnownParticipant, KnownPerson


def response_imports(cohort: Cohort) -> QuerySet[ResponseImport]:
    return listed(ResponseImport.objects.filter(cohort=cohort))


def response_import_of(cohort_id: int, pk: int) -> ResponseImport | None:
    imports = ResponseImport.objects.select_related("cohort__program").filter(cohort_id=cohort_id)
    return one_of(imports, pk)


def known_people(today: date) -> dict[str, KnownPerson]:
    """Everybody with an address on the roster, by it."""
    people = Person.objects.exclude(email="").annotate(rests_until=rests_until(today, "pk"))
    rows = people.values_list("id", "email", "first_name", "last_name", "status", "rests_until", *FACTS)
    return {
        email.lower(): KnownPerson(pk, f"{first} {last}".strip() or email, status, tuple(facts), until)
        for pk, email, first, last, status, until, *facts in rows.iterator(chunk_size=5000)
    }


def known_participants(cohort: Cohort, definition: QuestionnaireDefinition) -> dict[int, KnownParticipant]:
    """Everybody in the cohort by person, with the newest answers where the role is this questionnaire's."""
    rows = list(Participant.objects.filter(cohort=cohort).values_list("id", "person_id", "role", "status"))
    same_role = [pk for pk, _person, role, _status in rows if role == definition.audience]
    newest = latest_response_ids(same_role)
    stored = stored_answers(response for response, _questionnaire in newest.values())
    submitted = set(
        Response.objects.filter(participant__cohort=cohort, status=ResponseStatus.SUBMITTED).values_list(
            "id", flat=True
        )
    )
    found = {}
    for pk, person_id, role, status in rows:
        response = newest.get(pk, (0, 0))[0]
        values = read_values(definition, stored.get(response, {}))
        found[person_id] = KnownParticipant(pk, role, status, response in submitted, values)
    return found
