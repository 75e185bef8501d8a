"""Which passwords are good enough (AUTH_PASSWORD_VALIDATORS). Their length is checked by each form, too,
before anything costly is done with them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

MAX_LENGTH = 1000
# zxcvbn takes seconds for 70 signs that could stand for letters, and says as much of the first 24.
JUDGED_LENGTH = 24
ENOUGH_GUESSES = 10**10


class MaximumLengthValidator:
    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > MAX_LENGTH:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return _("A password has at most %(length)s letters.") % {"length": MAX_LENGTH}


class GuessableValidator:
    """Refuses what a patient program finds: common words and names, also dressed up ("P@ssw0rd1234"),
    keyboard rows, dates, and what belongs to the user or to us."""

    def validate(self, password: str, user: Any = None) -> None:
        personal = [part for name in ("email", "name") for part in _words(getattr(user, name, "") or "")]
        verdict = zxcvbn(
            password[:JUDGED_LENGTH], user_inputs=["upward", *personal], max_length=JUDGED_LENGTH
        )
        if verdict["guesses"] < ENOUGH_GUESSES:
            raise ValidationError(
                _("This password is easy to guess. Take three or four words that nobody would put together."),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return _("Three or four words that nobody would put together make a good password.")


def _words(text: str) -> list[str]:
    return [text[:100], *text[:100].replace("@", " ").replace(".", " ").split()]
