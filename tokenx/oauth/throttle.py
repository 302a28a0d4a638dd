"""The throttle of token requests: of guessed clients and secrets, and of bad tokens.

Only failures count. Requests from Try It and the regression list never do.
"""

from django.conf import settings

from tokenx.org import login_throttle
from tokenx.org.models import ClientApp

from .errors import OAuthError
from .token_request import TokenRequest

TOO_MANY_REQUESTS = 429


def refuse_if_waiting(request: TokenRequest) -> None:
    """Raise OAuthError while the network's failures with clients make it wait."""
    if not request.is_from_setup:
        _refuse("client", request.client.network)


def count_failure(request: TokenRequest) -> None:
    """Count an unknown client or an invalid secret."""
    if not request.is_from_setup:
        login_throttle.count_failure("client", request.client.network)


def refuse_if_token_waits(request: TokenRequest, app: ClientApp) -> None:
    """Raise OAuthError while the app's bad subject tokens make the network wait."""
    if _counts_tokens(request, app):
        _refuse("subject token", _key_of(request, app))


def count_bad_token(request: TokenRequest, app: ClientApp) -> None:
    """Count a subject token that the handler's class refused."""
    if _counts_tokens(request, app):
        login_throttle.count_failure("subject token", _key_of(request, app))


def _counts_tokens(request: TokenRequest, app: ClientApp) -> bool:
    """Tell whether bad tokens count. In a practice org, sending them is the exercise."""
    is_practice = app.org.expires_at is not None
    return settings.THROTTLE_TOKENS and not is_practice and not request.is_from_setup


def _key_of(request: TokenRequest, app: ClientApp) -> str:
    network = request.client.network
    return f"{app.pk} {network}" if network else ""


def _refuse(kind: str, key: str) -> None:
    wait = login_throttle.remaining_wait(kind, key)
    if seconds := -(-wait // login_throttle.SECOND):
        raise OAuthError(
            "slow_down",
            f"too many failed requests, try again in {seconds} seconds",
            examined="Failed requests from this network",
            reason=f"Too many requests failed. This network must wait {seconds} seconds.",
            status=TOO_MANY_REQUESTS,
            retry_after=seconds,
        )
