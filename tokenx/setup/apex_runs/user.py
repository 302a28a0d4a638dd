"""The user who runs code, as UserInfo and the debug log show them."""

from django.conf import settings

from tokenx.apex.runtime.ports import RunningUser
from tokenx.apex.values import Id
from tokenx.org import record_ids
from tokenx.org.models import User
from tokenx.web.locales import DEFAULT_LOCALE, LOCALES

# For users whose pages have the browser's time zone: a run has no browser.
_NO_ZONE = "GMT"


def running_user(user: User, my_domain: str = "") -> RunningUser:
    """Return what code can know about the user who runs it."""
    org, profile = user.org, user.profile
    locale = user.locale or DEFAULT_LOCALE
    return RunningUser(
        id=Id(record_ids.record_id(record_ids.USER, user.pk)),
        username=user.username,
        first_name=user.first_name,
        last_name=user.last_name,
        email=user.email,
        profile_id=Id(record_ids.record_id(record_ids.PROFILE, profile.pk)),
        profile_name=profile.name,
        time_zone=user.time_zone or _NO_ZONE,
        locale=locale,
        language=user.language,
        organization_id=Id(record_ids.record_id(record_ids.ORG, org.pk)),
        organization_name=org.name,
        my_domain=my_domain or _own_address(),
        formats=LOCALES[locale],
    )


def _own_address() -> str:
    """Return the server's address, for a run outside of a request."""
    names = (each for each in settings.ALLOWED_HOSTS if not each.startswith(("*", ".")))
    scheme = "https" if settings.SECURE_SSL_REDIRECT else "http"
    return f"{scheme}://{next(names, 'localhost')}"
