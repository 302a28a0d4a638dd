"""The decisions about a token request, in the order in which the endpoint makes them.

Source: docs/salesforce/oauth.md, "Order of checks"; where Salesforce's order isn't known,
it's ours. Each function is one row of the trace: without it, there's no row.
"""

from tokenx.oauth.decision import Decision

from .clients import (
    HYBRID_TOKEN_EXCHANGE,
    REFRESH_TOKEN,
    TOKEN_EXCHANGE,
    client,
    grant_type,
    request,
    secret,
)
from .handlers import (
    find_user,
    handler,
    handler_ready,
    run_as,
    subject_token,
    switches,
    user,
    validate,
)
from .refreshing import refresh_scopes, refresh_token, refresh_user
from .users import approval, scopes, tokens

ALL_GRANTS = (request, grant_type, client, secret)
EXCHANGE = (
    *ALL_GRANTS,
    switches,
    subject_token,
    handler,
    handler_ready,
    run_as,
    validate,
    find_user,
    user,
    approval,
    scopes,
    tokens,
)
# Users who lost their approval can't refresh tokens.
REFRESH = (*ALL_GRANTS, refresh_token, refresh_user, approval, refresh_scopes, tokens)


def decisions_of(grant_type: str) -> tuple[Decision, ...]:
    """Return a grant type's decisions. The second one refuses unknown grant types."""
    return REFRESH if grant_type == REFRESH_TOKEN else EXCHANGE


__all__ = [
    "EXCHANGE",
    "HYBRID_TOKEN_EXCHANGE",
    "REFRESH",
    "REFRESH_TOKEN",
    "TOKEN_EXCHANGE",
    "decisions_of",
]
