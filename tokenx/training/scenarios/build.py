"""Fill an org with a scenario's contents, in a few bulk statements."""

import io
from collections import Counter
from collections.abc import Iterator
from functools import partial

from django.db import transaction

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.deploy import queue
from tokenx.metadata.deploy.actions import Options, queue_deployment, receive_files
from tokenx.org.models import (
    ApexClass,
    AppPermissionSet,
    AppProfile,
    BuiltInProfile,
    Certificate,
    ClientApp,
    ExchangeExample,
    Issuer,
    Org,
    PermissionSet,
    PermissionSetAssignment,
    Profile,
    RemoteSite,
    StoredComponent,
    User,
    UserField,
)
from tokenx.org.nicknames import Nicknames
from tokenx.org.search import grams
from tokenx.setup.actions import issuers
from tokenx.setup.actions.certificates import renew_key
from tokenx.setup.compile_classes import set_compiled

from .example_tables import example_of
from .factories import MadeUpUserFactory
from .log_tables import create_log_settings
from .people import first_people
from .scenario import Scenario
from .tables import DeploymentTable, EnablementTable

BATCH = 5_000


@transaction.atomic
def fill(org: Org, scenario: Scenario, *, owner: User) -> None:
    """Add a scenario's contents to an org that has only the users who sign in.

    `owner`, a system administrator of the org, is recorded as the creator of everything.
    """
    Profile.objects.bulk_create(table.build(org) for table in scenario.profiles)
    profiles = {
        key.lower(): profile for key, profile in Profile.objects.by_key(org).items()
    }
    users = [table.build(org, profiles[table.profile_key]) for table in scenario.users]
    for user in users:
        user.set_keys()
    nicknames = _settle_nicknames(org, users, owner)
    users_by_name = {
        user.username.lower(): user for user in User.objects.bulk_create(users)
    }
    profile = profiles[BuiltInProfile.STANDARD_USER]
    people = _people(org, scenario, profile, nicknames)
    User.objects.bulk_create(people, batch_size=BATCH)
    UserField.objects.bulk_create(table.build(org) for table in scenario.user_fields)
    Certificate.objects.bulk_create(_certificates(org, scenario))
    Issuer.objects.bulk_create(_issuers(org, scenario))
    StoredComponent.objects.bulk_create(
        table.build(org) for table in scenario.stored_components
    )
    RemoteSite.objects.bulk_create(table.build(org) for table in scenario.remote_sites)
    create_log_settings(org, scenario, users_by_name, owner)
    apps_by_name = _create_apps(org, scenario)
    _create_permission_sets(org, scenario, users_by_name, apps_by_name, profiles)
    _create_handlers(org, scenario, owner, apps_by_name, users_by_name)
    ExchangeExample.objects.bulk_create(
        example_of(table, org, apps_by_name[table.app.lower()], owner)
        for table in scenario.examples
    )
    for table in scenario.deployments:
        _deploy(table, owner)
    user_count = scenario.people.count + len(users)
    if user_count > grams.WALKABLE or len(apps_by_name) > grams.WALKABLE:
        grams.rebuild(org)


def _create_permission_sets(
    org: Org,
    scenario: Scenario,
    users_by_name: dict[str, User],
    apps_by_name: dict[str, ClientApp],
    profiles: dict[str, Profile],
) -> None:
    """Create the permission sets, and give them and profiles to users and apps."""
    rows = PermissionSet.objects.bulk_create(
        table.build(org) for table in scenario.permission_sets
    )
    sets = {row.name.lower(): row for row in rows}
    assignments = [
        PermissionSetAssignment(
            org=org,
            user=users_by_name[table.username.lower()],
            permission_set=sets[name],
        )
        for table in scenario.users
        for name in _unique(table.permission_sets)
    ]
    app_profiles: list[AppProfile] = []
    app_sets: list[AppPermissionSet] = []
    for table in scenario.all_apps():
        app = apps_by_name[table.key.lower()]
        keys, names = table.access(scenario.app_defaults)
        for key in dict.fromkeys(keys):
            app_profiles.append(AppProfile(org=org, app=app, profile=profiles[key]))
        for name in dict.fromkeys(names):
            app_sets.append(AppPermissionSet(org=org, app=app, permission_set=sets[name]))
    PermissionSetAssignment.objects.bulk_create(assignments)
    AppProfile.objects.bulk_create(app_profiles, batch_size=BATCH)
    AppPermissionSet.objects.bulk_create(app_sets, batch_size=BATCH)


def _unique(names: list[str]) -> list[str]:
    """Return the names in lowercase, each of them once."""
    return list(dict.fromkeys(map(str.lower, names)))


def _certificates(org: Org, scenario: Scenario) -> Iterator[Certificate]:
    """Yield the certificates. Those without a text get a new key in every org."""
    for table in scenario.certificates:
        certificate = table.build(org)
        if not table.pem:
            renew_key(certificate, table.key_size)
        yield certificate


def _issuers(org: Org, scenario: Scenario) -> Iterator[Issuer]:
    """Yield the simulated issuers, each with a new key."""
    for table in scenario.issuers:
        issuer = table.build(org)
        issuers.renew_key(issuer)
        yield issuer


def _settle_nicknames(org: Org, users: list[User], owner: User) -> Nicknames:
    """Give the users nicknames. Users who sign in give theirs up to the scenario's."""
    nicknames = Nicknames()
    for user in nicknames.settle(users, User.objects.filter(org=org)):
        user.save(update_fields=["nickname"])
        if user == owner:
            owner.nickname = user.nickname
    return nicknames


def _people(
    org: Org, scenario: Scenario, profile: Profile, nicknames: Nicknames
) -> Iterator[User]:
    people = scenario.people
    for position, name in enumerate(first_people(people.seed, people.count)):
        user: User = MadeUpUserFactory.build(
            org=org,
            profile=profile,
            first_name=name.first_name,
            last_name=name.last_name,
            number=people.first_number + position,
            domain=people.domain,
            is_active=not people.every_inactive
            or (position + 1) % people.every_inactive > 0,
        )
        user.set_keys()
        user.nickname = nicknames.propose(user.username)
        yield user


def _create_apps(org: Org, scenario: Scenario) -> dict[str, ClientApp]:
    """Create the apps, and return them by API name in lowercase."""
    apps = [table.build(org, scenario.app_defaults) for table in scenario.all_apps()]
    for app in apps:
        app.set_keys()
    created = ClientApp.objects.bulk_create(apps, batch_size=BATCH)
    return {app.api_name.lower(): app for app in created}


def _create_handlers(
    org: Org,
    scenario: Scenario,
    owner: User,
    apps_by_name: dict[str, ClientApp],
    users_by_name: dict[str, User],
) -> None:
    """Create the classes, the handlers with their counters, and the enablements."""
    classes = [table.build(org) for table in scenario.classes]
    # Their trees are kept from the last org with this scenario.
    set_compiled(org=org.pk, classes=classes)
    ApexClass.objects.bulk_create(classes)
    classes_by_name = {apex_class.name.lower(): apex_class for apex_class in classes}
    enablements = [table for _, table in scenario.all_enablements()]
    counts = Counter(
        (table.handler.lower(), apps_by_name[table.app.lower()].kind)
        for table in enablements
    )
    handlers = []
    for table in scenario.handlers:
        apex_class = classes_by_name[table.apex_class.lower()]
        handler = table.build(org, apex_class=apex_class, owner=owner)
        handler.set_keys()
        key = table.key.lower()
        handler.connected_count = counts[key, ClientApp.Kind.CONNECTED]
        handler.external_count = counts[key, ClientApp.Kind.EXTERNAL]
        handlers.append(handler)
    created = TokenExchangeHandler.objects.bulk_create(handlers)
    handlers_by_name = {handler.developer_name.lower(): handler for handler in created}
    Enablement.objects.bulk_create(
        (
            _enablement(
                table,
                handlers_by_name[table.handler.lower()],
                apps_by_name[table.app.lower()],
                users_by_name[table.run_as.lower()],
            )
            for table in enablements
        ),
        batch_size=BATCH,
    )


def _enablement(
    table: EnablementTable, handler: TokenExchangeHandler, app: ClientApp, run_as: User
) -> Enablement:
    enablement = Enablement(
        org=handler.org,
        handler=handler,
        app=app,
        run_as=run_as,
        is_default=table.default,
        **({"enabled_at": table.enabled_at} if table.enabled_at else {}),
    )
    enablement.copy_from_app()
    return enablement


def _deploy(table: DeploymentTable, owner: User) -> None:
    """Deploy a package as the owner. The deployment can succeed or fail."""
    files = [(file.path, partial(io.BytesIO, file.text.encode())) for file in table.files]
    source = receive_files(files=files, name=table.name, by=owner)
    queue_deployment(source=source, options=Options(check_only=table.check_only), by=owner)
    queue.run_queue(owner.org_id)
