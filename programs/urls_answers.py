"""Questionnaires, answering, and the import of answers."""

from django.urls import path

from programs.views import questionnaires, response_import, responses

PROGRAM = "o/<slug:organization>/programs/<int:program_id>/"
IMPORTS = "o/<slug:organization>/cohorts/<int:cohort_id>/answers/import/"
PARTICIPANT = "o/<slug:organization>/p/<int:participant_id>/questions/"

urlpatterns = [
    path(PROGRAM + "questionnaires/<slug:audience>/", questionnaires.preview, name="questionnaire_preview"),
    path(IMPORTS, response_import.upload, name="response_imports"),
    path(IMPORTS + "<int:import_id>/", response_import.detail, name="response_import"),
    path(IMPORTS + "<int:import_id>/columns/", response_import.map_columns, name="response_import_map"),
    path(IMPORTS + "<int:import_id>/apply/", response_import.apply, name="response_import_apply"),
    path(IMPORTS + "<int:import_id>/cancel/", response_import.cancel, name="response_import_cancel"),
    path(IMPORTS + "<int:import_id>/errors/", response_import.errors, name="response_import_errors"),
    path(PARTICIPANT, responses.questionnaire, name="questionnaire"),
    path(PARTICIPANT + "done/", responses.done, name="questionnaire_done"),
    path(PARTICIPANT + "<slug:key>/", responses.answer, name="questionnaire_answer"),
]
