from django.urls import path

from outcomes import views

urlpatterns = [
    path("o/<slug:organization>/outcomes/", views.outcomes, name="outcomes"),
    path(
        "o/<slug:organization>/outcomes/cohorts/<int:cohort_id>/", views.cohort_report, name="cohort_report"
    ),
    path("o/<slug:organization>/outcomes/exports/", views.export_list, name="metrics_exports"),
    path(
        "o/<slug:organization>/outcomes/exports/<int:export_id>/", views.export_detail, name="metrics_export"
    ),
    path(
        "o/<slug:organization>/outcomes/exports/<int:export_id>/file/",
        views.export_file,
        name="metrics_export_file",
    ),
    path(
        "o/<slug:organization>/outcomes/exports/<int:export_id>/cancel/",
        views.cancel_export,
        name="cancel_metrics_export",
    ),
]
