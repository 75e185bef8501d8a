from django.urls import path

from matching.views import runs, settings, why, workbench

MATCH = "o/<slug:organization>/cohorts/<int:cohort_id>/match/"
EXCLUSIONS = "o/<slug:organization>/exclusions/"

urlpatterns = [
    path(MATCH, workbench.match, name="match"),
    path(MATCH + "run/", runs.match_start, name="match_start"),
    path(MATCH + "settings/", settings.match_settings, name="match_settings"),
    path(MATCH + "runs/<int:run_id>/", runs.match_run, name="match_run"),
    path(MATCH + "runs/<int:run_id>/cancel/", runs.match_cancel, name="match_cancel"),
    path(MATCH + "runs/<int:run_id>/publish/", runs.match_publish, name="match_publish"),
    path(MATCH + "pairs/<int:proposal_id>/", why.match_pair, name="match_pair"),
    path(MATCH + "pairs/<int:proposal_id>/ruling/", why.match_rule, name="match_rule"),
    path(EXCLUSIONS, settings.exclusion_list, name="exclusions"),
    path(EXCLUSIONS + "people/", settings.exclusion_people, name="exclusion_people"),
    path(EXCLUSIONS + "<int:exclusion_id>/remove/", settings.exclusion_remove, name="exclusion_remove"),
]
