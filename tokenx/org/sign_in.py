"""Sign-in with a password, or once with a link that the server created."""

from datetime import timedelta

from django.contrib.auth.backends import ModelBackend
from django.core import signing

from .models import User

LINK_LASTS = timedelta(hours=12)
_SALT = "tokenx.org.sign-in-link"


class PasswordBackend(ModelBackend):
    """Django's backend without its permissions: profiles decide (permissions.py)."""

    def get_user(self, user_id: int) -> User | None:
        """Return the signed-in user with org and profile: every page needs them."""
        users = User.objects.select_related("org", "profile")
        user = users.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


def link_token(user: User) -> str:
    """Return a token for a link that signs in once: signing in changes what it names."""
    return signing.dumps([user.org_id, user.pk, _last_sign_in(user)], salt=_SALT)


def user_of_link(token: str) -> User | None:
    """Return the user a token signs in, or None if it expired, was used, or is invalid."""
    try:
        org, pk, last_sign_in = signing.loads(token, salt=_SALT, max_age=LINK_LASTS)
    except (signing.BadSignature, ValueError):
        return None
    users = User.objects.filter(org=org, pk=pk, is_active=True, can_sign_in=True)
    user = users.first()
    return user if user and _last_sign_in(user) == last_sign_in else None


def _last_sign_in(user: User) -> str:
    return user.last_login.isoformat() if user.last_login else ""
