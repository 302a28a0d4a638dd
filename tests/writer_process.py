"""A process that writes until it's killed and prints each change after saving it."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ["DJANGO_SETTINGS_MODULE"] = "tokenx.settings"

import django

django.setup()

from django.core.management import call_command

from tests.factories import (
    ClientAppFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tokenx.handlers import actions
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ClientApp, Org, User

WRITERS = 4


def build() -> None:
    """Create an org with a handler, and an app for each writer."""
    org = OrgFactory()
    administrator = UserFactory(org=org, username="ada@writers.example")
    TokenExchangeHandlerFactory(org=org, label="Pilot", modified_by=administrator)
    for number in range(WRITERS):
        ClientAppFactory(org=org, label=f"Store {number}")


def write(number: int, handler: TokenExchangeHandler, by: User) -> None:
    """Enable and remove the writer's own app, over and over."""
    app = ClientApp.objects.get(org=by.org, label=f"Store {number}")
    while True:
        enabled = Enablement.objects.of(handler).filter(app=app)
        if enablement := enabled.select_related("app", "handler").first():
            actions.remove_app(enablement=enablement, by=by)
        else:
            actions.enable_app(
                handler=handler, app=app, run_as=by, make_default=True, by=by
            )
        print(app.label)


call_command("migrate", verbosity=0)
if not Org.objects.exists():
    build()
administrator = User.objects.get(username="ada@writers.example")
pilot = TokenExchangeHandler.objects.get(label="Pilot")
print("writing")
with ThreadPoolExecutor(WRITERS) as pool:
    list(pool.map(lambda number: write(number, pilot, administrator), range(WRITERS)))
