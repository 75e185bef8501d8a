"""Sessions in the database and in the cache, sealed in both: on the way through sign-in they hold codes, the
key of a new second step, and forms that wait for a password (SESSION_ENGINE)."""

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.serializers import JSONSerializer
from django.core.cache import caches

from mentoring.sealing import Unreadable, seal, unseal


class SealingCache:
    """The part of a cache that Django's session store uses."""

    def __init__(self, cache: Any, store: "SessionStore"):
        self.cache = cache
        self.store = store

    def get(self, key: str) -> Any:
        sealed = self.cache.get(key)
        return None if sealed is None else self.store.decode(sealed)

    def set(self, key: str, data: dict[str, Any], timeout: int) -> None:
        self.cache.set(key, self.store.encode(data), timeout)

    def delete(self, key: str) -> None:
        self.cache.delete(key)

    def __contains__(self, key: str) -> bool:
        return key in self.cache


class SessionStore(cached_db.SessionStore):
    cache_key_prefix = "session."

    def __init__(self, session_key: str | None = None):
        super().__init__(session_key)
        self._cache: Any = SealingCache(caches[settings.SESSION_CACHE_ALIAS], self)

    def encode(self, session_dict: dict[str, Any]) -> str:
        return seal("session", JSONSerializer().dumps(session_dict).decode("latin-1"))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """One that cannot be read is an empty one: who held it signs in again."""
        try:
            return JSONSerializer().loads(unseal("session", str(session_data)).encode("latin-1"))
        except Unreadable:
            return {}
