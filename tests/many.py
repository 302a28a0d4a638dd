"""Bulk inserts of rows, because factories take a millisecond per row."""

from django.db import connection

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import BuiltInProfile, ClientApp, User
from tokenx.org.search.grams import grams_of_app, grams_of_user

from .factories import IntegrationUserFactory, profile_of


def make_apps(org, number: int, label: str = "App {:04}", **fields) -> list[ClientApp]:
    eligible = {"allows_token_exchange": True, "policy_allows_token_exchange": True}
    fields = {"kind": ClientApp.Kind.CONNECTED} | eligible | fields
    apps = [
        ClientApp(org=org, label=label.format(index), api_name=f"App_{index:04}", **fields)
        for index in range(number)
    ]
    for app in apps:
        app.set_keys()
    return ClientApp.objects.bulk_create(apps)


def enable(
    handler: TokenExchangeHandler, apps: list[ClientApp], run_as: list[User] | None = None
) -> list[Enablement]:
    """Enable all of the apps. The handler runs as each user in turn."""
    users = run_as or [IntegrationUserFactory(org=handler.org)]
    enablements = [
        Enablement(
            org=handler.org, handler=handler, app=app, run_as=users[index % len(users)]
        )
        for index, app in enumerate(apps)
    ]
    for enablement in enablements:
        enablement.copy_from_app()
    Enablement.objects.bulk_create(enablements)
    handler.count_apps()
    return enablements


def make_users(org, names: list[str], **fields) -> list[User]:
    """Create users with these names; the last word is the last name."""
    fields = {"profile": profile_of(org, BuiltInProfile.STANDARD_USER)} | fields
    users = []
    for index, name in enumerate(names):
        first, _, last = name.rpartition(" ")
        username = f"user{index}@many.example"
        user = User(org=org, first_name=first, last_name=last, username=username, **fields)
        user.set_keys()
        users.append(user)
    return User.objects.bulk_create(users)


def add_grams(org) -> None:
    """Add the search index of large orgs to an org of any size."""
    users = User.objects.filter(org=org, is_active=True)
    apps = ClientApp.objects.filter(org=org)
    of_users = [(org.pk, g, u.name_key, u.pk) for u in users for g in grams_of_user(u)]
    of_apps = [(org.pk, g, a.search_key, a.pk) for a in apps for g in grams_of_app(a)]
    with connection.cursor() as cursor:
        for kind, rows in [("user", of_users), ("app", of_apps)]:
            columns = f"org_{kind}gram (org_id, gram, key, {kind}_id)"
            sql = f"INSERT INTO {columns} VALUES (%s, %s, %s, %s)"
            cursor.executemany(sql, sorted(rows))
    org.has_user_grams = org.has_app_grams = True
    org.save()
