"""What can be done to the apps that a handler is enabled for."""

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
    """Enable the app, and take over as its default handler if asked to.

    Raises ValidationError, by field, where the app is not set up for token exchange or
    is enabled already, or where the user is not active.
    """
    app = _lock(app)
    if Enablement.objects.of(handler).filter(app=app).exists():
        raise ValidationError(
            {"app": f"{app.label} is already enabled for {handler.label}."}
        )
    enablement = Enablement(org_id=handler.org_id, handler=handler, app=app, run_as=run_as)
    enablement.copy_from_app()
    enablement.clean()
    _lock_handlers(enablement)
    if make_default:
        _take_over(enablement, by)
    enablement.save()
    _count(enablement, +1)
    handler.touch(by)
    _record(
        by,
        "insertOauthTokenExchHandlerApp",
        f"Enabled {_named(app)} for token exchange handler {handler.label}, run as "
        f"{run_as.username}{_as_default(enablement)}",
    )
    return enablement


@transaction.atomic
def edit_enablement(
    *, enablement: Enablement, run_as: User, make_default: bool, by: User
) -> Enablement:
    """Change whom the handler runs as for the app, and whether it is its default.

    Raises ValidationError where a newly chosen user is not active. An app that was
    switched off since stays editable, so that a mistake can be put right in any order.
    """
    app, handler = _lock(enablement.app), enablement.handler
    changes = []
    if run_as != enablement.run_as:
        if not run_as.is_active:
            raise ValidationError({"run_as": f"{run_as.name} is not active."})
        changes.append(f"run as from {enablement.run_as.username} to {run_as.username}")
        enablement.run_as = run_as
    if make_default != enablement.is_default:
        changes.append(
            f"default from {_word(enablement.is_default)} to {_word(make_default)}"
        )
    if not changes:
        return enablement

    _lock_handlers(enablement)
    enablement.is_default, was_default = make_default, enablement.is_default
    if make_default and not was_default:
        _take_over(enablement, by)
    enablement.modified_at = timezone.now()
    enablement.save()
    handler.touch(by)
    moved = _as_default(enablement) if enablement.took_over_from else ""
    _record(
        by,
        "changedOauthTokenExchHandlerApp",
        f"Changed {_named(app)} for token exchange handler {handler.label}: "
        f"{', '.join(changes)}{moved}",
    )
    return enablement


@transaction.atomic
def remove_app(*, enablement: Enablement, by: User) -> None:
    """Take the app from the handler. It can be enabled again at any time."""
    app, handler = _lock(enablement.app), enablement.handler
    gone, _ = Enablement.objects.of(handler).filter(pk=enablement.pk).delete()
    if not gone:
        return  # Somebody else removed it just now: what was wanted is so.
    _lock_handlers(enablement)
    _count(enablement, -1)
    handler.touch(by)
    default = ", which was its default handler" if enablement.is_default else ""
    _record(
        by,
        "deletedOauthTokenExchHandlerApp",
        f"Removed {_named(app)} from token exchange handler {handler.label}{default}",
    )


def _lock(app: ClientApp) -> ClientApp:
    """Nobody else changes what the app is enabled for until this transaction ends.

    That makes "is it enabled already?" and "who is its default?" safe to ask.
    """
    Org.objects.shared(app.org_id)
    return ClientApp.objects.locked(app)


def _lock_handlers(enablement: Enablement) -> None:
    """Lock the handlers a change may touch, in one order, so that no two wait in a ring."""
    defaults = Enablement.objects.default_for(enablement.app)
    involved = {enablement.handler_id, *defaults.values_list("handler_id", flat=True)}
    rows = TokenExchangeHandler.objects.filter(org=enablement.org_id, pk__in=involved)
    list(rows.order_by("pk").select_for_update().values_list("pk"))


def _take_over(enablement: Enablement, by: User) -> None:
    """Make the handler the app's default, in place of the one that is."""
    others = Enablement.objects.default_for(enablement.app).select_related("handler")
    if previous := others.first():
        others.update(is_default=False, modified_at=timezone.now())
        previous.handler.touch(by)
        enablement.took_over_from = previous.handler
    enablement.is_default = True


def _count(enablement: Enablement, change: int) -> None:
    counter = COUNTER[ClientApp.Kind(enablement.app_kind)]
    handler = TokenExchangeHandler.objects.filter(
        org=enablement.org_id, pk=enablement.handler_id
    )
    handler.update(**{counter: F(counter) + change})


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)


def _named(app: ClientApp) -> str:
    return f"{app.get_kind_display().lower()} {app.label}"


def _as_default(enablement: Enablement) -> str:
    if previous := enablement.took_over_from:
        return f", as its default handler instead of {previous.label}"
    return ", as its default handler" if enablement.is_default else ""


def _word(value: bool) -> str:
    return str(value).lower()
