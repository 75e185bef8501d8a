"""Who does something: a signed-in user, a person who came by a signed link, or the system itself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mentoring.models import Person, User


@dataclass(frozen=True)
class Actor:
    """The mandatory `by` of every action. The label is kept in the audit log as it was at the time."""

    label: str
    user_id: int | None = None
    person_id: int | None = None

    @classmethod
    def of_user(cls, user: "User") -> "Actor":
        return cls(label=user.email, user_id=user.pk)

    @classmethod
    def of_person(cls, person: "Person") -> "Actor":
        return cls(label=f"{person.name} <{person.email}>", user_id=person.user_id, person_id=person.pk)

    @classmethod
    def system(cls, label: str) -> "Actor":
        return cls(label=label)
