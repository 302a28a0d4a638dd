"""Django's sessions in the database; the one that every request reads is prepared."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from .search.prepared import prepared


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        """What the session holds; nothing, if it is unknown or too old."""
        key = str(self.session_key)
        # A cookie may say anything, and PostgreSQL refuses some of it.
        for data, expires_at in _sessions(key) if key.isalnum() else []:
            if expires_at > timezone.now():
                decoded: dict[str, Any] = self.decode(data)
                return decoded
        self._session_key = None
        return {}


@prepared
def _sessions(key: str) -> QuerySet:
    return Session.objects.filter(pk=key).values_list("session_data", "expire_date")
