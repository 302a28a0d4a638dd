"""Scopes: the requested ones, and the access that they allow."""

from collections.abc import Collection, Sequence

from tokenx.org.models import ClientApp, Scope

# Both spellings allow the same.
_REFRESH = {Scope.REFRESH_TOKEN, Scope.OFFLINE_ACCESS}


class UnknownScopesError(Exception):
    """The scopes of a request that its app doesn't have."""

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(" ".join(scopes))
        self.scopes = scopes


def granted_scopes(app: ClientApp, requested: str) -> list[str]:
    """Return the scopes of a token. Raise UnknownScopesError.

    Without a request, a token gets all scopes of the app. With one, it gets the requested
    scopes in their order, and each must be one of the app's (RFC 6749, section 3.3). An
    app with `full` also has all others, except for refresh tokens.
    """
    wanted = list(dict.fromkeys(requested.split()))
    if not wanted:
        return list(app.scopes)
    if unknown := [scope for scope in wanted if not has_scope(app.scopes, scope)]:
        raise UnknownScopesError(unknown)
    return wanted


def has_scope(scopes: Collection[str], scope: str) -> bool:
    """Tell whether an app with these scopes can get a token with this one."""
    if scope in _REFRESH:
        return not _REFRESH.isdisjoint(scopes)
    return scope in scopes or (Scope.FULL in scopes and scope in Scope)


def allows_refresh(scopes: Collection[str]) -> bool:
    """Tell whether a token with these scopes comes with a refresh token."""
    return not _REFRESH.isdisjoint(scopes)
