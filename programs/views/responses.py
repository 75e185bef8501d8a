"""A participant answers their questionnaire: one page that saves as one goes."""

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mentoring.rules import NotAllowed
from programs.actions.responses import missing_questions, save_answers, submit_response
from programs.enums import ResponseStatus
from programs.forms.questionnaires import QuestionnaireForm, readable_answers
from programs.guards import participant_view
from programs.models import Participant, Response
from programs.queries.questionnaires import published_definition
from programs.queries.responses import latest_response, values_of
from programs.questions import QuestionnaireDefinition
from programs.questions.opening import why_answers_are_closed

PAGE = "questionnaires/answer.html"


@participant_view
def questionnaire(request: Any, participant: Participant) -> HttpResponseBase:
    """All questions. "Save" keeps what there is, "Hand in" asks for the required ones; both work without
    JavaScript, which saves each answer by itself (`answer` below)."""
    definition = published_definition(participant.cohort.program, participant.role)
    closed = why_answers_are_closed(participant)
    if definition is None or closed:
        return redirect("questionnaire_done", request.organization.slug, participant.pk)
    if request.method == "POST":
        return _receive(request, participant, definition)
    response = latest_response(participant)
    values = values_of(response, definition)
    form = QuestionnaireForm(definition, values=values)
    return TemplateResponse(request, PAGE, _context(participant, form, response, values))


def _receive(request: Any, participant: Participant, definition: QuestionnaireDefinition) -> HttpResponseBase:
    handing_in = request.POST.get("then") != "save"
    form = QuestionnaireForm(definition, request.POST, require=handing_in)
    if form.is_valid() and handing_in:
        submit_response(participant=participant, values=form.values, now=timezone.now(), by=request.actor)
        return redirect("questionnaire_done", request.organization.slug, participant.pk)
    kept = save_answers(participant=participant, values=_keepable(participant, form), by=request.actor)
    if form.is_valid():
        return redirect("questionnaire", request.organization.slug, participant.pk)
    context = _context(participant, form, kept, values_of(kept, definition))
    return TemplateResponse(request, PAGE, context, status=422)


def _keepable(participant: Participant, form: QuestionnaireForm) -> dict[str, Any]:
    """Valid answers are kept even where others are not. What was handed in keeps its required ones."""
    response = latest_response(participant)
    if response is None or response.status != ResponseStatus.SUBMITTED:
        return form.values
    required = {question.key for question in form.definition.questions if question.required}
    return {key: value for key, value in form.values.items() if value is not None or key not in required}


@participant_view
@require_POST
def answer(request: Any, participant: Participant, key: str) -> HttpResponseBase:
    """Save one answer, as it is given. Answers the line under the question, and what changes elsewhere."""
    definition = published_definition(participant.cohort.program, participant.role)
    if definition is None or key not in definition.by_key:
        raise NotAllowed(_("This question has changed meanwhile. Reload the page, please."))
    response = latest_response(participant)
    submitted = response is not None and response.status == ResponseStatus.SUBMITTED
    form = QuestionnaireForm(definition, request.POST, only=[key], require=submitted)
    if form.is_valid():
        save_answers(participant=participant, values=form.values, by=request.actor)
    values = values_of(latest_response(participant), definition)
    context = _progress(definition, values) | {"shown": form.shown(key), "saved": form.is_valid()}
    return TemplateResponse(request, PAGE + "#saved", context, status=200 if form.is_valid() else 422)


@participant_view
def done(request: Any, participant: Participant) -> HttpResponseBase:
    """Thanks, and what was answered; also where somebody lands for whom answering is closed."""
    definition = published_definition(participant.cohort.program, participant.role)
    if definition is None:
        return TemplateResponse(request, "questionnaires/none.html", {"participant": participant})
    response = latest_response(participant)
    values = values_of(response, definition)
    if response is None and not why_answers_are_closed(participant):
        return redirect("questionnaire", request.organization.slug, participant.pk)
    context = {
        "participant": participant,
        "response": response,
        "submitted": response is not None and response.status == ResponseStatus.SUBMITTED,
        "closed": why_answers_are_closed(participant),
        "review": readable_answers(definition, values),
        **_progress(definition, values),
    }
    return TemplateResponse(request, "questionnaires/done.html", context)


def _context(
    participant: Participant, form: QuestionnaireForm, response: Response | None, values: dict[str, Any]
) -> dict[str, Any]:
    return {
        "participant": participant,
        "definition": form.definition,
        "form": form,
        "submitted": response is not None and response.status == ResponseStatus.SUBMITTED,
        **_progress(form.definition, values),
    }


def _progress(definition: QuestionnaireDefinition, values: dict[str, Any]) -> dict[str, int]:
    return {
        "answered": len(values),
        "total": len(definition.questions),
        "missing": len(missing_questions(definition, values)),
    }
