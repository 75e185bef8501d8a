"""Imports of answers, and who is known already, as their plan needs it."""

from django.db.models import QuerySet

from mentoring.models import ColumnMapping, Person, StoredFile
from mentoring.people.mapping import signature
from programs.enums import ResponseStatus
from programs.models import Cohort, Participant, Response, ResponseImport
from programs.queries.responses import latest_response_ids, read_values, stored_answers
from programs.questions import QuestionnaireDefinition
from programs.response_import.columns import FACTS
from programs.response_import.plan import KnownParticipant, KnownPerson


def kind_of(role: str) -> str:
    """Mappings are remembered for each role: mirrored questionnaires share their headings."""
    return f"responses.{role}"


def response_imports(cohort: Cohort) -> QuerySet[ResponseImport]:
    return (
        ResponseImport.objects.filter(cohort=cohort)
        .select_related("created_by", "file")
        .defer("file__content", "report")
        .order_by("-created_at", "-id")
    )


def response_import_of(cohort_id: int, pk: int) -> ResponseImport | None:
    return (
        ResponseImport.objects.filter(pk=pk, cohort_id=cohort_id)
        .select_related("created_by", "file", "cohort__program")
        .defer("file__content")
        .first()
    )


def remembered_mapping(role: str, headers: list[str]) -> ColumnMapping | None:
    return ColumnMapping.objects.filter(kind=kind_of(role), signature=signature(headers)).first()


def mapping_named(role: str, name: str) -> ColumnMapping | None:
    named = ColumnMapping.objects.filter(kind=kind_of(role), name__iexact=name)
    return named.order_by("-updated_at").first()


def mapping_names(role: str) -> list[str]:
    return list(
        ColumnMapping.objects.filter(kind=kind_of(role)).order_by("name").values_list("name", flat=True)
    )


def stored_file(pk: int) -> StoredFile | None:
    return StoredFile.objects.filter(pk=pk).first()


def known_people() -> dict[str, KnownPerson]:
    """Everybody with an address on the roster, by it."""
    rows = Person.objects.exclude(email="").values_list(
        "id", "email", "first_name", "last_name", "status", *FACTS
    )
    return {
        email.lower(): KnownPerson(pk, f"{first} {last}".strip() or email, status, tuple(facts))
        for pk, email, first, last, status, *facts in rows.iterator(chunk_size=5000)
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
