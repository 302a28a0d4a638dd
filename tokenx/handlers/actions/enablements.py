"""Actions on the apps enabled for a handler."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org import audit
from tokenx.org.models import ClientApp, Org, User

SECTION = "Token Exchange Handlers"
COUNTER = {
    ClientApp.Kind.CONNECTED: "connected_count",
    ClientApp.Kind.EXTERNAL: "external_count",
}


@transaction.atomic
def enable_app(
    *,
    handler: TokenExchangeHandler,
    app: ClientApp,
    run_as: User,
    make_default: bool,
    by: User,
) -> Enablement:
    """Enable an app for a handler; optionally make the handler the app's default.

    Raise ValidationError, by field, if token exchange is turned off for the app, if the
    app is already enabled for the handler, or if the user is inactive.
    """
    app = _lock_app(app)
    if Enablement.objects.of(handler).filter(app=app).exists():
        raise ValidationError(
            {"app": f"{app.label} is already enabled for {handler.label}."}
        )
    enablement = Enablement(
        org_id=handler.org_id,
        handler=handler,
        app=app,
        run_as=run_as,
        enabled_at=timezone.now(),
    )
    enablement.copy_from_app()
    enablement.clean()
    _lock_handlers(enablement)
    if make_default:
        _take_over_default(enablement, by)
    enablement.save()
    _add_to_counter(enablement, +1)
    handler.touch(by)
    _record(
        by,
        "insertOauthTokenExchHandlerApp",
        f"Enabled {_kind_and_label(app)} for token exchange handler {handler.label}, "
        f"run as {run_as.username}{_default_clause(enablement)}",
    )
    return enablement


@transaction.atomic
def edit_enablement(
    *, enablement: Enablement, run_as: User, make_default: bool, by: User
) -> Enablement:
    """Change the user that the handler runs as, or whether it's the app's default.

    Raise ValidationError if a newly selected user is inactive, or if someone removed the
    app concurrently. An app whose token exchange was turned off later stays editable, so
    problems can be fixed in any order.
    """
    app, handler = _lock_app(enablement.app), enablement.handler
    changes = []
    if run_as != enablement.run_as:
        if not run_as.is_active:
            raise ValidationError({"run_as": f"{run_as.name} is inactive."})
        changes.append(f"run as from {enablement.run_as.username} to {run_as.username}")
        enablement.run_as = run_as
    if make_default != enablement.is_default:
        changes.append(
            f"default from {_true_or_false(enablement.is_default)} "
            f"to {_true_or_false(make_default)}"
        )
    if not changes:
        return enablement

    _lock_handlers(enablement)
    if not Enablement.objects.of(handler).filter(pk=enablement.pk).exists():
        # Without this check, save() would insert the row again.
        raise ValidationError(f"{app.label} was already removed from {handler.label}.")
    enablement.is_default, was_default = make_default, enablement.is_default
    if make_default and not was_default:
        _take_over_default(enablement, by)
    enablement.modified_at = timezone.now()
    enablement.save()
    handler.touch(by)
    default_clause = _default_clause(enablement) if enablement.took_over_from else ""
    _record(
        by,
        "changedOauthTokenExchHandlerApp",
        f"Changed {_kind_and_label(app)} for token exchange handler {handler.label}: "
        f"{', '.join(changes)}{default_clause}",
    )
    return enablement


@transaction.atomic
def remove_app(*, enablement: Enablement, by: User) -> None:
    """Remove an app from a handler. The app can be enabled again at any time."""
    app, handler = _lock_app(enablement.app), enablement.handler
    deleted, _ = Enablement.objects.of(handler).filter(pk=enablement.pk).delete()
    if not deleted:
        return  # Already removed concurrently; nothing to do.
    _lock_handlers(enablement)
    _add_to_counter(enablement, -1)
    handler.touch(by)
    default_clause = ", which was its default handler" if enablement.is_default else ""
    _record(
        by,
        "deletedOauthTokenExchHandlerApp",
        f"Removed {_kind_and_label(app)} from token exchange handler {handler.label}"
        f"{default_clause}",
    )


def _lock_app(app: ClientApp) -> ClientApp:
    """Lock the app's enablements until this transaction ends.

    The lock makes it safe to check whether the app is already enabled and which handler
    is its default.
    """
    Org.objects.shared(app.org_id)
    return ClientApp.objects.locked(app)


def _lock_handlers(enablement: Enablement) -> None:
    """Lock all handlers that a change can touch, always in the same order.

    The order prevents deadlocks.
    """
    defaults = Enablement.objects.default_for(enablement.app)
    handler_ids = {enablement.handler_id, *defaults.values_list("handler_id", flat=True)}
    rows = TokenExchangeHandler.objects.filter(org=enablement.org_id, pk__in=handler_ids)
    list(rows.order_by("pk").select_for_update().values_list("pk"))


def _take_over_default(enablement: Enablement, by: User) -> None:
    """Make the handler the app's default, in place of the previous one."""
    defaults = Enablement.objects.default_for(enablement.app)
    others = defaults.select_related("handler", "run_as")
    if previous := others.first():
        others.update(is_default=False, modified_at=timezone.now())
        previous.handler.touch(by)
        enablement.took_over_from = previous
    enablement.is_default = True


def _add_to_counter(enablement: Enablement, change: int) -> None:
    counter = COUNTER[ClientApp.Kind(enablement.app_kind)]
    handler = TokenExchangeHandler.objects.filter(
        org=enablement.org_id, pk=enablement.handler_id
    )
    handler.update(**{counter: F(counter) + change})


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)


def _kind_and_label(app: ClientApp) -> str:
    return f"{app.get_kind_display().lower()} {app.label}"


def _default_clause(enablement: Enablement) -> str:
    if previous := enablement.took_over_from:
        return f", as its default handler instead of {previous.handler.label}"
    return ", as its default handler" if enablement.is_default else ""


def _true_or_false(value: bool) -> str:
    return str(value).lower()
