"""The programs' lines of a new organization's checklist."""

from django.utils.translation import gettext_lazy as _

from mentoring.registries import HomeStep
from mentoring.tenancy.permissions import Permission
from programs.models import Pair, Participant, Program

STEPS = [
    HomeStep(
        label=_("Create a program"),
        text=_(
            "Start from a template: its questions, rules and meeting rhythm are filled in for you to edit."
        ),
        url_name="program_templates",
        permission=Permission.MANAGE_PROGRAMS,
        done=lambda request: Program.objects.exists(),
        order=20,
    ),
    HomeStep(
        label=_("Invite mentors and mentees"),
        text=_("Open a cohort, pick people from your roster, and they get a mail that needs no password."),
        url_name="programs",
        permission=Permission.MANAGE_PROGRAMS,
        done=lambda request: Participant.objects.exists(),
        order=30,
    ),
    HomeStep(
        label=_("Pair them and publish"),
        text=_("Upward suggests who should meet whom and says why; you change what you like."),
        url_name="programs",
        permission=Permission.RUN_MATCHING,
        done=lambda request: Pair.objects.exists(),
        order=40,
    ),
]
