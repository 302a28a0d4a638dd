"""The first decisions: the request, its grant type, the app, and the app's secret."""

from dataclasses import replace

from django.db.models import QuerySet
from django.urls import reverse

from tokenx.oauth.decision import Finding, decision
from tokenx.oauth.errors import Link, OAuthError
from tokenx.oauth.grant import Grant, known
from tokenx.oauth.throttle import CLIENT, count_failure, refuse_if_waiting, waits_of
from tokenx.org.consumer_keys import LENGTH
from tokenx.org.models import ClientApp
from tokenx.org.search.prepared import prepared
from tokenx.setup.actions.apps import renew_secret_hash

_ERRORS = "docs/salesforce/oauth.md, Error descriptions"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105  (a name)
HYBRID_TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:hybrid-token-exchange"  # noqa: S105  (a name)
REFRESH_TOKEN = "refresh_token"  # noqa: S105  (a name)
GRANT_TYPES = (TOKEN_EXCHANGE, HYBRID_TOKEN_EXCHANGE, REFRESH_TOKEN)


@decision("request", "Request", "docs/salesforce/oauth.md, Token requests")
def request(at: Grant) -> Finding:
    examined = f"{at.request.client.method} /services/oauth2/token"
    if problem := at.request.problem:
        raise OAuthError("invalid_request", problem, examined=examined)
    return Finding(examined, "The request has valid form parameters.")


@decision("grant_type", "Grant type", _ERRORS)
def grant_type(at: Grant) -> Finding:
    requested = at.request.grant_type
    if requested not in GRANT_TYPES:
        reason = (
            f"The server doesn't support the grant type {requested[:200]}."
            if requested
            else "The parameter grant_type is missing."
        )
        raise OAuthError(
            "unsupported_grant_type",
            "grant type not supported",
            examined=requested[:200],
            reason=reason,
        )
    return Finding(requested, "The server supports this grant type.")


@decision("client", "Consumer key", _ERRORS)
def client(at: Grant) -> Finding:
    key = at.request.client_id
    app = _app_with_key(key)
    if at.request.setup_org is not None and app and app.org_id != at.request.setup_org:
        app = None
    at.waits = waits_of(at.request, app)
    refuse_if_waiting(at.waits, CLIENT)
    at.app = app
    if at.app is None:
        count_failure(at.request)
        reason = (
            "No app has this consumer key."
            if key
            else "The parameter client_id is missing."
        )
        raise OAuthError(
            "invalid_client_id",
            "client identifier invalid",
            examined=key[:LENGTH],
            reason=reason,
        )
    return Finding(key, f"The consumer key belongs to {at.app.label}.", page_of(at.app))


def _app_with_key(key: str) -> ClientApp | None:
    found = _apps_with_key(key) if 0 < len(key) <= LENGTH else []
    return found[0] if found else None


@prepared
def _apps_with_key(key: str) -> QuerySet:
    return ClientApp.objects.filter(consumer_key=key).select_related("org")


@decision("secret", "Consumer secret", _ERRORS)
def secret(at: Grant) -> Finding:
    app, sent = known(at.app), at.request.client_secret
    place = page_of(app)
    if not sent and not app.requires_secret:
        return Finding("No secret", f"{app.label} doesn't require a secret.", place)
    if not sent and at.request.acts_for_app and app.org_id == at.request.setup_org:
        return Finding(
            "No secret",
            f"{app.label} requires a secret, but an administrator's request from Setup "
            "doesn't need it.",
            place,
        )
    other = at.request.other_secret
    if other and not app.has_secret(sent) and app.has_secret(other):
        at.request = replace(at.request, client_secret=other)
        sent = other
    if not sent or not app.has_secret(sent):
        if sent:
            count_failure(at.request)
        reason = (
            f"The secret isn't the consumer secret of {app.label}."
            if sent
            else f"{app.label} requires a secret, but the request has none."
        )
        raise OAuthError(
            "invalid_client",
            "invalid client credentials",
            examined=sent or "No secret",
            reason=reason,
            repair=place,
        )
    renew_secret_hash(app=app, secret=sent)
    return Finding(sent, f"The secret is the consumer secret of {app.label}.", place)


def page_of(app: ClientApp) -> Link:
    """Return a link to an app's page."""
    return Link(app.get_absolute_url(), app.label)


def edit_page_of(app: ClientApp, area: str) -> Link:
    """Return a link to the page that edits an app's settings or policies."""
    names = {"settings": "setup:edit-app", "policies": "setup:edit-app-policies"}
    url = reverse(names[area], args=[app.kind, app.api_name])
    return Link(url, f"Edit {area} of {app.label}")
