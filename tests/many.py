"""Many rows at once, without the factories, which take a millisecond for each."""

from django.db import connection

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ClientApp, User
from tokenx.org.search.grams import grams_of_app, grams_of_user

from .factories import IntegrationUserFactory


def make_apps(org, number: int, label: str = "App {:04}", **fields) -> list[ClientApp]:
    eligible = {"allows_token_exchange": True, "policy_allows_token_exchange": True}
    fields = {"kind": ClientApp.Kind.CONNECTED} | eligible | fields
    apps = [
        ClientApp(org=org, label=label.format(place), api_name=f"App_{place:04}", **fields)
        for place in range(number)
    ]
    for app in apps:
        app.set_keys()
    return ClientApp.objects.bulk_create(apps)


def enable(
    handler: TokenExchangeHandler, apps: list[ClientApp], run_as: list[User] | None = None
) -> list[Enablement]:
    """Enable all of the apps; the handler runs as each of the users in turn."""
    users = run_as or [IntegrationUserFactory(org=handler.org)]
    made = [
        Enablement(
            org=handler.org, handler=handler, app=app, run_as=users[place % len(users)]
        )
        for place, app in enumerate(apps)
    ]
    for enablement in made:
        enablement.copy_from_app()
    Enablement.objects.bulk_create(made)
    handler.count_apps()
    return made


def make_users(org, names: list[str], **fields) -> list[User]:
    """Users of these names; the last word is the last name."""
    users = []
    for place, name in enumerate(names):
        first, _, last = name.rpartition(" ")
        username = f"user{place}@many.example"
        user = User(org=org, first_name=first, last_name=last, username=username, **fields)
        user.set_keys()
        users.append(user)
    return User.objects.bulk_create(users)


def add_grams(org) -> None:
    """The search index that large orgs have, for an org of any size."""
    users = User.objects.filter(org=org, is_active=True)
    apps = ClientApp.objects.filter(org=org)
    of_users = [(org.pk, g, u.name_key, u.pk) for u in users for g in grams_of_user(u)]
    of_apps = [(org.pk, g, a.search_key, a.pk) for a in apps for g in grams_of_app(a)]
    with connection.cursor() as cursor:
        for what, rows in [("user", of_users), ("app", of_apps)]:
            columns = f"org_{what}gram (org_id, gram, key, {what}_id)"
            sql = f"INSERT INTO {columns} VALUES (%s, %s, %s, %s)"
            cursor.executemany(sql, sorted(rows))
    org.has_user_grams = org.has_app_grams = True
    org.save()
