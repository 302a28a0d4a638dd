"""The throttle of token requests: of guessed clients and secrets, and of bad tokens.

Only failures count. Requests from Try It and the regression list never do.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings

from tokenx.org import login_throttle
from tokenx.org.models import ClientApp
from tokenx.web.text import count_of

from .errors import OAuthError
from .token_request import TokenRequest

TOO_MANY_REQUESTS = 429
CLIENT, SUBJECT_TOKEN = "client", "subject token"


def waits_of(request: TokenRequest, app: ClientApp | None) -> dict[str, timedelta]:
    """Return how long the network must wait after failures, by their kind."""
    if request.is_from_setup:
        return {}
    keys = {CLIENT: request.client.network}
    if app is not None and _counts_tokens(request, app):
        keys[SUBJECT_TOKEN] = _key_of(request, app)
    return login_throttle.remaining_waits(keys)


def refuse_if_waiting(waits: Mapping[str, timedelta], kind: str) -> None:
    """Raise OAuthError while failures of this kind make the network wait."""
    wait = waits.get(kind, timedelta(0))
    if seconds := -(-wait // login_throttle.SECOND):
        raise OAuthError(
            "slow_down",
            f"too many failed requests, try again in {count_of(seconds, 'second')}",
            examined="Failed requests from this network",
            reason=f"Too many requests failed. This network must wait "
            f"{count_of(seconds, 'second')}.",
            status=TOO_MANY_REQUESTS,
            retry_after=seconds,
        )


def count_failure(request: TokenRequest) -> None:
    """Count an unknown client or an invalid secret."""
    if not request.is_from_setup:
        login_throttle.count_failure(CLIENT, request.client.network)


def count_bad_token(request: TokenRequest, app: ClientApp) -> None:
    """Count a subject token that the handler's class refused."""
    if _counts_tokens(request, app):
        login_throttle.count_failure(SUBJECT_TOKEN, _key_of(request, app))


def _counts_tokens(request: TokenRequest, app: ClientApp) -> bool:
    """Tell whether refused tokens count. In practice orgs, sending them is an exercise."""
    is_practice = app.org.expires_at is not None
    return settings.THROTTLE_TOKENS and not is_practice and not request.is_from_setup


def _key_of(request: TokenRequest, app: ClientApp) -> str:
    network = request.client.network
    return f"{app.pk} {network}" if network else ""
