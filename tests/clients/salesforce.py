"""Helpers for tests with simple-salesforce."""

from tests.metadata.deploy.deploying import RUN_AS
from tests.metadata.package.zips import zip_of
from tokenx.handlers.models import TokenExchangeHandler

HANDLER, HANDLER_APP = "OauthTokenExchangeHandler", "OauthTokenExchHandlerApp"
FILE = "oauthtokenexchangehandlers/Mine.oauthtokenexchangehandler"


def deploy(salesforce, files, **options):
    """Deploy files, and return the state and the component counts and errors."""
    deployment_id, state = salesforce.mdapi.deploy(zip_of(files), sandbox=False, **options)
    assert state == "Queued"
    state, _, components, _ = salesforce.mdapi.check_deploy_status(deployment_id)
    return state, components


def exists(name):
    return TokenExchangeHandler.objects.filter(developer_name=name).exists()


def handler_type(salesforce):
    return getattr(salesforce.mdapi, HANDLER)


def component(salesforce, name="Mine", *apps, **values):
    """Return a handler as a zeep object with a field for each element."""
    enablement = salesforce.mdapi._client.get_type(f"ns0:{HANDLER_APP}")
    fields = {
        "fullName": name,
        "developerName": name,
        "masterLabel": name,
        "description": "é & <angle>",
        "isAccessTokenSupported": False,
        "isEnabled": True,
        "isIdTokenSupported": False,
        "isJwtSupported": True,
        "isRefreshTokenSupported": False,
        "isSaml2Supported": False,
        "isUserCreationAllowed": False,
        "tokenHandlerApex": "ShopTokens",
        "enablements": [
            enablement(apexExecutionUser=RUN_AS, connectedApp=app, isDefault=False)
            for app in apps
        ],
    }
    return handler_type(salesforce)(**fields | values)
