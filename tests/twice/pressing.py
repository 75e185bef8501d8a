"""What is pressed twice: one entry for each action, with what its page has read."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.cast import Cast


class Press(NamedTuple):
    action: Callable[..., Any]
    given: dict[str, Any]


# By the name of the action: what comes before, and the press. Inside the cast's scope.
cases: dict[str, Callable[[Cast], Press]] = {}


def case(*names: str) -> Callable[[Callable[[Cast], Press]], Callable[[Cast], Press]]:
    """`names` are "members.change_role", perhaps with what tells it from another case: "... (waiting)"."""

    def add(prepare: Callable[[Cast], Press]) -> Callable[[Cast], Press]:
        cases.update(dict.fromkeys(names, prepare))
        return prepare

    return add
