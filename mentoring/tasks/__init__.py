"""The platform's tasks. `*_everywhere` are beat's; they fan out one task an organization."""

from mentoring.tasks import leaving, mail, people, sweeps

__all__ = ["leaving", "mail", "people", "sweeps"]
