"""The identity URL of a user, and the claims about the user.

Source: docs/salesforce/oauth.md, "User information, identity, and introspection".
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from tokenx.org.models import Scope, User
from tokenx.org.record_ids import ORG, USER, record_id
from tokenx.web.links import url_of
from tokenx.web.locales import DEFAULT_LOCALE
from tokenx.web.time_zones import find_zone

# A token with one of these shows its user; `full` has all of them.
IDENTITY_SCOPES = (
    Scope.ID,
    Scope.OPENID,
    Scope.PROFILE,
    Scope.EMAIL,
    Scope.ADDRESS,
    Scope.PHONE,
    Scope.API,
)
_STANDARD = "STANDARD"


def identity_url(server_url: str, user: User) -> str:
    """Return the URL that identifies the user; clients split it at its slashes."""
    ids = record_id(ORG, user.org_id), record_id(USER, user.pk)
    return urljoin(server_url, url_of("oauth:identity", *ids))


def userinfo(user: User, server_url: str) -> dict[str, Any]:
    """Return the claims of the userinfo endpoint (OpenID Connect Core, section 5.3)."""
    return {
        "sub": identity_url(server_url, user),
        "user_id": record_id(USER, user.pk),
        "organization_id": record_id(ORG, user.org_id),
        "preferred_username": user.username,
        "nickname": user.nickname,
        "name": user.name,
        "email": user.email,
        "email_verified": True,
        "given_name": user.first_name,
        "family_name": user.last_name,
        "zoneinfo": _time_zone(user),
        "locale": user.locale or DEFAULT_LOCALE,
        "language": user.language,
        "active": user.is_active,
        "user_type": _STANDARD,
        "updated_at": _written(user.modified_at),
        "utcOffset": _utc_offset(user),
        "urls": _urls(user, server_url),
    }


def identity(user: User, server_url: str) -> dict[str, Any]:
    """Return the answer of the identity URL. Values that tokenx doesn't have are null."""
    url = identity_url(server_url, user)
    return {
        "id": url,
        "asserted_user": True,
        "user_id": record_id(USER, user.pk),
        "organization_id": record_id(ORG, user.org_id),
        "username": user.username,
        "nick_name": user.nickname,
        "display_name": user.name,
        "email": user.email,
        "email_verified": True,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "timezone": _time_zone(user),
        "photos": {"picture": None, "thumbnail": None},
        "addr_street": None,
        "addr_city": None,
        "addr_state": None,
        "addr_country": None,
        "addr_zip": None,
        "mobile_phone": None,
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        "urls": _urls(user, server_url),
        "active": user.is_active,
        "user_type": _STANDARD,
        "language": user.language,
        "locale": user.locale or DEFAULT_LOCALE,
        "utcOffset": _utc_offset(user),
        "last_modified_date": _written(user.modified_at),
    }


def _urls(user: User, server_url: str) -> dict[str, str]:
    """Return the URLs of the APIs that tokenx has; clients fill in the version."""
    org_id = record_id(ORG, user.org_id)
    rest = f"{server_url}/services/data/v{{version}}"
    return {
        "metadata": f"{server_url}/services/Soap/m/{{version}}/{org_id}",
        "partner": f"{server_url}/services/Soap/u/{{version}}/{org_id}",
        "rest": f"{rest}/",
        "sobjects": f"{rest}/sobjects/",
        "query": f"{rest}/query/",
        "tooling_rest": f"{rest}/tooling/",
    }


def _time_zone(user: User) -> str:
    return user.time_zone or "GMT"


def _utc_offset(user: User) -> int:
    """Return the time zone's standard offset in milliseconds."""
    zone = find_zone(_time_zone(user)) or UTC
    now = datetime.now(zone)
    offset = (now.utcoffset() or timedelta()) - (now.dst() or timedelta())
    return int(offset.total_seconds() * 1000)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
