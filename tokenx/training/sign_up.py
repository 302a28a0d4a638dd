"""Server settings that decide who can start an org of their own."""

from django.conf import settings

OPEN, CODE = "open", "code"
CLOSED = "closed"


def is_sign_up_open() -> bool:
    """Return whether people can start practice orgs, with or without a code."""
    # A code that isn't set lets no one in.
    takes_code = settings.SIGNUP == CODE and bool(settings.SIGNUP_CODE)
    return settings.SIGNUP == OPEN or takes_code


def are_demo_links_open() -> bool:
    """Return whether snapshot links open demo orgs on this server."""
    return settings.SIGNUP != CLOSED
