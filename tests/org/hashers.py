"""A fast password hasher that counts its calls."""

from typing import Any

from django.contrib.auth.hashers import MD5PasswordHasher


class CountingHasher(MD5PasswordHasher):
    calls = 0

    def encode(self, *args: Any, **kwargs: Any) -> str:
        type(self).calls += 1
        return super().encode(*args, **kwargs)
