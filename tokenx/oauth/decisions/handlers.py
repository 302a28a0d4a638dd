"""The decisions about the subject token, the handler, and the user that its class finds."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from tokenx.apex.runtime.trace import CalloutFailed
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.handlers.token_types import TOKEN_TYPES, type_of_urn
from tokenx.oauth.decision import Finding, decision
from tokenx.oauth.errors import NO_PLACE, Link, OAuthError
from tokenx.oauth.grant import Grant, known
from tokenx.oauth.throttle import SUBJECT_TOKEN, count_bad_token, refuse_if_waiting
from tokenx.org.models import ClientApp, TraceFlag
from tokenx.org.search.prepared import prepared
from tokenx.setup.apex_runs.places import RETRY_AFTER, NoPlaceError
from tokenx.setup.apex_runs.run_handler import (
    HandlerInputs,
    HandlerRun,
    handler_call,
    new_run,
    why_not_runnable,
)

from .clients import edit_page_of, page_of

_FLOW = "docs/salesforce/product.md, Token request"
_SELECTION = "docs/salesforce/product.md, Handler selection"
_ERRORS = "docs/salesforce/product.md, Token errors"
_CLASS = "docs/salesforce/product.md, Apex handler class"
# The longest token that an identity provider's token can be.
MAX_TOKEN = 10_000
# Characters of an API name, and of a class's name.
MAX_NAME = 80
NOT_VALID = "token handler validation failed"
NOT_FOUND = "token handler not found"
NO_USER = "no active user found for the token"
# The values of Auth.IntegratingAppType.
_APP_TYPES = {ClientApp.Kind.CONNECTED: "CA", ClientApp.Kind.EXTERNAL: "ECA"}


@decision("switches", "Token exchange flow", _ERRORS)
def switches(at: Grant) -> Finding:
    app = known(at.app)
    examined = f"Settings and policies of {app.label}"
    if not app.allows_token_exchange:
        raise OAuthError(
            "unsupported_grant_type",
            "grant type not supported",
            examined=examined,
            reason=f"Token exchange is turned off in the settings of {app.label}.",
            repair=edit_page_of(app, "settings"),
        )
    if not app.policy_allows_token_exchange:
        raise OAuthError(
            "oauth_flow_disabled",
            "app not enabled for token exchange",
            examined=examined,
            reason=f"Token exchange is turned off in the policies of {app.label}.",
            repair=edit_page_of(app, "policies"),
        )
    found = "Token exchange is turned on in the settings and in the policies."
    return Finding(examined, found, page_of(app))


@decision("subject_token", "Subject token", _FLOW)
def subject_token(at: Grant) -> Finding:
    token, urn = at.request.subject_token, at.request.subject_token_type
    for name, value in [("subject_token", token), ("subject_token_type", urn)]:
        if not value:
            raise OAuthError(
                "invalid_request",
                f"missing required parameter: {name}",
                examined=name,
                reason=f"The parameter {name} is missing.",
            )
    at.token_type = type_of_urn(urn)
    if at.token_type is None:
        raise OAuthError(
            "unsupported_token_type",
            "subject token type not supported",
            examined=urn[:200],
            reason=f"{urn[:200]} isn't one of the five token types.",
        )
    if len(token) > MAX_TOKEN:
        raise OAuthError(
            "invalid_grant",
            f"subject token longer than {MAX_TOKEN} characters",
            examined=token,
            reason=f"The token has {len(token):,} characters; {MAX_TOKEN:,} is the limit.",
        )
    refuse_if_waiting(at.waits, SUBJECT_TOKEN)
    return Finding(token, f"The token type is {at.token_type.label}.")


@decision("handler", "Handler", _SELECTION)
def handler(at: Grant) -> Finding:
    app, name = known(at.app), at.request.token_handler
    if not name:
        _use_only(_default_enablements(app.org_id, app.pk, at.started_at), at)
        at.handler = at.enablement.handler if at.enablement else None
        examined = "Default handler, because token_handler is missing"
        reason = f"The request names no handler, and {app.label} has no default handler."
    else:
        at.handler = _named(app, name)
        examined = name[:200]
        reason = f"No handler has this API name or uses an Apex class named {examined}."
    if at.handler is None:
        repair = _handler_list() if name else _page_for_a_default(app)
        raise OAuthError(
            "invalid_request", NOT_FOUND, examined=examined, reason=reason, repair=repair
        )
    how = "named in the request" if name else f"the default handler of {app.label}"
    return Finding(examined, f"{at.handler.label} is {how}.", _handler_page(at.handler))


def _handler_list() -> Link:
    return Link(reverse("handlers:list"), "Token Exchange Handlers")


def _page_for_a_default(app: ClientApp) -> Link:
    """Return the page where a handler of the app becomes its default."""
    rows = Enablement.objects.filter(org=app.org_id, app=app, handler__is_enabled=True)
    row = rows.select_related("handler").order_by("handler__search_key", "pk").first()
    if row is None:
        return _handler_list()
    url = reverse("handlers:edit-enablement", args=[row.handler.developer_name, row.pk])
    return Link(url, f"Make {row.handler.label} the default")


def _named(app: ClientApp, name: str) -> TokenExchangeHandler | None:
    """Return the handler with this API name, or else one whose class has the name.

    Of several handlers with the class, the one that's enabled for the app comes first.
    """
    if len(name) > MAX_NAME:
        return None
    handlers = TokenExchangeHandler.objects.filter(org=app.org_id)
    handlers = handlers.select_related("apex_class")
    if found := handlers.filter(developer_name__iexact=name).first():
        return found
    with_class = handlers.filter(apex_class__name__iexact=name).order_by("pk")
    enabled = Enablement.objects.filter(org=app.org_id, app=app).values("handler")
    return with_class.filter(pk__in=enabled).first() or with_class.first()


@prepared
def _default_enablements(org: int, app: int, moment: datetime) -> QuerySet:
    return _enablements(org, app, moment).filter(is_default=True)


@prepared
def _enablements_for(org: int, app: int, handler: int, moment: datetime) -> QuerySet:
    return _enablements(org, app, moment).filter(handler=handler)


def _enablements(org: int, app: int, moment: datetime) -> QuerySet[Enablement]:
    """Return enablements with what a run needs. Most Run As users aren't traced."""
    flags = TraceFlag.objects.filter(org=org, traced_user=OuterRef("run_as"))
    rows = Enablement.objects.filter(org=org, app=app)
    rows = rows.annotate(is_traced=Exists(flags.active_at(moment)))
    return rows.select_related("handler__apex_class", "run_as__profile", "run_as__org")


def _use_only(found: list[Any], at: Grant) -> None:
    """Note the enablement of a query that finds at most one."""
    if found:
        at.enablement, at.is_traced = found[0], found[0].is_traced


@decision("handler_ready", "Handler status", _ERRORS)
def handler_ready(at: Grant) -> Finding:
    app, found, token_type = known(at.app), known(at.handler), known(at.token_type)
    place = _handler_page(found)
    examined = found.label
    if at.enablement is None:
        _use_only(_enablements_for(app.org_id, app.pk, found.pk, at.started_at), at)
    if at.enablement is None:
        raise OAuthError(
            "invalid_request",
            NOT_FOUND,
            examined=examined,
            reason=f"{app.label} isn't enabled for {found.label}.",
            repair=place,
        )
    if not found.is_enabled:
        raise OAuthError(
            "invalid_request",
            "token handler disabled",
            examined=examined,
            reason=f"{found.label} is disabled.",
            repair=place,
        )
    if not token_type.is_taken_by(found):
        taken = ", ".join(each.label for each in TOKEN_TYPES if each.is_taken_by(found))
        raise OAuthError(
            "unsupported_token_type",
            "subject token type not supported by the token handler",
            examined=f"{examined}, {token_type.label}",
            reason=f"{found.label} doesn't support the token type {token_type.label}. "
            f"Supported token types: {taken or 'none'}.",
            repair=place,
        )
    if reason := why_not_runnable(found.apex_class):
        raise OAuthError(
            "invalid_request",
            NOT_VALID,
            examined=f"Apex class {found.apex_class.name}",
            reason=reason,
            repair=_class_page(found),
        )
    return Finding(
        f"{examined}, {token_type.label}",
        f"{app.label} is enabled for {found.label}, which supports {token_type.label}. "
        f"The class {found.apex_class.name} compiles.",
        place,
    )


@decision("run_as", "Run As user", _ERRORS)
def run_as(at: Grant) -> Finding:
    user = known(at.enablement).run_as
    place = Link(user.get_absolute_url(), user.name)
    if not user.is_active:
        raise OAuthError(
            "invalid_request",
            NOT_VALID,
            examined=user.username,
            reason=f"The Run As user {user.name} is inactive.",
            repair=place,
        )
    return Finding(user.username, f"The class runs as {user.name}, an active user.", place)


@decision("validate", "validateIncomingToken", _CLASS)
def validate(at: Grant) -> Finding:
    inputs = _inputs(at)
    at.run = run = new_run(inputs)
    try:
        at.call = at.stack.enter_context(handler_call(run, inputs))
    except NoPlaceError as error:
        raise OAuthError(
            "service_unavailable",
            "server too busy",
            reason=str(error),
            status=NO_PLACE,
            retry_after=RETRY_AFTER,
        ) from error
    at.call.validate()
    _refuse_if_refused(at, run)
    pairs = dict(run.validation.user_data) if run.validation else {}
    subject = pairs.get("identifier") or pairs.get("username") or ""
    about = f" The user data identifies {subject}." if subject else ""
    return Finding(
        inputs["apex_class"].name,
        f"The class accepted the token.{about}",
        _class_page(known(at.handler)),
    )


@decision("find_user", "getUserForTokenSubject", _CLASS)
def find_user(at: Grant) -> Finding:
    run = known(at.run)
    known(at.call).find_user()
    # A result of null is about the user: the next decision refuses it.
    if run.error:
        _refuse_if_refused(at, run)
    record = run.user_record
    found = (
        "The class returned null."
        if record is None
        else "The class returned a new user."
        if record.id is None
        else f"The class returned the user {record.id}."
    )
    return Finding(known(at.handler).apex_class.name, found, _class_page(known(at.handler)))


@decision("user", "User", "docs/salesforce/product.md, User creation")
def user(at: Grant) -> Finding:
    run, found = known(at.run), known(at.handler)
    known(at.call).check_user()
    if run.user is None:
        count_bad_token(at.request, known(at.app))
        raise OAuthError(
            "invalid_grant",
            NO_USER,
            examined="The user that the class returned",
            reason=run.refusal,
            repair=_repair_of_user(run, found),
        )
    at.user = run.user
    at.user.org = known(at.app).org
    kind = "created" if run.is_new_user else "found"
    place = None if run.is_new_user else Link(at.user.get_absolute_url(), at.user.name)
    return Finding(at.user.username, f"{at.user.name} was {kind} and is active.", place)


def _repair_of_user(run: HandlerRun, handler: TokenExchangeHandler) -> Link:
    if run.user_record is not None and run.user_record.id is None:
        return _handler_page(handler)
    if run.inactive_user is not None:
        return Link(run.inactive_user.get_absolute_url(), run.inactive_user.name)
    return _class_page(handler)


def _refuse_if_refused(at: Grant, run: HandlerRun) -> None:
    if not run.refusal:
        return
    count_bad_token(at.request, known(at.app))
    custom = run.validation.custom_error if run.validation and not run.error else ""
    found = known(at.handler)
    raise OAuthError(
        "invalid_request",
        custom or NOT_VALID,
        examined=found.apex_class.name,
        reason=_reason_of_refusal(run),
        repair=run_error_link(run, found),
    )


def _reason_of_refusal(run: HandlerRun) -> str:
    """Return why the run refused, with the callout error that the class caught."""
    caught = "" if run.error else next(_unauthorized_endpoints(run), "")
    return f"{run.refusal} A callout failed: {caught}" if caught else run.refusal


def run_error_link(run: HandlerRun, handler: TokenExchangeHandler) -> Link:
    """Return the page where an error of a run can be fixed."""
    if _called_unregistered_site(run):
        return Link(reverse("setup:remote-site-list"), "Remote Site Settings")
    return _class_page(handler)


def _called_unregistered_site(run: HandlerRun) -> bool:
    """Tell whether a callout's site isn't registered. The class can catch its exception."""
    return any(_unauthorized_endpoints(run))


def _unauthorized_endpoints(run: HandlerRun) -> Iterator[str]:
    """Yield the messages of callouts to URLs that aren't in Remote Site Settings."""
    failed = (event for event in run.trace.events if isinstance(event, CalloutFailed))
    texts = [event.message for event in failed]
    texts += [run.error.text] if run.error else []
    yield from (text for text in texts if "Unauthorized endpoint" in text)


def _inputs(at: Grant) -> HandlerInputs:
    app, row = known(at.app), known(at.enablement)
    found = known(at.handler)
    return HandlerInputs(
        org=app.org,
        apex_class=found.apex_class,
        run_as=row.run_as,
        token=at.request.subject_token,
        token_type=known(at.token_type).value,
        app_developer_name=app.api_name,
        app_type=_APP_TYPES[ClientApp.Kind(app.kind)],
        can_create_users=found.allows_user_creation,
        my_domain=at.request.client.server_url,
        trace=at.apex_trace,
    )


def _handler_page(handler: TokenExchangeHandler) -> Link:
    return Link(handler.get_absolute_url(), handler.label)


def _class_page(handler: TokenExchangeHandler) -> Link:
    apex_class = handler.apex_class
    return Link(apex_class.get_absolute_url(), apex_class.name)
