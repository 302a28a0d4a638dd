from django.db import models
from django.utils import timezone


class LoginFailure(models.Model):
    """Consecutive failed logins for one username or from one address.

    The table belongs to no org: failures count before it's known who is logging in. The key
    is a hash, because people type passwords into username fields.
    """

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(default=timezone.now, db_index=True)
    closed_until = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.count} until {self.closed_until}"
