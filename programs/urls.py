from django.urls import path

from programs.urls_answers import urlpatterns as answers
from programs.views import cohorts, join, participants, programs

PROGRAMS = "o/<slug:organization>/programs/"
COHORT = "o/<slug:organization>/cohorts/<int:cohort_id>/"
PARTICIPANT = "o/<slug:organization>/p/<int:participant_id>/"

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
    path(PARTICIPANT + "join/", join.join, name="join"),
    path(PARTICIPANT + "decline/", join.decline, name="decline"),
    *answers,
]
