"""Run commands as a shell does, and write files for them."""

import json
from io import StringIO
from typing import NamedTuple

from django.core.management import CommandError, call_command

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    TokenExchangeHandlerFactory,
)
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.format.definitions import (
    EnablementDefinition,
    HandlerDefinition,
    Manifest,
    ManifestTypes,
)
from tokenx.metadata.models import Deployment
from tokenx.org.models import ClientApp

from .format.samples import written

FOLDER = "oauthtokenexchangehandlers"
SUFFIX = ".oauthtokenexchangehandler"


class Ran(NamedTuple):
    """The exit status and the output of a command."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return self.out.splitlines()


def run(name, *arguments):
    out, err = StringIO(), StringIO()
    status = 0
    try:
        call_command(name, *map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        status = error.returncode
        err.write(f"{error}\n")
    except SystemExit as error:
        status = error.code
    return Ran(status, out.getvalue(), err.getvalue())


def handler_file(name="Shop", apex_class="ShopTokens", *enablements, **changes):
    """Return a handler's file. An enablement is (app, username, is_default)."""
    values = {
        "developer_name": name,
        "label": name,
        "description": "",
        "apex_class": apex_class,
        "is_enabled": True,
        "supports_access_token": False,
        "supports_id_token": False,
        "supports_jwt": True,
        "supports_refresh_token": False,
        "supports_saml2": False,
        "allows_user_creation": False,
        "enablements": tuple(
            EnablementDefinition(connected_app=app, run_as=username, is_default=is_default)
            for app, username, is_default in enablements
        ),
    }
    return written(HandlerDefinition(**{**values, **changes}))


def manifest(*names, type_name="OauthTokenExchangeHandler"):
    """Return a package.xml or a destructiveChanges.xml."""
    types = (ManifestTypes(members=names, name=type_name),) if names else ()
    return written(Manifest(types=types, version="62.0"))


def put(folder, name, content):
    """Write a file into a folder, and create the folders above it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def fill(org, by):
    """Create components of every type that has a file."""
    handler = TokenExchangeHandlerFactory(
        org=org, label="Fleet", developer_name="Fleet", modified_by=by
    )
    person = IntegrationUserFactory(org=org, username="inga@mycompany.example")
    billing = ClientAppFactory(org=org, label="Billing", contact_email="a@b.example")
    portal = ClientAppFactory(
        org=org,
        label="Portal",
        kind=ClientApp.Kind.EXTERNAL,
        contact_email="a@b.example",
    )
    EnablementFactory(handler=handler, app=billing, run_as=person, is_default=True)
    EnablementFactory(handler=handler, app=portal, run_as=person)
    ApexClassFactory(org=org, name="ShopTokens")
    return handler


def names_of_handlers(org):
    return set(
        TokenExchangeHandler.objects.filter(org=org).values_list(
            "developer_name", flat=True
        )
    )


def last_deployment():
    return Deployment.objects.latest("id")
