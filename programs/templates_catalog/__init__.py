"""The catalogue of program templates: one module per entry, listed here in the order shown."""

from programs.templates_catalog.base import ProgramTemplate
from programs.templates_catalog.goals_and_interests import TEMPLATE as GOALS_AND_INTERESTS
from programs.templates_catalog.technology_skills import TEMPLATE as TECHNOLOGY_SKILLS

CATALOGUE: dict[str, ProgramTemplate] = {
    template.key: template for template in (GOALS_AND_INTERESTS, TECHNOLOGY_SKILLS)
}


def find_template(key: str) -> ProgramTemplate | None:
    """The entry a program was made from; None for one that is no longer in the catalogue."""
    return CATALOGUE.get(key)
