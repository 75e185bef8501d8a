from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutcomesConfig(AppConfig):
    name = "outcomes"

    def ready(self) -> None:
        from mentoring import registries
        from mentoring.jobs import JobKind, job_kinds
        from mentoring.tenancy.permissions import Permission
        from outcomes import panels
        from outcomes.models import MetricsExport
        from programs.registries import CohortPanel, cohort_panels

        job_kinds.append(JobKind(MetricsExport))
        registries.navigation.append(
            registries.NavigationItem(
                label=_("Outcomes"),
                icon="chart-bar",
                url_name="outcomes",
                permission=Permission.VIEW_REPORTS,
                order=30,
                prefixes=("cohort_report", "metrics_export"),
            )
        )
        registries.home_panels.append(
            registries.HomePanel("outcomes/panels/home.html", panels.home_figures, order=20)
        )
        cohort_panels += [
            CohortPanel("outcomes/panels/cohort_stats.html", panels.cohort_stats, "stats", 20),
            CohortPanel("outcomes/panels/report.html", panels.report_when_closed, "aside", 5),
            CohortPanel("outcomes/panels/report.html", panels.report_when_running, "aside", 20),
        ]
