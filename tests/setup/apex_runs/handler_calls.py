"""Runs handler classes that tests write in two parts."""

from tests.factories import ApexClassFactory
from tokenx.org.models import CompileStatus
from tokenx.setup.apex_runs.run_handler import run_handler

VALID = "return new Auth.TokenValidationResult(true);"
FIND = "return [SELECT Id, Username FROM User WHERE Username = :app LIMIT 1];"
BODY = """public class Mine extends Auth.Oauth2TokenExchangeHandler {
    public override Auth.TokenValidationResult validateIncomingToken(
        String app, Auth.IntegratingAppType appType, String token,
        Auth.OAuth2TokenExchangeType tokenType
    ) {
        VALIDATE
    }
    public override User getUserForTokenSubject(
        Id networkId, Auth.TokenValidationResult result, Boolean canCreate, String app,
        Auth.IntegratingAppType appType
    ) {
        FIND
    }
}
"""


def run_class(user, validate=VALID, find=FIND, body=BODY, **options):
    """Save a class, run it as a user, and delete it."""
    body = body.replace("VALIDATE", validate).replace("FIND", find)
    apex_class = ApexClassFactory(
        org=user.org,
        name="Mine",
        body=body,
        compile_status=CompileStatus.NOT_COMPILED,
    )
    call = {
        "org": user.org,
        "apex_class": apex_class,
        "run_as": user,
        "token": "a token",
        "token_type": "ID_TOKEN",
        "app_developer_name": user.username,
        "app_type": "ECA",
        "can_create_users": False,
    }
    try:
        return run_handler(**call | options)
    finally:
        apex_class.delete()
