"""Secrets at rest: whoever reads the database or a backup of it, without SECRET_KEY, reads none of them.

Fernet with a key of its own for each purpose, so that what is sealed for one thing opens as no other. What
was sealed under a key in SECRET_KEY_FALLBACKS still opens.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(ValueError):
    """Altered, sealed for another purpose, or under a key that is gone."""


def seal(purpose: str, text: str) -> str:
    return _fernet(purpose, *_secrets()).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    try:
        return _fernet(purpose, *_secrets()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable(f"This {purpose} cannot be read: was SECRET_KEY changed?") from None


def _secrets() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=64)
def _fernet(purpose: str, *secrets: str) -> MultiFernet:
    def key(secret: str) -> bytes:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"upward.{purpose}".encode())
        return base64.urlsafe_b64encode(derived.derive(secret.encode()))

    return MultiFernet([Fernet(key(secret)) for secret in secrets])
