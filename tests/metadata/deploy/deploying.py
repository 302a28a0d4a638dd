"""Build packages, and deploy them as the pages and the API do."""

import io

from tests.factories import ApexClassFactory, ClientAppFactory, IntegrationUserFactory
from tests.metadata.package.zips import zip_of
from tokenx.metadata.deploy import queue
from tokenx.metadata.deploy.actions import Options, queue_deployment, receive_source
from tokenx.metadata.format.definitions import (
    TYPES,
    ApexClassDefinition,
    ConnectedAppDefinition,
    EnablementDefinition,
    ExternalAppDefinition,
    HandlerDefinition,
    Manifest,
    ManifestTypes,
    OauthConfig,
    OauthPolicy,
)
from tokenx.metadata.format.writer import write
from tokenx.metadata.package.components import file_names
from tokenx.metadata.retrieve.retrieve import ALL, retrieve
from tokenx.org.models import ClientApp
from tokenx.training.scenarios.apex_classes import body_of

RUN_AS = "inga@mycompany.example"

# --- Components ------------------------------------------------------------------------


def handler(name="Mine", *apps, **values):
    """Return a handler for connected apps with these names, or for enablements."""
    defaults = {
        "developer_name": name,
        "label": name.replace("_", " "),
        "description": "",
        "apex_class": "ShopTokens",
        "is_enabled": True,
        "supports_access_token": False,
        "supports_id_token": False,
        "supports_jwt": True,
        "supports_refresh_token": False,
        "supports_saml2": False,
        "allows_user_creation": False,
        "enablements": tuple(enabled(app) if isinstance(app, str) else app for app in apps),
    }
    return HandlerDefinition(**defaults | values)


def enabled(app="", *, is_default=False, run_as=RUN_AS, external=None):
    name = {"external_app": external} if external else {"connected_app": app}
    return EnablementDefinition(run_as=run_as, is_default=is_default, **name)


def apex_class(name="ShopTokens", **values):
    return ApexClassDefinition(**{"api_version": "62.0", "body": body_of(name)} | values)


def connected_app(label="Billing", *, config=None, policy=None, **values):
    """Return an app that's set up for token exchange."""
    return ConnectedAppDefinition(
        contact_email="apps@mycompany.example",
        label=label,
        oauth_config=OauthConfig(**{"allows_token_exchange": True} | (config or {})),
        oauth_policy=OauthPolicy(**{"policy_allows_token_exchange": True} | (policy or {})),
        **values,
    )


def external_app(label="Portal", **values):
    return ExternalAppDefinition(
        contact_email="apps@mycompany.example", label=label, **values
    )


def files_of(*components):
    """Return the files of handlers and of (name, definition) pairs."""
    files = {}
    for each in components:
        name, definition = each if isinstance(each, tuple) else (each.developer_name, each)
        names = file_names(definition.type_name, name, source_format=False)
        contents = ["".join(write(definition)).encode()]
        if TYPES[definition.type_name].has_content:
            contents.insert(0, definition.body.encode())
        files |= dict(zip(names, contents, strict=True))
    return files


def manifest(**members):
    """Return a manifest of members by type: `manifest(ApexClass=["Mine"])`."""
    types = (ManifestTypes(name=name, members=tuple(m)) for name, m in members.items())
    return "".join(write(Manifest(types=tuple(types), version="67.0"))).encode()


EVERYTHING = manifest(**ALL)


def package(*components, **members):
    """Return the components' files, a manifest that names all of them, and other files."""
    return {"package.xml": EVERYTHING, **files_of(*components), **members}


def deletions(name="destructiveChanges.xml", **members):
    return {"package.xml": manifest(), name: manifest(**members)}


# --- Deployments -----------------------------------------------------------------------


def receive(by, files, name="package.zip"):
    """Store a source from files by name or from bytes."""
    if isinstance(files, dict):
        files = zip_of(files).getvalue()
    return receive_source(stream=io.BytesIO(files), name=name, by=by)


def queued(by, files, *, name="package.zip", **options):
    source = receive(by, files, name)
    return queue_deployment(source=source, options=Options(**options), by=by)


def deploy(by, files, *, name="package.zip", **options):
    """Deploy files by name, a zip's bytes, or the definitions in a list."""
    if isinstance(files, list):
        files = package(*files)
    deployment = queued(by, files, name=name, **options)
    queue.wake(by.org_id)
    deployment.refresh_from_db()
    return deployment


def outcomes(deployment):
    """Return the outcome of each component by its name."""
    rows = deployment.messages.exclude(type_name="").order_by("number")
    return {row.full_name: row.outcome for row in rows}


def problems(deployment):
    """Return the problems as lines with their locations, as compilers print them."""
    rows = deployment.messages.exclude(problem="").order_by("number")
    return [f"{row.location} {row.problem}" for row in rows]


def only_problem(deployment):
    [problem] = problems(deployment)
    return problem


def retrieved(org, members=ALL):
    """Return the org's files by name."""
    return {
        name: b"".join(p.encode() if isinstance(p, str) else p for p in pieces)
        for name, pieces in retrieve(org, members).files()
    }


def location_in(files, name, element, number=0):
    """Return `file:line:column` of an element in one of the files."""
    lines = files[name].decode().splitlines()
    line_number = [n for n, line in enumerate(lines, 1) if f"<{element}>" in line][number]
    return f"{name}:{line_number}:{lines[line_number - 1].index('<') + 1}"


# --- Existing components ---------------------------------------------------------------


def ready_for_handlers(org, *apps):
    """Create the class, the user, and the connected apps that handlers refer to."""
    ApexClassFactory(org=org, name="ShopTokens")
    IntegrationUserFactory(org=org, username=RUN_AS, last_name="Integration")
    return [ClientAppFactory(org=org, label=name, api_name=name) for name in apps]


def app_of(org, api_name):
    return ClientApp.objects.get(org=org, api_name=api_name)
