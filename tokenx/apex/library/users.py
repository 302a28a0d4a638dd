"""UserInfo: the user who runs the code, and the org."""

from collections.abc import Callable

from ..runtime.api import Run
from ..runtime.errors import NotRunnableError
from ..runtime.ports import RunningUser
from ..values import Value
from .registry import find_method, static_method

_TEXTS: dict[str, Callable[[RunningUser], str | None]] = {
    "getDefaultCurrency": lambda user: user.default_currency,
    "getFirstName": lambda user: user.first_name or None,
    "getLanguage": lambda user: user.language,
    "getLastName": lambda user: user.last_name,
    "getLocale": lambda user: user.locale,
    "getName": lambda user: f"{user.first_name} {user.last_name}".strip(),
    "getOrganizationId": lambda user: str(user.organization_id),
    "getOrganizationName": lambda user: user.organization_name,
    "getProfileId": lambda user: str(user.profile_id),
    # A handler runs without a session, and no one may read one from a log.
    "getSessionId": lambda user: None,
    "getUiTheme": lambda user: "Theme4d",
    "getUiThemeDisplayed": lambda user: "Theme4d",
    "getUserEmail": lambda user: user.email,
    "getUserId": lambda user: str(user.id),
    "getUserName": lambda user: user.username,
    "getUserRoleId": lambda user: None,
    "getUserType": lambda user: "Standard",
}


def _register(name: str, read: Callable[[RunningUser], str | None]) -> None:
    def get(run: Run) -> str | None:
        text = read(run.ports.user)
        run.allocate(len(text or ""))
        return text

    static_method("UserInfo", name)(get)


for _name, _read in _TEXTS.items():
    _register(_name, _read)


@static_method("UserInfo", "isMultiCurrencyOrganization")
def is_multi_currency_organization(run: Run) -> bool:
    """Say whether the org uses several currencies."""
    return run.ports.user.is_multi_currency


@static_method("UserInfo", "getTimeZone")
def get_time_zone(run: Run) -> Value:
    """Return the user's time zone."""
    find = find_method("TimeZone", "getTimeZone", 1, is_static=True)
    if find is None:
        raise NotRunnableError("UserInfo.getTimeZone")
    return find(run, run.ports.user.time_zone)


@static_method(
    "UserInfo",
    "hasPackageLicense",
    "isCurrentUserLicensed",
    "isCurrentUserLicensedForPackage",
)
def has_license(run: Run, package: str | None) -> bool:
    """Say whether the user has a managed package's license; orgs have no packages here."""
    return False
