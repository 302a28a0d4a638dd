"""Sign-up: who can start an org of their own, and the sign-up code if one is required."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare

from tokenx.org import login_throttle
from tokenx.org.forms import in_words

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


def check_sign_up_code(code: str, *, address: str) -> None:
    """Raise ValidationError if the code is invalid.

    Invalid codes are throttled by address, like passwords.
    """
    counted_as = f"practice code from {address}"
    if wait := login_throttle.begin(counted_as, address):
        raise ValidationError(
            f"Too many incorrect codes. Wait {in_words(wait)} and try again."
        )
    if not constant_time_compare(code, settings.SIGNUP_CODE):
        raise ValidationError("This code isn't valid.")
    login_throttle.succeed(counted_as, address)
