"""The token endpoint."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from tokenx.oauth.answers import as_json
from tokenx.oauth.exchange import exchange
from tokenx.oauth.token_request import read_token_request
from tokenx.org.permissions import open_to_all


@open_to_all
@csrf_exempt
@sensitive_post_parameters()
def token(request: HttpRequest) -> HttpResponse:
    """Answer a token request. All that's decided is in tokenx/oauth/decisions/."""
    decided = exchange(read_token_request(request))
    retry_after = decided.refusal.retry_after if decided.refusal else 0
    return as_json(decided.body, decided.status, retry_after)
