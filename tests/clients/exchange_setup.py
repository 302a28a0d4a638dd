"""Prepare the demo org for clients that exchange tokens, and print what they need.

Takes ORG_USERNAME and the server's TOKENX_DATA_DIR. Prints lines such as CLIENT_ID='…' for
a shell. The secret is new, because no one can read the app's current one.
"""

import os
import shlex

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenx.settings")
django.setup()

from tokenx.handlers.models import Enablement
from tokenx.org.models import Profile, Scope, User
from tokenx.setup.actions.apps import change_app, rotate_secret
from tokenx.setup.apex_runs.recipes import TokenRecipe, mint_recipe
from tokenx.setup.forms.run_apex_class import likely_issuer

HANDLER = "MyTokenExchangeHandler"


def values() -> dict[str, str]:
    """Return the environment of the checks."""
    admin = User.objects.get(username=os.environ["ORG_USERNAME"])
    enablement = (
        Enablement.objects.filter(org=admin.org, is_default=True)
        .filter(handler__developer_name=HANDLER)
        .select_related("app", "handler__apex_class")
        .order_by("pk")
        .first()
    )
    assert enablement is not None
    issuer = likely_issuer(enablement.handler.apex_class)
    assert issuer is not None
    change_app(
        app=enablement.app,
        by=admin,
        values={
            "scopes": [Scope.API, Scope.REFRESH_TOKEN, Scope.OPENID, Scope.ID],
            "permitted_users": "AdminApprovedPreAuthorized",
        },
        profiles=list(Profile.objects.filter(org=admin.org)),
    )
    app, secret = rotate_secret(app=enablement.app, by=admin)
    recipe = TokenRecipe(issuer=issuer.name, token_type="JWT")
    return {
        "CLIENT_ID": app.consumer_key,
        "CLIENT_SECRET": secret,
        "TOKEN_HANDLER": enablement.handler.developer_name,
        "SUBJECT_TOKEN": mint_recipe(admin.org, recipe),
        "FORGED_TOKEN": mint_recipe(
            admin.org,
            TokenRecipe(issuer=issuer.name, token_type="JWT", broken="forged_signature"),
        ),
    }


if __name__ == "__main__":
    for name, value in values().items():
        print(f"export {name}={shlex.quote(value)}")
