"""A large org: a million users, and a handler with a million enabled apps.

The rows are written in batches, which keeps memory use as low as for a small org.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from random import Random
from typing import TypeVar

from django.db import models, transaction
from django.utils import timezone

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ApexClass, BuiltInProfile, ClientApp, Org, Profile, User
from tokenx.org.search import grams
from tokenx.setup.compile_classes import set_compiled
from tokenx.training.practice.removal import remove_org

from .apex_classes import body_of
from .people import PersonName, people

# Receives the name of a step, the number of rows done, and their total.
Progress = Callable[[str, int, int], None]

NAME = "tokenx Large"
ADMINISTRATOR = "admin@large.tokenx.example"
FIRST_DAY = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
SEED = 7
USERS = APPS = 1_000_000
BATCH = 5_000
# The number of apps that no handler is enabled for yet.
FREE_APPS = 100
# An unfinished org is removed after this time even if no one builds it again.
UNFINISHED_FOR = timedelta(days=1)

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
    """Build an org of the given sizes, and return its administrator, who can sign in.

    The org is written in many transactions. Until the last one, its administrator can't
    sign in, and the org expires, so that no one takes an interrupted build for a whole one.
    """
    org = Org.objects.create(name=NAME, expires_at=timezone.now() + UNFINISHED_FOR)
    profiles = Profile.objects.built_in_by_kind(org)
    administrator = User(
        org=org,
        username=administrator_name,
        email=administrator_name,
        first_name="Ada",
        last_name="Admin",
        profile=profiles[BuiltInProfile.SYSTEM_ADMINISTRATOR],
    )
    administrator.set_unusable_password()
    administrator.save()
    run_as = User.objects.create(
        org=org,
        first_name="Integration",
        last_name="User",
        username="integrationuser@mycompany.com",
        email="integrationuser@mycompany.com",
        profile=profiles[BuiltInProfile.API_ONLY],
        is_integration_user=True,
    )
    class_name = "MyOauthTokenExchangeHandler"
    apex_class = ApexClass(org=org, name=class_name, body=body_of(class_name))
    set_compiled(org=org.pk, classes=[apex_class])
    apex_class.save()
    handler = TokenExchangeHandler.objects.create(
        org=org,
        label="MyTokenExchangeHandler",
        developer_name="MyTokenExchangeHandler",
        description="Validates tokens from an external identity provider.",
        is_enabled=True,
        supports_jwt=True,
        apex_class=apex_class,
        created_by=administrator,
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
    with transaction.atomic():
        Org.objects.filter(pk=org.pk).update(expires_at=None)
        administrator.org.refresh_from_db()
        administrator.set_password(password)
        administrator.save()
    return administrator


def remove_unfinished(administrator_name: str = ADMINISTRATOR) -> str:
    """Remove the orgs whose build was interrupted. Return their name, if any."""
    users = User.objects.filter(
        username=administrator_name,
        can_sign_in=False,
        org__name=NAME,
        org__expires_at__isnull=False,
    )
    orgs = [user.org for user in users.select_related("org")]
    for org in orgs:
        remove_org(org)
    return NAME if orgs else ""


def _write(rows: Iterable[Row], total: int, step: str, progress: Progress) -> None:
    remaining = iter(rows)
    done = 0
    while batch := list(islice(remaining, BATCH)):
        with transaction.atomic():
            type(batch[0])._default_manager.bulk_create(batch)
        done += len(batch)
        progress(step, done, total)


def _users(org: Org, number: int) -> Iterator[User]:
    profile = Profile.objects.built_in(org, BuiltInProfile.STANDARD_USER)
    for index, name in enumerate(islice(frequent_names(SEED), number)):
        user = User(
            org=org,
            first_name=name.first_name,
            last_name=name.last_name,
            username=f"user{index}@large.example",
            email=f"user{index}@large.example",
            nickname=f"user{index}",
            profile=profile,
        )
        user.set_keys()
        yield user


def frequent_names(seed: int) -> Iterator[PersonName]:
    """Yield names for many users. A few names are frequent, and most are rare."""
    random = Random(seed)  # noqa: S311 (nothing secret)
    names = list(islice(people(seed), 20_000))
    first = [name.first_name for name in names]
    last = [name.last_name for name in names]
    weights = [1 / (index + 10) for index in range(len(names))]
    while True:
        yield from map(
            PersonName,
            random.choices(first, weights, k=BATCH),
            random.choices(last, weights, k=BATCH),
        )


def _apps(org: Org, number: int) -> Iterator[ClientApp]:
    kinds = list(ClientApp.Kind)
    for index in range(number):
        app = ClientApp(
            org=org,
            kind=kinds[index % 4 == 0],
            label=f"Device {index:07}",
            api_name=f"Device_{index:07}",
            contact_email=ADMINISTRATOR,
            allows_token_exchange=True,
            policy_allows_token_exchange=True,
        )
        app.set_keys()
        yield app


def _enablements(
    handler: TokenExchangeHandler, run_as: User, number: int
) -> Iterator[Enablement]:
    """Yield enablements for apps that are spread evenly over the list of all apps."""
    apps = ClientApp.objects.filter(org=handler.org).by_label()
    step = apps.count() // number
    enabled = islice(apps.iterator(chunk_size=BATCH), 0, number * step, step)
    for app in enabled:
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
