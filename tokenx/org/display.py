"""The theme and the look of a person's pages.

They change nothing in the org, so the Setup Audit Trail has no entry, and a user's last
change isn't affected. See docs/decisions/looks.md.
"""

from .models import User


def choose(*, user: User, **chosen: str) -> None:
    """Save the chosen `theme`, `look`, or both, also on the given instance."""
    if not chosen:
        return
    User.objects.of(user).filter(pk=user.pk).update(**chosen)
    for name, value in chosen.items():
        setattr(user, name, value)
