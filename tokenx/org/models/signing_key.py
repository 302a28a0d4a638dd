from django.db import models
from django.utils import timezone


class SigningKey(models.Model):
    """A key pair with which the server signs ID tokens.

    The table belongs to no org: one address serves all orgs, and clients fetch one set of
    keys. The private key is sealed by tokenx.org.sealing.
    """

    key_id = models.CharField(max_length=64, unique=True)
    public_key = models.JSONField()
    sealed_key = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key_id
