"""The names of OAuth scopes in files, which differ from those in Setup."""

from collections.abc import Iterable

from tokenx.org.models import Scope

_IN_FILES = {
    "Api": Scope.API,
    "Basic": Scope.ID,
    "Chatter": Scope.CHATTER_API,
    "CustomPermissions": Scope.CUSTOM_PERMISSIONS,
    "Email": Scope.EMAIL,
    "Full": Scope.FULL,
    "OpenID": Scope.OPENID,
    "Profile": Scope.PROFILE,
    "RefreshToken": Scope.REFRESH_TOKEN,
    "Web": Scope.WEB,
}
_FROM_FILES = {name.lower(): scope.value for name, scope in _IN_FILES.items()}
_TO_FILES = {scope.value: name for name, scope in _IN_FILES.items()}


def from_file(names: Iterable[str]) -> list[str]:
    """Return the scopes with these names; unknown scopes stay unchanged."""
    return [_FROM_FILES.get(name.strip().lower(), name.strip()) for name in names]


def to_file(scopes: Iterable[str]) -> tuple[str, ...]:
    return tuple(_TO_FILES.get(scope, scope) for scope in scopes)


def from_commas(text: str) -> list[str]:
    return from_file(name for name in text.split(",") if name.strip())


def to_commas(scopes: Iterable[str]) -> str:
    return ", ".join(to_file(scopes))
