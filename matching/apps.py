from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    name = "matching"

    def ready(self) -> None:
        from matching import panels
        from matching.models import MatchRun, Proposal, Unmatched
        from mentoring import registries
        from mentoring.jobs import JobKind, job_kinds
        from mentoring.tenancy.permissions import Permission
        from programs.registries import CohortPanel, CohortTab, cohort_panels, cohort_tabs

        job_kinds.append(JobKind(MatchRun, fills=(Proposal, Unmatched)))
        registries.audit_words.update(panels.AUDIT_WORDS)
        cohort_tabs.append(
            CohortTab(_("Match"), "match", Permission.RUN_MATCHING, order=20, phase="matching")
        )
        cohort_panels.append(
            CohortPanel("matching/panels/cohort.html", panels.match_status, "main", 30),
        )
