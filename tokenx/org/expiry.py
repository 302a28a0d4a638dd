"""Expiry of practice orgs, which are deleted after seven days without use.

TOKENX_PRACTICE_DAYS sets another number; training/practice/removal.py deletes the orgs.
"""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from .models import Org

# An unused practice org expires after this time.
PRACTICE_LASTS = timedelta(days=settings.PRACTICE_DAYS)
USED_EVERY = timedelta(minutes=15)


def postpone_expiry(org: Org) -> None:
    """Postpone a practice org's expiry, but not on every request: it's a write."""
    now = timezone.now()
    if org.expires_at and org.expires_at < now + PRACTICE_LASTS - USED_EVERY:
        Org.objects.filter(pk=org.pk).update(expires_at=now + PRACTICE_LASTS)
