"""A quick hash of passwords that counts how often it was made."""

from typing import Any

from django.contrib.auth.hashers import MD5PasswordHasher


class CountingHasher(MD5PasswordHasher):
    made = 0

    def encode(self, *args: Any, **kwargs: Any) -> str:
        type(self).made += 1
        return super().encode(*args, **kwargs)
