from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.models import Membership, Person
from mentoring.queries.locks import locked
from mentoring.rules import NotAllowed
from mentoring.tenancy.permissions import Permission
from programs.actions.questionnaires import (
    create_questionnaires_from_template,
    publish_questionnaire,
)
from programs.models import Program
from programs.templates_catalog.base import ProgramTemplate


def create_program(
    *,
    template: ProgramTemplate,
    name: str,
    purpose: str,
    champion: Membership,
    by: Actor,
    initiative: str = "",
    sponsor: Person | None = None,
    endorsement: str = "",
    deputy: Membership | None = None,
) -> Program:
    """A program made from a template, with its own copy of the template's questionnaires, published."""
    program = Program(
        template_key=template.key,
        name=name,
        purpose=purpose,
        initiative=initiative,
        sponsor=sponsor,
        endorsement=endorsement,
        champion=champion,
        deputy=deputy,
    )
    _check(program)
    _save(program)
    for questionnaire in create_questionnaires_from_template(program=program, template=template, by=by):
        publish_questionnaire(questionnaire=questionnaire, by=by)
    audit.record("program.created", program, by=by, template=template.key)
    return program


def update_program(*, program: Program, by: Actor, **changes: object) -> bool:
    """Change what a program says about itself. People who were invited earlier see the new words. Answers
    whether anything changed."""
    program = locked(program)
    changed = [name for name, value in changes.items() if getattr(program, name) != value]
    if not changed:
        return False
    for name in changed:
        setattr(program, name, changes[name])
    _check(program)
    _save(program, changed)
    audit.record("program.changed", program, by=by, fields=changed)
    return True


def _check(program: Program) -> None:
    if not program.purpose.strip():
        raise NotAllowed(_("Say why this program exists: everybody who is invited reads it."))
    for membership in (program.champion, program.deputy):
        if membership and (membership.suspended_at or not membership.has(Permission.MANAGE_PROGRAMS)):
            raise NotAllowed(
                _("%(name)s cannot manage programs. Choose a champion, an admin or an owner.")
                % {"name": membership.called}
            )
    if program.deputy and program.deputy == program.champion:
        raise NotAllowed(_("The deputy must be somebody other than the champion."))


def _save(program: Program, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            program.save(update_fields=fields)
    except IntegrityError:
        raise NotAllowed(
            _("There is already a program called “%(name)s”. Choose another name.") % {"name": program.name}
        ) from None
