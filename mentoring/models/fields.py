from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from mentoring.sealing import Unreadable, seal_long, unseal_long


class SealedTextField(models.TextField):
    """Text that only we can read: the database holds it sealed, and nobody can search in it. Once SECRET_KEY
    is lost it reads as empty."""

    def __init__(self, *args: Any, purpose: str = "", **kwargs: Any):
        self.purpose = purpose
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "purpose": self.purpose}

    def get_prep_value(self, value: Any) -> str:
        return seal_long(self.purpose, str(value)) if value else ""

    def from_db_value(self, value: str, expression: Any, connection: Any) -> str:
        try:
            return unseal_long(self.purpose, value) if value else ""
        except Unreadable:
            return ""

    def get_lookup(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is sealed: nothing can be looked up in it.")
