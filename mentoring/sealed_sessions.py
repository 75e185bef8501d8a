"""Sessions in the database and in the cache, sealed in both: on the way through sign-in they hold codes, the
key of a new second step, and forms that wait for a password (SESSION_ENGINE).

Both know a session by a hash of the key in its cookie: whoever reads them can take no session over. Django
has no such backend yet (ticket 21076). What `async` views would call is not here: there are none."""

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.serializers import JSONSerializer
from django.core.cache import caches
from django.utils import timezone

from mentoring.sealing import Unreadable, seal, stored_key, unseal


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

    @property
    def cache_key(self) -> str:
        return self.cache_key_prefix + stored_key(self._get_or_create_session_key())  # type: ignore[attr-defined]

    def _get_session_from_db(self) -> Any:
        key = stored_key(self.session_key or "")
        stored = self.model.objects.filter(pk=key, expire_date__gt=timezone.now()).first()
        if stored is None:
            self._session_key = None
        return stored

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        instance = super().create_model_instance(data)
        instance.session_key = stored_key(instance.session_key)
        return instance

    def exists(self, session_key: str) -> bool:
        return bool(super().exists(stored_key(session_key)))

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            self.delete_stored(stored_key(key))

    def delete_stored(self, key: str) -> None:
        super().delete(key)

    def encode(self, session_dict: dict[str, Any]) -> str:
        return seal("session", JSONSerializer().dumps(session_dict).decode("latin-1"))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """One that cannot be read is an empty one: who held it signs in again."""
        try:
            return JSONSerializer().loads(unseal("session", str(session_data)).encode("latin-1"))
        except Unreadable:
            return {}
