"""Signing in with a password, or once with a link that the server printed."""

from datetime import timedelta

from django.contrib.auth.backends import ModelBackend
from django.core import signing
from django.db.models import QuerySet

from .models import User
from .search.prepared import Joined, prepared

LINK_LASTS = timedelta(hours=12)
_SALT = "tokenx.org.sign-in-link"


class PasswordBackend(ModelBackend):
    """Django's, less its permissions: here, profiles decide (permissions.py)."""

    def get_user(self, user_id: int) -> User | None:
        """The signed-in user with the org, in one query: every page needs both."""
        users = map(_USER.instance, _users_of_key(user_id))
        return next(filter(self.user_can_authenticate, users), None)


_USER = Joined(
    User,
    org=[
        "name",
        "is_strict",
        "has_user_grams",
        "has_app_grams",
        "expires_at",
        "exercise",
        "is_presented",
    ],
)


@prepared
def _users_of_key(pk: int) -> QuerySet:
    return User.objects.filter(pk=pk).values_list(*_USER.columns)


def link_token(user: User) -> str:
    """What a sign-in link carries. Signing in uses it up, because it names the last."""
    return signing.dumps([user.pk, _last_sign_in(user)], salt=_SALT)


def user_of_link(token: str) -> User | None:
    """Whom a link's token signs in; nobody, if it is old, used or not one of ours."""
    try:
        pk, last_sign_in = signing.loads(token, salt=_SALT, max_age=LINK_LASTS)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True, can_sign_in=True).first()
    return user if user and _last_sign_in(user) == last_sign_in else None


def _last_sign_in(user: User) -> str:
    return user.last_login.isoformat() if user.last_login else ""
