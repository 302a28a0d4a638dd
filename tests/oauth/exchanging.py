"""An org that exchanges tokens, and requests like those of clients."""

from dataclasses import dataclass
from typing import Any

from django.test import Client as Browser

from tests.factories import (
    AppProfileFactory,
    ClientAppFactory,
    EnablementFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.oauth.decisions import TOKEN_EXCHANGE
from tokenx.org.client_secrets import hash_secret
from tokenx.org.consumer_keys import new_consumer_key
from tokenx.org.models import (
    ApexClass,
    AppProfile,
    ClientApp,
    Org,
    Profile,
    Scope,
    User,
)
from tokenx.setup.compile_classes import compile_waiting

SECRET = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"
JWT = "urn:ietf:params:oauth:token-type:jwt"
TOKEN_URL = "/services/oauth2/token"
# A class that trusts each token: its text is a username.
TRUSTING = """
public class TrustingHandler extends Auth.Oauth2TokenExchangeHandler {
    public override Auth.TokenValidationResult validateIncomingToken(
            String appName, Auth.IntegratingAppType appType, String incomingToken,
            Auth.OAuth2TokenExchangeType tokenType) {
        if (incomingToken == 'bad') {
            return new Auth.TokenValidationResult(false);
        }
        Auth.UserData data = new Auth.UserData(incomingToken, null, null, null, null, null,
            null, null, 'test', null, null);
        return new Auth.TokenValidationResult(
            true, null, data, incomingToken, tokenType, null);
    }
    public override User getUserForTokenSubject(Id networkId,
            Auth.TokenValidationResult result, Boolean canCreateUser,
            String appName, Auth.IntegratingAppType appType) {
        String name = result.userData.identifier;
        List<User> found = [SELECT Id FROM User WHERE Username = :name];
        return found.isEmpty() ? null : found[0];
    }
}
"""


@dataclass
class ExchangingOrg:
    """An app that's enabled for a handler whose class trusts each token."""

    org: Org
    app: ClientApp
    handler: TokenExchangeHandler
    enablement: Enablement
    user: User

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """Return the parameters of a request that succeeds; None leaves one out."""
        parameters = {
            "grant_type": TOKEN_EXCHANGE,
            "client_id": self.app.consumer_key,
            "client_secret": SECRET,
            "subject_token": self.user.username,
            "subject_token_type": JWT,
        }
        merged = parameters | changes
        return {name: value for name, value in merged.items() if value is not None}

    def refresh(self) -> None:
        """Read the rows again, after a rollback."""
        rows = [self.app, self.handler, self.enablement, self.user]
        for row in [*rows, self.handler.apex_class, self.enablement.run_as]:
            row.refresh_from_db()

    def admit_everyone(self) -> None:
        """Let users with any profile use the app."""
        AppProfile.objects.filter(org=self.org, app=self.app).delete()
        for profile in Profile.objects.filter(org=self.org):
            AppProfileFactory(org=self.org, app=self.app, profile=profile)

    def post(self, **changes: Any) -> Any:
        """Send a token request."""
        return Browser().post(TOKEN_URL, self.parameters(**changes))


def exchanging_org(org: Org, body: str = TRUSTING, **app: Any) -> ExchangingOrg:
    """Return an org with everything that a token exchange needs."""
    user = UserFactory(org=org)
    app_row = ClientAppFactory(
        org=org,
        consumer_key=new_consumer_key(),
        secret_hash=hash_secret(SECRET),
        scopes=[Scope.API, Scope.REFRESH_TOKEN],
        **app,
    )
    AppProfileFactory(org=org, app=app_row, profile=user.profile)
    name = body.split("class ")[1].split()[0]
    apex_class = ApexClass.objects.create(org=org, name=name, body=body)
    compile_waiting(org=org.pk, classes=[apex_class])
    handler = TokenExchangeHandlerFactory(
        org=org, apex_class=apex_class, is_enabled=True, supports_jwt=True
    )
    enablement = EnablementFactory(
        org=org, handler=handler, app=app_row, is_default=True, run_as=UserFactory(org=org)
    )
    return ExchangingOrg(org, app_row, handler, enablement, user)
