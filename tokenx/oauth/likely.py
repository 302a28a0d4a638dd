"""Defaults for Try It, with which an exchange is likely to succeed."""

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.handlers.token_types import TOKEN_TYPES
from tokenx.org.models import ClientApp, Issuer
from tokenx.setup.forms import run_apex_class


def key_of(app: ClientApp) -> str:
    """Return the app's key in Try It's URLs."""
    return f"{app.kind}:{app.api_name}"


def app_of(org: int, key: str) -> ClientApp | None:
    """Return the app with this key."""
    kind, separator, name = key.partition(":")
    if not separator or "\0" in key:
        return None
    return ClientApp.objects.filter(org=org, kind=kind, api_name=name).first()


def handler_of(org: int, name: str) -> TokenExchangeHandler | None:
    if not name or "\0" in name:
        return None
    rows = TokenExchangeHandler.objects.filter(org=org, developer_name=name)
    return rows.select_related("apex_class").first()


def likely_app(org: int, handler: TokenExchangeHandler | None) -> ClientApp | None:
    """Return an app with which an exchange is likely to succeed."""
    rows = Enablement.objects.filter(org=org).select_related("app")
    if handler:
        ours = rows.of(handler)
        found = ours.filter(is_default=True).by_app().first() or ours.by_app().first()
    else:
        ready = rows.filter(is_default=True, handler__is_enabled=True)
        found = ready.order_by("id").first() or rows.order_by("id").first()
    if found:
        return found.app
    return ClientApp.objects.filter(org=org).by_label().first()


def likely_issuer(org: int, handler: TokenExchangeHandler | None) -> Issuer | None:
    """Return the issuer whose tokens the handler's class seems to validate."""
    if handler:
        return run_apex_class.likely_issuer(handler.apex_class)
    return Issuer.objects.filter(org=org).order_by("label", "pk").first()


def default_of(app: ClientApp | None) -> TokenExchangeHandler | None:
    if app is None:
        return None
    row = Enablement.objects.default_for(app).select_related("handler__apex_class").first()
    return row.handler if row else None


def takes(handler: TokenExchangeHandler | None, token_type: str) -> bool:
    taken = {each.value for each in TOKEN_TYPES if handler and each.is_taken_by(handler)}
    return token_type in taken


def type_for(handler: TokenExchangeHandler | None) -> str:
    """Return a token type that the handler supports, preferably JWT."""
    preferred = sorted(TOKEN_TYPES, key=lambda each: each.value != "JWT")
    taken = (each.value for each in preferred if handler and each.is_taken_by(handler))
    return next(taken, "JWT")
