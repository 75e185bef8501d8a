"""Secrets at rest: whoever reads the database or a backup of it, without SECRET_KEY, reads none of them.

Fernet with a key of its own for each purpose, so that what is sealed for one thing opens as no other. What
was sealed under a key in SECRET_KEY_FALLBACKS still opens.
"""

import base64
import hashlib
import zlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(ValueError):
    """Altered, sealed for another purpose, or under a key that is gone."""


def stored_key(session_key: str) -> str:
    """A session's key as tables and cache have it. It is random (165 bits): a plain hash is enough."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


def seal(purpose: str, text: str) -> str:
    return _seal(purpose, text.encode())


def unseal(purpose: str, sealed: str) -> str:
    return _unseal(purpose, sealed).decode()


def seal_long(purpose: str, text: str) -> str:
    """Compressed first: what is sealed, PostgreSQL cannot compress. A mail takes a fifth of its room so."""
    return _seal(purpose, zlib.compress(text.encode(), level=1))


def unseal_long(purpose: str, sealed: str) -> str:
    try:
        return zlib.decompress(_unseal(purpose, sealed)).decode()
    except zlib.error:
        raise Unreadable(f"This {purpose} was not sealed as a long text.") from None


def _seal(purpose: str, data: bytes) -> str:
    return _fernet(purpose, *_secrets()).encrypt(data).decode()


def _unseal(purpose: str, sealed: str) -> bytes:
    try:
        return _fernet(purpose, *_secrets()).decrypt(sealed.encode())
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
