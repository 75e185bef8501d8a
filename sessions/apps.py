from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SessionsConfig(AppConfig):
    name = "sessions"
    label = "mentoring_sessions"  # Django's own sessions app has the other label

    def ready(self) -> None:
        from mentoring import registries as platform
        from mentoring.mail.kinds import add_mail_kinds
        from mentoring.mail.reminders import reminder_rules
        from mentoring.tenancy.permissions import Permission
        from programs import registries as cohorts
        from sessions import panels, reminders
        from sessions.actions.meetings import cancel_ahead, invite_again
        from sessions.queries import mails
        from sessions.queries.counts import meetings_ahead, pairs_begun

        reminder_rules.extend(reminders.RULES)
        add_mail_kinds(mails.KINDS)
        platform.everyday_actions.append("meeting.")
        platform.address_listeners.append(invite_again)
        cohorts.cohort_tabs.append(
            cohorts.CohortTab(_("Meetings"), "cohort_meetings", Permission.VIEW_PROGRAMS, 30)
        )
        cohorts.cohort_panels.extend(
            [
                cohorts.CohortPanel(
                    "sessions/panels/met_this_month.html", panels.met_this_month_panel, "stats", 20
                ),
                cohorts.CohortPanel(
                    "sessions/panels/pairs_that_need_you.html", panels.pairs_that_need_you_panel, "main", 10
                ),
            ]
        )
        cohorts.pair_diaries.append(
            cohorts.PairDiary(begun=pairs_begun, ahead=meetings_ahead, clear=cancel_ahead)
        )
        cohorts.participant_panels.append(
            cohorts.ParticipantPanel("sessions/panels/my_pairs.html", panels.my_pairs_panel, 10)
        )
