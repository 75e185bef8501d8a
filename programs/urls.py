from django.urls import path

from programs.views import (
    cohorts,
    join,
    pairs,
    participants,
    programs,
    questionnaires,
    response_import,
    responses,
    rests,
)

PROGRAMS = "o/<slug:organization>/programs/"
COHORT = "o/<slug:organization>/cohorts/<int:cohort_id>/"
IMPORTS = COHORT + "answers/import/"
PARTICIPANT = "o/<slug:organization>/p/<int:participant_id>/"
QUESTIONS = PARTICIPANT + "questions/"

urlpatterns = [
    path(PROGRAMS, programs.program_list, name="programs"),
    path(PROGRAMS + "new/", programs.choose_template, name="program_templates"),
    path(PROGRAMS + "new/<slug:template>/", programs.new_program, name="program_new"),
    path(PROGRAMS + "sponsors/", programs.people_options, name="program_people"),
    path(PROGRAMS + "<int:program_id>/", programs.program, name="program"),
    path(PROGRAMS + "<int:program_id>/edit/", programs.edit_program, name="program_edit"),
    path(PROGRAMS + "<int:program_id>/cohorts/new/", cohorts.new_cohort, name="cohort_new"),
    path(COHORT, cohorts.cohort, name="cohort"),
    path(COHORT + "edit/", cohorts.edit_cohort, name="cohort_edit"),
    path(COHORT + "phase/", cohorts.change_phase, name="cohort_phase"),
    path(COHORT + "participants/", participants.participants, name="cohort_participants"),
    path(COHORT + "needs/", cohorts.needs, name="cohort_needs"),
    path(COHORT + "pairs/<int:pair_id>/end/", pairs.end, name="pair_end"),
    path(COHORT + "invite/", participants.invite, name="cohort_invite"),
    path(
        COHORT + "participants/<int:participant_id>/resend/",
        participants.resend,
        name="cohort_participant_resend",
    ),
    path(
        COHORT + "participants/<int:participant_id>/withdraw/",
        participants.withdraw,
        name="cohort_participant_withdraw",
    ),
    path("s/open/<str:token>/", join.open_link, name="open"),
    path(PARTICIPANT, join.home, name="participant"),
    path(PARTICIPANT + "resume/", join.resume, name="participant_resume"),
    path(PARTICIPANT + "join/", join.join, name="join"),
    path(PARTICIPANT + "decline/", join.decline, name="decline"),
    path(PARTICIPANT + "break/", rests.take, name="rest"),
    path(PARTICIPANT + "break/end/", rests.end, name="rest_end"),
    path(
        PROGRAMS + "<int:program_id>/questionnaires/<slug:audience>/",
        questionnaires.preview,
        name="questionnaire_preview",
    ),
    path(IMPORTS, response_import.upload, name="response_imports"),
    path(IMPORTS + "<int:import_id>/", response_import.detail, name="response_import"),
    path(IMPORTS + "<int:import_id>/columns/", response_import.map_columns, name="response_import_map"),
    path(IMPORTS + "<int:import_id>/apply/", response_import.apply, name="response_import_apply"),
    path(IMPORTS + "<int:import_id>/cancel/", response_import.cancel, name="response_import_cancel"),
    path(IMPORTS + "<int:import_id>/errors/", response_import.errors, name="response_import_errors"),
    path(QUESTIONS, responses.questionnaire, name="questionnaire"),
    path(QUESTIONS + "done/", responses.done, name="questionnaire_done"),
    path(QUESTIONS + "<slug:key>/", responses.answer, name="questionnaire_answer"),
]
