"""A process that writes until it is killed, and says each change after it was made."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ["DJANGO_SETTINGS_MODULE"] = "tokenx.settings"

import django

django.setup()

from django.core.management import call_command

from tokenx.handlers import actions
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ClientApp, Org, User
from tokenx.training import demo_org

WRITERS = 4


def write(number: int, handler: TokenExchangeHandler, by: User) -> None:
    """Enable and remove the writer's own app, over and over."""
    app = ClientApp.objects.get(org=by.org, label=f"Store {number + 1:03}")
    while True:
        enabled = Enablement.objects.of(handler).filter(app=app)
        if found := enabled.select_related("app", "handler").first():
            actions.remove_app(enablement=found, by=by)
        else:
            actions.enable_app(
                handler=handler, app=app, run_as=by, make_default=True, by=by
            )
        print(app.label)


call_command("migrate", verbosity=0)
if not Org.objects.exists():
    demo_org.build(password="for-this-test-only")
administrator = User.objects.get(username=demo_org.ADMINISTRATOR)
pilot = TokenExchangeHandler.objects.get(label="Pilot")
print("writing")
with ThreadPoolExecutor(WRITERS) as pool:
    list(pool.map(lambda number: write(number, pilot, administrator), range(WRITERS)))
