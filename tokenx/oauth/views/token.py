"""The token endpoint."""

from django.http import HttpRequest, HttpResponse

from tokenx.oauth.answers import as_json
from tokenx.oauth.exchange import exchange
from tokenx.oauth.token_request import read_token_request

from .base import oauth_endpoint


@oauth_endpoint()
def token(request: HttpRequest) -> HttpResponse:
    """Respond to a token request. All decisions are in tokenx/oauth/decisions/."""
    decided = exchange(read_token_request(request))
    retry_after = decided.refusal.retry_after if decided.refusal else 0
    response = as_json(decided.body, decided.status, retry_after)
    if request.method != "POST":
        response["Allow"] = "POST, OPTIONS"
    return response
