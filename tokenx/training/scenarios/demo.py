"""The demo org: what `manage.py demo` opens, the same on every build."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from django.db import transaction
from django.utils.text import slugify

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.api_names import propose
from tokenx.org.models import ApexClass, ClientApp, Org, Profile, Scope, User
from tokenx.org.search import grams
from tokenx.training.models import PracticeOrg
from tokenx.web.text import fold

from .factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
    made_username,
)
from .people import first_people

# Told what is being made, how many are, and how many there will be.
Progress = Callable[[str, int, int], None]

NAME = "tokenx Demo"
SCENARIO = "demo"
DESCRIPTION = "A company with seven handlers, one of them for a fleet of stores."
ADMINISTRATOR = "admin@tokenx.example"
VIEWER = "viewer@tokenx.example"
SEED = 2024
PEOPLE = 310
CONNECTED, EXTERNAL = ClientApp.Kind.CONNECTED, ClientApp.Kind.EXTERNAL
FIRST_DAY = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)

# Label, kind, and the two switches: the developer's setting, the admin's policy.
APPS = [
    ("TokenExchangeApp1", CONNECTED, True, True),
    ("TokenExchangeApp2", CONNECTED, True, True),
    ("Billing Sync", CONNECTED, True, False),
    ("Field Service Mobile", CONNECTED, True, True),
    ("Warehouse Scanner", CONNECTED, True, True),
    ("Payroll Export", CONNECTED, False, True),
    ("Legacy ERP Bridge", CONNECTED, False, False),
    ("Customer Data Lake", CONNECTED, True, True),
    ("Ops Dashboard", CONNECTED, True, True),
    ("Ticket Importer", CONNECTED, True, False),
    ("Sales Insights", CONNECTED, True, True),
    ("Invoice Archive", CONNECTED, False, False),
    ("Data Loader", CONNECTED, False, False),
    ("Café Loyalty", CONNECTED, True, True),
    ("Partner Portal", EXTERNAL, True, True),
    ("Token Exchange ECA", EXTERNAL, True, True),
    ("Customer Mobile App", EXTERNAL, True, True),
    ("Delivery Tracking", EXTERNAL, True, True),
    ("Marketing Automation", EXTERNAL, True, False),
    ("Contract Signing", EXTERNAL, False, True),
    ("Chat Assistant", EXTERNAL, True, True),
    ("Expense Reports", EXTERNAL, False, False),
    ("Identity Verification Kiosk", EXTERNAL, True, True),
    ("Event Check-in", EXTERNAL, True, True),
    ("Supplier Onboarding", EXTERNAL, True, False),
    ("日本語ポータル", EXTERNAL, True, True),
    ("Vendor Sandbox", EXTERNAL, False, False),
]
STORES = 130

INTEGRATION_USERS = [
    ("Integration", "User", "integrationuser@mycompany.com"),
    ("Token", "Exchange", "token.exchange@mycompany.com"),
    ("API", "Integration", "api.integration@mycompany.com"),
    ("Data", "Migration", "data.migration@mycompany.com"),
    ("ERP", "Connector", "erp.connector@mycompany.com"),
    ("", "Integración México", "integracion.mx@mycompany.com"),
]

# Name, API name, Apex class, enabled, token types, description, may it create users.
HANDLERS = [
    ("MyTokenExchangeHandler", "MyTokenExchangeHandler", "MyOauthTokenExchangeHandler",
     True, ["access_token", "jwt"], "My token exchange handler", True),
    ("Okta Workforce", "Okta_Workforce", "OktaTokenHandler",
     True, ["jwt", "id_token"], "Employees who signed in with Okta.", False),
    ("Entra ID", "Entra_ID", "EntraTokenHandler",
     True, ["jwt", "access_token", "id_token"], "Employees who signed in with Entra ID.",
     False),
    ("Store Fleet", "Store_Fleet", "StoreFleetTokenHandler",
     True, ["jwt"], "The tills of all stores; one app for each store.", False),
    ("Legacy SAML", "Legacy_SAML", "SamlTokenHandler",
     False, ["saml2"], "Replaced by Okta Workforce. Kept until the audit.", False),
    ("Customer Sign-up", "Customer_Sign_up", "CustomerTokenHandler",
     True, ["id_token", "refresh_token"], "Customers; makes a user for a new one.", True),
    ("Pilot", "Pilot", "PilotTokenHandler",
     True, ["access_token"], "Not enabled for any app yet.", False),
]  # fmt: skip

# Handler, app, username it runs as, is it the app's default.
ENABLEMENTS = [
    (
        "MyTokenExchangeHandler",
        "Warehouse Scanner",
        "integrationuser@mycompany.com",
        True,
    ),
    ("MyTokenExchangeHandler", "Sales Insights", "token.exchange@mycompany.com", False),
    ("MyTokenExchangeHandler", "Partner Portal", "integrationuser@mycompany.com", True),
    ("Okta Workforce", "TokenExchangeApp2", "integrationuser@mycompany.com", True),
    ("Okta Workforce", "Sales Insights", "api.integration@mycompany.com", True),
    ("Okta Workforce", "Ops Dashboard", "token.exchange@mycompany.com", True),
    ("Okta Workforce", "Chat Assistant", "api.integration@mycompany.com", False),
    ("Entra ID", "Sales Insights", "token.exchange@mycompany.com", False),
    ("Entra ID", "Field Service Mobile", "erp.connector@mycompany.com", True),
    ("Entra ID", "Customer Data Lake", "data.migration@mycompany.com", True),
    ("Legacy SAML", "Ops Dashboard", "erp.connector@mycompany.com", False),
    ("Customer Sign-up", "Customer Mobile App", "integrationuser@mycompany.com", True),
    ("Customer Sign-up", "Delivery Tracking", "integrationuser@mycompany.com", True),
    ("Customer Sign-up", "Café Loyalty", "token.exchange@mycompany.com", True),
]


@transaction.atomic
def build(*, password: str, progress: Progress | None = None) -> User:
    """Make the demo org in a few bulk statements; its administrator, who may sign in.

    Raises IntegrityError if there is one already: its people can sign in only once.
    """
    org = OrgFactory.create(name=NAME)
    administrator = _sign_in(org, ADMINISTRATOR, "Ada", Profile.SYSTEM_ADMINISTRATOR)
    viewer = _sign_in(org, VIEWER, "Vera", Profile.SETUP_VIEWER)
    for person in (administrator, viewer):
        person.set_password(password)
        person.save()
    PracticeOrg.objects.create(org=org, owner=administrator, scenario=SCENARIO)
    _fill(org, administrator)
    return administrator


def put_back(org: Org, administrator: User) -> None:
    """Fill it again, after all but the people who sign in was deleted."""
    org.name = NAME
    org.save(update_fields=["name"])
    known = {ADMINISTRATOR: Profile.SYSTEM_ADMINISTRATOR, VIEWER: Profile.SETUP_VIEWER}
    people = User.objects.filter(org=org, can_sign_in=True).order_by("pk")
    for person, (username, profile) in zip(people, known.items(), strict=False):
        person.username, person.profile, person.is_active = username, profile, True
        person.save()
    _fill(org, administrator)


def _fill(org: Org, administrator: User) -> None:
    users = {user.username: user for user in _users(org)}
    apps = {app.label: app for app in _apps(org)}
    handlers = _handlers(org, administrator)
    _enable(handlers, apps, users)
    grams.rebuild(org)


def _sign_in(org: Org, username: str, first_name: str, profile: Profile) -> User:
    return UserFactory.build(
        org=org,
        username=username,
        first_name=first_name,
        last_name="Admin" if profile == Profile.SYSTEM_ADMINISTRATOR else "Viewer",
        profile=profile,
    )


def _users(org: Org) -> list[User]:
    users = [
        IntegrationUserFactory.build(
            org=org, first_name=first, last_name=last, username=username
        )
        for first, last, username in INTEGRATION_USERS
    ]
    for number, person in enumerate(first_people(SEED, PEOPLE)):
        name = made_username(person.first_name, person.last_name)
        users.append(
            UserFactory.build(
                org=org,
                first_name=person.first_name,
                last_name=person.last_name,
                username=f"{name[:40].replace('_', '.')}.{number}@mycompany.com",
                is_active=number % 25 != 24,
            )
        )
    for user in users:
        user.set_keys()
    return User.objects.bulk_create(users)


def _apps(org: Org) -> list[ClientApp]:
    stores = [
        (f"Store {number:03}", EXTERNAL if number % 4 == 0 else CONNECTED, True, True)
        for number in range(1, STORES + 1)
    ]
    apps = [
        ClientAppFactory.build(
            org=org,
            kind=kind,
            label=label,
            api_name=API_NAMES.get(label) or propose(label),
            allows_token_exchange=setting,
            policy_allows_token_exchange=policy,
            contact_email=ADMINISTRATOR,
            callback_url=f"https://mycompany.example/{slugify(fold(label))}/callback",
            scopes=[Scope.API, Scope.REFRESH_TOKEN],
            modified_at=FIRST_DAY,
        )
        for label, kind, setting, policy in [*APPS, *stores]
    ]
    for app in apps:
        app.set_keys()
    return ClientApp.objects.bulk_create(apps)


# Where the API name is not made from the label.
API_NAMES = {"日本語ポータル": "Japan_Portal"}


def _handlers(org: Org, by: User) -> dict[str, TokenExchangeHandler]:
    classes = ApexClass.objects.bulk_create(
        ApexClassFactory.build(org=org, name=row[2]) for row in HANDLERS
    )
    handlers = []
    for place, (row, apex_class) in enumerate(zip(HANDLERS, classes, strict=True)):
        label, name, _, is_enabled, types, description, creates = row
        handler = TokenExchangeHandlerFactory.build(
            org=org,
            label=label,
            developer_name=name,
            description=description,
            apex_class=apex_class,
            is_enabled=is_enabled,
            allows_user_creation=creates,
            modified_by=by,
            modified_at=FIRST_DAY + timedelta(days=11 * place, minutes=37 * place),
            **{
                field: field.removeprefix("supports_") in types
                for field in TokenExchangeHandler.TOKEN_TYPES
            },
        )
        handler.set_keys()
        handlers.append(handler)
    made = TokenExchangeHandler.objects.bulk_create(handlers)
    return {handler.label: handler for handler in made}


def _enable(
    handlers: dict[str, TokenExchangeHandler],
    apps: dict[str, ClientApp],
    users: dict[str, User],
) -> None:
    random = Random(SEED)  # noqa: S311 (nothing secret)
    fleet = [
        (
            "Store Fleet",
            f"Store {number:03}",
            random.choice(INTEGRATION_USERS)[2],
            number % 7 > 0,
        )
        for number in range(1, STORES + 1)
    ]
    Enablement.objects.bulk_create(
        EnablementFactory.build(
            handler=handlers[handler],
            app=apps[app],
            run_as=users[username],
            is_default=is_default,
            enabled_at=FIRST_DAY + timedelta(hours=5 * place, minutes=13 * place),
        )
        for place, (handler, app, username, is_default) in enumerate([*ENABLEMENTS, *fleet])
    )
    for handler in handlers.values():
        handler.count_apps()
