"""Put an org into the state of a snapshot: all of it in bulk, in one transaction.

Kept are the org, whoever can sign in to it, and what happened: the audit trail, the
deployments, the snapshots. All else is replaced.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import models, transaction

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ApexClass, ClientApp, Org, User
from tokenx.org.search import grams
from tokenx.setup.actions.apps import new_consumer_key

from .archive import ReadSnapshot
from .restore_users import replace_users
from .rows import Rows

_BATCH = 500


@transaction.atomic
def restore(*, org: Org, read: ReadSnapshot, by: User) -> None:
    """Raises ValidationError with all that does not fit together; then nothing changed."""
    rows = Rows(org, read)
    rows.read()
    org = lock(org)
    people = replace_users(org=org, document=read.document, by=by)
    _replace(org, rows, people.named)
    org.name, org.is_strict = read.document.org.name, read.document.org.is_strict
    org.save(update_fields=["name", "is_strict"])
    # In a large company that takes ten seconds, while nobody else can write.
    if people.changed or org.has_app_grams or len(rows.apps) > grams.WALKABLE:
        grams.rebuild(org)


def lock(org: Org) -> Org:
    """Whoever changes something in the org waits until this transaction ends."""
    org = Org.objects.locked(org.pk)
    handlers = TokenExchangeHandler.objects.filter(org=org).order_by("pk")
    list(handlers.select_for_update().values_list("pk"))
    return org


def _replace(org: Org, rows: Rows, users: Mapping[str, User]) -> None:
    """Foreign keys are checked when the transaction ends, so what goes may go first.

    What has the name of something that goes takes its key, by which clients know it.
    """
    _take_keys(ApexClass, org, rows.classes.values(), _name)
    _take_keys(TokenExchangeHandler, org, rows.handlers.values(), _developer_name)
    _take_keys(ClientApp, org, rows.apps.values(), _kind_and_name)
    _take_secrets(org, rows.apps.values())
    for model in (Enablement, TokenExchangeHandler, ApexClass, ClientApp):
        gone: models.QuerySet = model._default_manager.filter(org=org)
        gone._raw_delete(gone.db)

    _create(ApexClass, rows.classes.values())
    _create(ClientApp, rows.apps.values())
    stamped = zip(rows.handlers.values(), rows.stamped_by, strict=True)
    for handler, (created_by, modified_by) in stamped:
        handler.created_by, handler.modified_by = users[created_by], users[modified_by]
        handler.apex_class = handler.apex_class  # Its key is known now.
    _create(TokenExchangeHandler, rows.handlers.values())
    for enablement, username in zip(rows.enablements, rows.run_as, strict=True):
        enablement.run_as = users[username]
        enablement.handler, enablement.app = enablement.handler, enablement.app
    _create(Enablement, rows.enablements)


def _name(made: ApexClass) -> str:
    return made.name.lower()


def _developer_name(handler: TokenExchangeHandler) -> str:
    return handler.developer_name.lower()


def _kind_and_name(app: ClientApp) -> tuple[str, str]:
    return str(app.kind), app.api_name.lower()


def _take_keys(
    model: Any, org: Org, rows: Iterable[Any], named: Callable[[Any], Any]
) -> None:
    there = {named(row): row.pk for row in model.objects.filter(org=org)}
    for row in rows:
        row.pk = there.get(named(row))


def _take_secrets(org: Org, apps: Iterable[ClientApp]) -> None:
    """A secret goes with its consumer key, as long as the org still has that.

    A key that an app of another org has is not to be had: a token request names the app
    by nothing else. Then a new one is made.
    """
    keyed = {app.consumer_key: app for app in apps if app.consumer_key}
    there = ClientApp.objects.filter(org=org).exclude(consumer_key="")
    for key, secret_hash in there.values_list("consumer_key", "secret_hash"):
        if key in keyed:
            keyed[key].secret_hash = secret_hash
    keys = list(keyed)
    for start in range(0, len(keys), _BATCH):
        wanted = keys[start : start + _BATCH]
        elsewhere = ClientApp.objects.filter(consumer_key__in=wanted).exclude(org=org)
        for key in elsewhere.values_list("consumer_key", flat=True):
            keyed[key].consumer_key = new_consumer_key()


def _create(model: Any, rows: Iterable[Any]) -> None:
    """Those that have a key before those that get one: so they may not meet."""
    model.objects.bulk_create(sorted(rows, key=lambda row: row.pk is None))
