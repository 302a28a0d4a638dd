"""A token as Try It shows it: decoded, with its issuer and the handlers for its format."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.handlers.token_types import type_of_value
from tokenx.oauth.decoded_tokens import (
    MAX_SHOWN,
    OPAQUE,
    DecodedToken,
    decode_token,
    with_claims,
)
from tokenx.org.models import Issuer, Org
from tokenx.setup.apex_runs.tokens import claims_of

# A page lists this many handlers.
MAX_HANDLERS = 20


@dataclass(frozen=True)
class ShownToken:
    """The parts of a token on the page."""

    decoded: DecodedToken
    # The simulated issuer whose signature the token has.
    issuer: Issuer | None
    # The handlers that take it, each with the labels of the token types.
    handlers: tuple[tuple[TokenExchangeHandler, str], ...]
    has_more_handlers: bool
    length: int


def shown_token(org: Org, token: str) -> ShownToken:
    """Return what the page shows about a token. It can be hostile."""
    decoded = decode_token(token[:MAX_SHOWN])
    issuer = _issuer_of(org, token, decoded)
    if issuer is not None and decoded.kind == OPAQUE:
        decoded = with_claims(decoded, claims_of(issuer, token) or {})
    handlers, has_more = _handlers_for(org, decoded)
    return ShownToken(decoded, issuer, handlers, has_more, len(token))


def _issuer_of(org: Org, token: str, decoded: DecodedToken) -> Issuer | None:
    """Return the simulated issuer that signed the token."""
    if len(token) > MAX_SHOWN or not (decoded.claims or decoded.kind == OPAQUE):
        return None
    issuers = Issuer.objects.filter(org=org)
    if decoded.kind != OPAQUE:
        issuers = issuers.filter(iss=decoded.issuer)
    for issuer in issuers.order_by("label", "pk"):
        try:
            if claims_of(issuer, token) is not None:
                return issuer
        except (ValidationError, RecursionError):
            continue
    return None


def _handlers_for(
    org: Org, decoded: DecodedToken
) -> tuple[tuple[tuple[TokenExchangeHandler, str], ...], bool]:
    types = [type_of_value(value) for value in decoded.token_types]
    taking: list[tuple[TokenExchangeHandler, str]] = []
    rows = TokenExchangeHandler.objects.filter(org=org)
    for handler in rows.order_by("search_key", "id")[: 5 * MAX_HANDLERS]:
        if labels := [each.label for each in types if each.is_taken_by(handler)]:
            taking.append((handler, ", ".join(labels)))
    return tuple(taking[:MAX_HANDLERS]), len(taking) > MAX_HANDLERS
