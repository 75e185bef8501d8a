from django.urls import path

from mentoring.views import people, roster_import

urlpatterns = [
    path("", people.people_list, name="people"),
    path("<int:person_id>/", people.person, name="person"),
    path("import/", roster_import.upload, name="roster_import_upload"),
    path("imports/<int:import_id>/", roster_import.detail, name="roster_import"),
    path("imports/<int:import_id>/columns/", roster_import.map_columns, name="roster_import_map"),
    path("imports/<int:import_id>/apply/", roster_import.apply, name="roster_import_apply"),
    path("imports/<int:import_id>/cancel/", roster_import.cancel, name="roster_import_cancel"),
    path("imports/<int:import_id>/errors.csv", roster_import.errors, name="roster_import_errors"),
]
