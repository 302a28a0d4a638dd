"""Filling an org with what a scenario says, in a few bulk statements."""

import io
from collections import Counter
from collections.abc import Iterator
from functools import partial

from django.db import transaction

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.deploy import queue
from tokenx.metadata.deploy.actions import Options, queue_deployment, receive_files
from tokenx.org.models import ApexClass, ClientApp, Org, Profile, User
from tokenx.org.search import grams

from .factories import EnablementFactory, UserFactory, made_username
from .people import first_people
from .reader import Scenario, enabled_apps
from .tables import PEOPLE_AT, DeploymentRow

BATCH = 5_000


@transaction.atomic
def fill(org: Org, scenario: Scenario, *, owner: User) -> None:
    """Put all that the scenario says into an org that has nothing but people who sign in.

    `owner`, a system administrator of the org, is who made and changed it all.
    """
    users = [row.made(org) for row in scenario.users]
    for user in users:
        user.set_keys()
    users_of = {user.username.lower(): user for user in User.objects.bulk_create(users)}
    User.objects.bulk_create(_people(org, scenario), batch_size=BATCH)
    apps_of = _apps(org, scenario)
    _handlers(org, scenario, owner, apps_of, users_of)
    for row in scenario.deployments:
        _deploy(row, owner)
    if scenario.people.count + len(users) > grams.WALKABLE or len(apps_of) > grams.WALKABLE:
        grams.rebuild(org)


def _people(org: Org, scenario: Scenario) -> Iterator[User]:
    row = scenario.people
    for number, person in enumerate(first_people(row.seed, row.count), start=1):
        name = made_username(person.first_name, person.last_name)
        user = UserFactory.build(
            org=org,
            first_name=person.first_name,
            last_name=person.last_name,
            username=f"{name[:40].replace('_', '.')}.{number}@{PEOPLE_AT}",
            profile=Profile.STANDARD_USER,
            is_active=not row.every_inactive or number % row.every_inactive > 0,
        )
        user.set_keys()
        yield user


def _apps(org: Org, scenario: Scenario) -> dict[str, ClientApp]:
    rows = [*scenario.apps, *(app for many in scenario.many_apps for app in many.apps)]
    apps = [row.made(org) for row in rows]
    for app in apps:
        app.set_keys()
    made = ClientApp.objects.bulk_create(apps, batch_size=BATCH)
    return {app.api_name.lower(): app for app in made}


def _handlers(
    org: Org,
    scenario: Scenario,
    owner: User,
    apps_of: dict[str, ClientApp],
    users_of: dict[str, User],
) -> None:
    """The classes, the handlers with their counters, and the apps they are enabled for."""
    classes = ApexClass.objects.bulk_create(row.made(org) for row in scenario.classes)
    class_of = {each.name.lower(): each for each in classes}
    enabled = [row for _, row in enabled_apps(scenario)]
    counts = Counter((it.handler.lower(), apps_of[it.app.lower()].kind) for it in enabled)
    handlers = []
    for row in scenario.handlers:
        apex_class = class_of[row.apex_class.lower()]
        handler = row.made(org, apex_class=apex_class, modified_by=owner, created_by=owner)
        handler.set_keys()
        key = row.key.lower()
        handler.connected_count = counts[key, ClientApp.Kind.CONNECTED]
        handler.external_count = counts[key, ClientApp.Kind.EXTERNAL]
        handlers.append(handler)
    made = TokenExchangeHandler.objects.bulk_create(handlers)
    handler_of = {handler.developer_name.lower(): handler for handler in made}
    Enablement.objects.bulk_create(
        (
            EnablementFactory.build(
                handler=handler_of[row.handler.lower()],
                app=apps_of[row.app.lower()],
                run_as=users_of[row.run_as.lower()],
                is_default=row.default,
            )
            for row in enabled
        ),
        batch_size=BATCH,
    )


def _deploy(row: DeploymentRow, owner: User) -> None:
    """Deploy a package as its owner did, whatever comes of it."""
    files = [(each.path, partial(io.BytesIO, each.text.encode())) for each in row.files]
    source = receive_files(files=files, name=row.name, by=owner)
    queue_deployment(source=source, options=Options(check_only=row.check_only), by=owner)
    queue.run_queue(owner.org_id)
