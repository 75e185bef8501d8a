from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    name = "matching"

    def ready(self) -> None:
        from matching import panels, reminders
        from matching.actions import request_mails
        from matching.actions.leaving import end_choosing
        from matching.actions.merging import exclusion_moves, merge_exclusions
        from matching.models import MatchInquiry, MatchRun, Proposal, SuggestionList, SuggestionRun, Unmatched
        from matching.queries import leaving, mails
        from mentoring import registries
        from mentoring.jobs import JobKind, job_kinds
        from mentoring.mail.kinds import add_mail_kinds
        from mentoring.mail.reminders import reminder_rules
        from mentoring.tenancy.permissions import Permission
        from programs.registries import (
            CohortPanel,
            CohortTab,
            ParticipantPanel,
            cohort_panels,
            cohort_tabs,
            participant_panels,
            waited_for,
        )

        job_kinds.append(JobKind(MatchRun, fills=(Proposal, Unmatched)))
        job_kinds.append(JobKind(MatchInquiry))
        job_kinds.append(JobKind(SuggestionRun, fills=(SuggestionList,)))
        registries.merge_parts.append(registries.MergePart(merge_exclusions, exclusion_moves))
        reminder_rules.extend((*reminders.RULES, *request_mails.RULES))
        add_mail_kinds((*mails.KINDS, *request_mails.KINDS))
        registries.audit_words.update(panels.AUDIT_WORDS)
        registries.everyday_actions += ["picks.", "pair_request."]
        registries.leavings.append(
            registries.Leaving(end=end_choosing, ends=leaving.what_ends, words=panels.LEAVING_WORDS, order=20)
        )
        cohort_tabs.append(
            CohortTab(_("Match"), "match", Permission.RUN_MATCHING, order=20, phase="matching")
        )
        cohort_panels.append(
            CohortPanel("matching/panels/cohort.html", panels.match_status, "main", 30),
        )
        cohort_panels.append(
            CohortPanel("matching/panels/choosing.html", panels.choosing_status, "main", 20),
        )
        participant_panels.append(ParticipantPanel("matching/requests/panel.html", panels.my_requests, 5))
        waited_for.append(panels.request_step)
        participant_panels.append(ParticipantPanel("matching/panels/my_picks.html", panels.my_picks, 20))
