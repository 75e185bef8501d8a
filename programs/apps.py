from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgramsConfig(AppConfig):
    name = "programs"

    def ready(self) -> None:
        from mentoring import registries
        from mentoring.jobs import JobKind, job_kinds
        from mentoring.mail.kinds import add_mail_kinds
        from mentoring.mail.reminders import reminder_rules
        from mentoring.models import Person
        from mentoring.tenancy.permissions import Permission
        from programs import panels, reminders
        from programs.actions.leaving import end_participations
        from programs.actions.merging import merge_participations
        from programs.models import Answer, Participant, Response, ResponseImport, SelectedChoice
        from programs.queries import leaving, mails, merging

        job_kinds.append(
            JobKind(ResponseImport, fills=(Person, Participant, Response, Answer, SelectedChoice))
        )
        registries.navigation.append(
            registries.NavigationItem(
                label=_("Programs"),
                icon="users-group",
                url_name="programs",
                permission=Permission.VIEW_REPORTS,
                order=10,
                prefixes=(
                    "program",
                    "cohort",
                    "questionnaire_preview",
                    "response_import",
                    "match",
                    "exclusion",
                ),
            )
        )
        registries.home_panels += [
            registries.HomePanel(
                "programs/panels/home_participant.html", panels.home_for_participant, order=5
            ),
            registries.HomePanel("programs/panels/home_champion.html", panels.home_for_champion, order=10),
        ]
        registries.home_steps += panels.HOME_STEPS
        registries.charges.append(panels.programs_left)
        registries.leavings.append(
            registries.Leaving(
                end=end_participations,
                ends=leaving.what_ends,
                words=panels.LEAVING_WORDS,
                order=10,
                overlooked=leaving.overlooked,
                concerned=leaving.concerned,
            )
        )
        registries.person_panels.append(
            registries.PersonPanel("programs/panels/person.html", panels.person_participations, order=10)
        )
        registries.merge_parts.append(
            registries.MergePart(merge_participations, merging.merge_moves, merging.merge_refusals)
        )
        reminder_rules.extend(reminders.RULES)
        add_mail_kinds(mails.KINDS)
        registries.audit_words.update(panels.AUDIT_WORDS)
        registries.everyday_actions += [
            "participant.joined",
            "participant.capacity_changed",
            "person.rest_",
            "response.",
        ]
        self._show_on_cohort_pages()

    def _show_on_cohort_pages(self) -> None:
        from mentoring.tenancy.permissions import Permission
        from programs import panels
        from programs.registries import CohortPanel, CohortTab, cohort_panels, cohort_tabs

        cohort_tabs.append(
            CohortTab(
                _("Participants"),
                "cohort_participants",
                Permission.VIEW_PROGRAMS,
                order=10,
                phase="enrolling",
            )
        )
        cohort_panels += [
            CohortPanel("programs/panels/partner_left.html", panels.partner_left, "main", 5),
            CohortPanel("programs/panels/enrolment_stats.html", panels.enrolment_figures, "stats", 10),
            CohortPanel("programs/panels/balance.html", panels.supply_and_demand, "main", 40),
            CohortPanel("programs/panels/enrolment.html", panels.enrolment_summary, "main", 50),
            CohortPanel("programs/panels/next.html", panels.next_for_champion, "aside", 10),
        ]
