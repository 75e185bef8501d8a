"""What a champion sees of a questionnaire: the page as participants see it, and its versions."""

from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from programs.enums import PairRole
from programs.forms.questionnaires import QuestionnaireForm
from programs.models import Program
from programs.queries.questionnaires import definition_of, shown_questionnaire, versions_of


@member_view(Permission.VIEW_PROGRAMS)
def preview(request: Any, program_id: int, audience: str) -> HttpResponseBase:
    program = get_object_or_404(Program, pk=program_id)
    if audience not in PairRole.values:
        raise Http404
    questionnaire = shown_questionnaire(program, audience)
    if questionnaire is None:
        raise Http404
    definition = definition_of(questionnaire)
    context = {
        "program": program,
        "role": PairRole(audience),
        "other_role": PairRole(audience).other,
        "questionnaire": questionnaire,
        "definition": definition,
        "form": QuestionnaireForm(definition),
        "versions": versions_of(program, audience),
        "required": sum(1 for question in definition.questions if question.required),
    }
    return TemplateResponse(request, "questionnaires/preview.html", context)
