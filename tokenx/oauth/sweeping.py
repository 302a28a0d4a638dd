"""The sweep of orgs that no one uses. Others are swept as records and tokens are added."""

from django.utils import timezone

from tokenx.org import login_history

from .actions import tokens


def sweep_unused_orgs() -> None:
    """Delete old login records, traces, tokens, and approvals of all orgs.

    It runs when a server starts, and with `manage.py remove_expired_orgs`.
    """
    now = timezone.now()
    for org in login_history.orgs_to_sweep():
        login_history.sweep_login_history(org)
    for org in tokens.orgs_to_sweep(now):
        tokens.sweep_tokens(org, now)
