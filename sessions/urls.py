from django.urls import path

from sessions.views import cohort, links, pair

PAIR = "o/<slug:organization>/p/<int:participant_id>/pair/<int:pair_id>/"

urlpatterns = [
    path(PAIR, pair.pair, name="pair"),
    path(f"{PAIR}plan/", pair.plan, name="pair_plan"),
    path(f"{PAIR}clocks/", pair.clocks, name="pair_clocks"),
    path(f"{PAIR}meetings/<int:meeting_id>/", pair.meeting, name="meeting"),
    path(f"{PAIR}meetings/<int:meeting_id>/cancel/", pair.cancel, name="meeting_cancel"),
    path(f"{PAIR}meetings/<int:meeting_id>/answer/", pair.answer, name="meeting_answer"),
    path("s/meeting/<str:token>/", links.meeting_link, name="meeting_link"),
    path("o/<slug:organization>/cohorts/<int:cohort_id>/meetings/", cohort.meetings, name="cohort_meetings"),
]
