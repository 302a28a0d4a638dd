"""A large org: a million users, and a handler with a million enabled apps.

It is written in batches, so that it takes no more memory than a small one.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from random import Random
from typing import TypeVar

from django.db import models, transaction

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ClientApp, Org, Profile, User
from tokenx.org.search import grams

from .demo import FIRST_DAY, Progress
from .factories import (
    IntegrationUserFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from .people import Person, people

NAME = "tokenx Large"
ADMINISTRATOR = "admin@large.tokenx.example"
SEED = 7
USERS = APPS = 1_000_000
BATCH = 5_000
# So many apps stay free, for somebody to enable.
FREE_APPS = 100

Row = TypeVar("Row", bound=models.Model)


def build(
    *,
    password: str,
    progress: Progress,
    users: int = USERS,
    enabled_apps: int = APPS,
    free_apps: int = FREE_APPS,
    administrator_name: str = ADMINISTRATOR,
) -> User:
    """Make the org, of the sizes given; its administrator, who may sign in."""
    org = OrgFactory.create(name=NAME)
    administrator = UserFactory.build(
        org=org,
        username=administrator_name,
        first_name="Ada",
        last_name="Admin",
        profile=Profile.SYSTEM_ADMINISTRATOR,
    )
    administrator.set_password(password)
    administrator.save()
    run_as = IntegrationUserFactory.create(
        org=org,
        first_name="Integration",
        last_name="User",
        username="integrationuser@mycompany.com",
    )
    handler = TokenExchangeHandlerFactory.create(
        org=org,
        label="MyTokenExchangeHandler",
        developer_name="MyTokenExchangeHandler",
        apex_class__name="MyOauthTokenExchangeHandler",
        modified_by=administrator,
        modified_at=FIRST_DAY,
    )
    _write(_users(org, users), users, "Users", progress)
    apps = enabled_apps + free_apps
    _write(_apps(org, apps), apps, "Apps", progress)
    enablements = _enablements(handler, run_as, enabled_apps)
    _write(enablements, enabled_apps, "Enabled apps", progress)
    handler.count_apps()
    grams.rebuild(org, progress=partial(progress, "Search index"))
    return administrator


def _write(rows: Iterable[Row], total: int, what: str, progress: Progress) -> None:
    rest = iter(rows)
    done = 0
    while batch := list(islice(rest, BATCH)):
        with transaction.atomic():
            type(batch[0])._default_manager.bulk_create(batch)
        done += len(batch)
        progress(what, done, total)


def _users(org: Org, number: int) -> Iterator[User]:
    names = names_of_many(SEED)
    for place, person in enumerate(islice(names, number)):
        user = User(
            org=org,
            first_name=person.first_name,
            last_name=person.last_name,
            username=f"user{place}@large.example",
            email=f"user{place}@large.example",
        )
        user.set_keys()
        yield user


def names_of_many(seed: int) -> Iterator[Person]:
    """Names for a crowd: some are frequent, and most are not."""
    random = Random(seed)  # noqa: S311 (nothing secret)
    known = list(islice(people(seed), 20_000))
    first, last = [p.first_name for p in known], [p.last_name for p in known]
    weights = [1 / (place + 10) for place in range(len(known))]
    while True:
        yield from map(
            Person,
            random.choices(first, weights, k=BATCH),
            random.choices(last, weights, k=BATCH),
        )


def _apps(org: Org, number: int) -> Iterator[ClientApp]:
    kinds = list(ClientApp.Kind)
    for place in range(number):
        app = ClientApp(
            org=org,
            kind=kinds[place % 4 == 0],
            label=f"Device {place:07}",
            api_name=f"Device_{place:07}",
            contact_email=ADMINISTRATOR,
            allows_token_exchange=True,
            policy_allows_token_exchange=True,
        )
        app.set_keys()
        yield app


def _enablements(
    handler: TokenExchangeHandler, run_as: User, number: int
) -> Iterator[Enablement]:
    """The apps that stay free lie among the others."""
    apps = ClientApp.objects.filter(org=handler.org).by_label()
    every = apps.count() // number
    spread = islice(apps.iterator(chunk_size=BATCH), 0, number * every, every)
    for app in spread:
        enablement = Enablement(
            org=handler.org,
            handler=handler,
            app=app,
            run_as=run_as,
            is_default=True,
            enabled_at=FIRST_DAY,
            modified_at=FIRST_DAY,
        )
        enablement.copy_from_app()
        yield enablement
