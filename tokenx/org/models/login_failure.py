from django.db import models
from django.utils import timezone


class LoginFailure(models.Model):
    """How often in a row a password was wrong, for one username or from one address.

    It is of no org: it counts before it is known who is there, and also where nobody is.
    Whose it is lies here as a hash, because people type passwords where names belong.
    """

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(default=timezone.now, db_index=True)
    closed_until = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.count} until {self.closed_until}"
