from django.apps import AppConfig


class MentoringConfig(AppConfig):
    name = "mentoring"
    verbose_name = "Upward"

    def ready(self) -> None:
        from mentoring import celery, panels, registries  # noqa: F401  (celery: the application that `shared_task` binds to)
        from mentoring.accounts import events  # noqa: F401  (receives what allauth tells)
        from mentoring.actions import suspending
        from mentoring.jobs import JobKind, job_kinds
        from mentoring.mail.kinds import add_mail_kinds
        from mentoring.models import ColumnRemoval, Person, RosterImport
        from mentoring.queries import mails
        from mentoring.tenancy import checks  # noqa: F401  (registers them)

        job_kinds.append(JobKind(RosterImport, fills=(Person,)))
        job_kinds.append(JobKind(ColumnRemoval))
        add_mail_kinds(mails.KINDS)
        registries.home_panels += panels.HOME_PANELS
        registries.person_panels += panels.PERSON_PANELS
        registries.home_steps += panels.HOME_STEPS
        registries.audit_words.update(panels.AUDIT_WORDS)
        registries.navigation += panels.NAVIGATION
        registries.home_panels.append(registries.HomePanel("home_charges.html", panels.charges_left, order=1))
        registries.charges.append(panels.members_left)
        registries.leavings.append(
            registries.Leaving(
                end=suspending.suspend_members,
                ends=suspending.suspended_roles,
                words=panels.ROLES_LEAVING,
                order=90,
                overlooked=suspending.overlooked_members,
                concerned=suspending.concerned_members,
            )
        )
