"""The platform's tasks. `*_everywhere` are beat's; they fan out one task an organization."""

from mentoring.tasks import mail, people, sweeps

__all__ = ["mail", "people", "sweeps"]
