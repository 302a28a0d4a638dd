"""The products that issuers are modeled on: their addresses, keys, and tokens.

Each shape is a row of a table in docs/salesforce/identity-providers.md. A test compares
them.
"""

import base64
import hashlib
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError

from tokenx.org.models import Issuer
from tokenx.org.models.issuer import Algorithm, IssuerShape

# The values of Auth.OAuth2TokenExchangeType whose claims shapes know.
ID_TOKEN, ACCESS_TOKEN = "ID_TOKEN", "ACCESS_TOKEN"
# Values that are new in each token.
STARTS, EXPIRES, RANDOM = "{starts}", "{expires}", "{random}"
_WELL_KNOWN = "{iss}/.well-known/openid-configuration"


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _hex(thumbprint: str) -> str:
    return hashlib.sha1(thumbprint.encode(), usedforsecurity=False).hexdigest()


def _sha1(thumbprint: str) -> str:
    digest = hashlib.sha1(thumbprint.encode(), usedforsecurity=False).digest()
    return base64url(digest)


def _uuid(thumbprint: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, thumbprint))


@dataclass(frozen=True)
class KeyIdForm:
    """The form of key IDs: its name in the docs, and how a JWK's thumbprint becomes one."""

    name: str
    of_thumbprint: Callable[[str], str]


KEY_THUMBPRINT = KeyIdForm("43 characters of base64url", lambda thumbprint: thumbprint)
SHORT_THUMBPRINT = KeyIdForm("20 characters of base64url", lambda text: text[:20])
AUTH0_ID = KeyIdForm("21 characters of base64url", lambda text: text[:21])
CERTIFICATE_THUMBPRINT = KeyIdForm("27 characters of base64url (a SHA-1 digest)", _sha1)
HEX_DIGEST = KeyIdForm("40 hexadecimal digits", _hex)
KEY_UUID = KeyIdForm("UUID", _uuid)


@dataclass(frozen=True)
class Tokens:
    """The tokens of one type: their claims, and those about the person.

    `claims` have the same value in each token, and `added` have new ones. Values of
    `person` are attributes of UserFacts.
    """

    claims: Mapping[str, Any]
    added: Mapping[str, str]
    person: Mapping[str, str]
    header: tuple[tuple[str, str], ...] = (("typ", "JWT"),)
    is_opaque: bool = False


@dataclass(frozen=True)
class Shape:
    """A product: its addresses with `{iss}` and `{tenant}`, its keys, and its tokens."""

    shape: IssuerShape
    # The part of addresses that differs between customers: its label, and an example.
    tenant_label: str
    tenant_example: str
    iss: str
    addresses: Mapping[str, str]
    key_id: KeyIdForm
    id_token: Tokens
    access_token: Tokens
    algorithms: tuple[str, ...] = (Algorithm.RS256,)
    refresh_token: str = "opaque"  # noqa: S105

    def tokens(self, token_type: str) -> Tokens:
        """Return the tokens of a type. Those without their own claims have ID tokens'."""
        return self.access_token if token_type == ACCESS_TOKEN else self.id_token

    def filled_in(self, tenant: str, server: str = "") -> dict[str, str]:
        """Return the issuer's fields for a customer of the product.

        Raise ValidationError if the customer's part of the addresses is invalid.
        """
        tenant = tenant.strip().removeprefix("https://").strip("/")
        if self.tenant_label and not _TENANT.fullmatch(tenant):
            raise ValidationError(
                f"Enter the {self.tenant_label.lower()}, such as {self.tenant_example}."
            )
        iss = self.iss.format(tenant=tenant, server=server)
        base = iss.rstrip("/")
        urls = {
            name: url.format(iss=base, tenant=tenant)
            for name, url in self.addresses.items()
        }
        return {"iss": iss, **dict.fromkeys(Issuer.ADDRESSES, ""), **urls}


# A host and path, or a part of a path: no scheme, query, or user.
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*(?::\d{1,5})?(?:/[A-Za-z0-9._~-]+){0,9}")


_OWN_TIMES = {"iat": STARTS, "nbf": STARTS, "exp": EXPIRES, "jti": RANDOM}
_PROFILE = {
    "name": "name",
    "given_name": "first_name",
    "family_name": "last_name",
    "preferred_username": "username",
    "email": "email",
}
_OWN = Tokens(
    claims={},
    added=_OWN_TIMES,
    person={
        "sub": "id",
        "name": "name",
        "email": "email",
        "preferred_username": "username",
    },
)
_ENTRA_TIMES = {"iat": STARTS, "nbf": STARTS, "exp": EXPIRES, "uti": RANDOM}
_ENTRA_PERSON = {
    "sub": "pairwise",
    "oid": "id",
    "name": "name",
    "preferred_username": "username",
}
_KEYCLOAK_TIMES = {"iat": STARTS, "exp": EXPIRES, "jti": RANDOM, "sid": RANDOM}
_KEYCLOAK_PERSON = {"sub": "id", "email_verified": "is_verified", **_PROFILE}
_PING_TIMES = {"iat": STARTS, "exp": EXPIRES, "auth_time": STARTS, "sid": RANDOM}
_CLIENT_GUID = "6731de76-14a6-49ae-97bc-6eba6914391e"
_GOOGLE_CLIENT = "407408718192-sample.apps.googleusercontent.com"
_NO_TYPE: tuple[tuple[str, str], ...] = ()

_SHAPES = (
    Shape(
        shape=IssuerShape.OWN,
        tenant_label="",
        tenant_example="",
        iss="{server}",
        addresses={
            "discovery_url": _WELL_KNOWN,
            "keys_url": "{iss}/keys",
            "userinfo_url": "{iss}/userinfo",
            "introspection_url": "{iss}/introspect",
            "token_url": "{iss}/token",
        },
        key_id=SHORT_THUMBPRINT,
        algorithms=(Algorithm.RS256, Algorithm.ES256),
        id_token=_OWN,
        access_token=_OWN,
    ),
    Shape(
        shape=IssuerShape.AUTH0,
        tenant_label="Domain",
        tenant_example="mycompany.us.auth0.com",
        iss="https://{tenant}/",
        addresses={
            "discovery_url": _WELL_KNOWN,
            "keys_url": "{iss}/.well-known/jwks.json",
            "userinfo_url": "{iss}/userinfo",
            "token_url": "{iss}/oauth/token",
        },
        key_id=AUTH0_ID,
        algorithms=(Algorithm.RS256, "HS256"),
        id_token=Tokens(
            claims={"aud": "K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja"},
            added={"iat": STARTS, "exp": EXPIRES, "sid": RANDOM},
            person={
                "sub": "id",
                "nickname": "username",
                "name": "name",
                "email": "email",
                "email_verified": "is_verified",
            },
        ),
        access_token=Tokens(
            claims={
                "aud": ["https://salesforce.example/api", "{iss}/userinfo"],
                "azp": "K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja",
                "scope": "openid profile email",
            },
            added={"iat": STARTS, "exp": EXPIRES},
            person={"sub": "id"},
        ),
    ),
    Shape(
        shape=IssuerShape.ENTRA_ID,
        tenant_label="Tenant ID",
        tenant_example="8eaef023-2b34-4da1-9baa-8bc8c9d6a490",
        iss="https://login.microsoftonline.com/{tenant}/v2.0",
        addresses={
            "discovery_url": _WELL_KNOWN,
            "keys_url": "https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys",
            "userinfo_url": "https://graph.microsoft.com/oidc/userinfo",
            "token_url": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        },
        key_id=CERTIFICATE_THUMBPRINT,
        id_token=Tokens(
            claims={"aud": _CLIENT_GUID, "tid": "{tenant}", "ver": "2.0"},
            added=_ENTRA_TIMES,
            person=_ENTRA_PERSON,
        ),
        access_token=Tokens(
            claims={
                "aud": _CLIENT_GUID,
                "azp": "4bf76794-60ae-4e40-91e4-6b51b49b4d53",
                "azpacr": "1",
                "scp": "access_as_user",
                "tid": "{tenant}",
                "ver": "2.0",
            },
            added=_ENTRA_TIMES,
            person=_ENTRA_PERSON,
        ),
    ),
    Shape(
        shape=IssuerShape.GOOGLE,
        tenant_label="",
        tenant_example="",
        iss="https://accounts.google.com",
        addresses={
            "discovery_url": _WELL_KNOWN,
            "keys_url": "https://www.googleapis.com/oauth2/v3/certs",
            "userinfo_url": "https://openidconnect.googleapis.com/v1/userinfo",
            "token_url": "https://oauth2.googleapis.com/token",
        },
        key_id=HEX_DIGEST,
        id_token=Tokens(
            claims={"aud": _GOOGLE_CLIENT, "azp": _GOOGLE_CLIENT},
            added={"iat": STARTS, "exp": EXPIRES},
            person={
                "sub": "id",
                "hd": "domain",
                "email": "email",
                "email_verified": "is_verified",
                "name": "name",
                "given_name": "first_name",
                "family_name": "last_name",
            },
        ),
        access_token=Tokens(
            claims={"aud": _GOOGLE_CLIENT, "scope": "openid email profile"},
            added={"iat": STARTS, "exp": EXPIRES},
            person={"sub": "id", "email": "email", "email_verified": "is_verified"},
            is_opaque=True,
        ),
    ),
    Shape(
        shape=IssuerShape.KEYCLOAK,
        tenant_label="Realm address",
        tenant_example="sso.example.com/realms/staff",
        iss="https://{tenant}",
        addresses={
            "discovery_url": _WELL_KNOWN,
            "keys_url": "{iss}/protocol/openid-connect/certs",
            "userinfo_url": "{iss}/protocol/openid-connect/userinfo",
            "introspection_url": "{iss}/protocol/openid-connect/token/introspect",
            "token_url": "{iss}/protocol/openid-connect/token",
        },
        key_id=KEY_THUMBPRINT,
        algorithms=(Algorithm.RS256, Algorithm.ES256),
        id_token=Tokens(
            claims={"aud": "salesforce", "azp": "salesforce", "typ": "ID", "acr": "1"},
            added={**_KEYCLOAK_TIMES, "auth_time": STARTS},
            person=_KEYCLOAK_PERSON,
        ),
        access_token=Tokens(
            claims={
                "aud": "account",
                "azp": "salesforce",
                "typ": "Bearer",
                "acr": "1",
                "scope": "openid profile email",
                "realm_access": {"roles": ["offline_access", "uma_authorization"]},
                "resource_access": {"account": {"roles": ["view-profile"]}},
            },
            added=_KEYCLOAK_TIMES,
            person=_KEYCLOAK_PERSON,
        ),
        refresh_token="JWT with HS512 in the product, opaque here",  # noqa: S106
    ),
    Shape(
        shape=IssuerShape.OKTA,
        tenant_label="Domain and server",
        tenant_example="example.okta.com/oauth2/default",
        iss="https://{tenant}",
        addresses={
            "discovery_url": _WELL_KNOWN,
            "keys_url": "{iss}/v1/keys",
            "userinfo_url": "{iss}/v1/userinfo",
            "introspection_url": "{iss}/v1/introspect",
            "token_url": "{iss}/v1/token",
        },
        key_id=KEY_THUMBPRINT,
        id_token=Tokens(
            claims={
                "ver": 1,
                "aud": "0oa1salesforce5d7",
                "amr": ["pwd"],
                "idp": "00o1mycompany5d7",
            },
            added={
                "iat": STARTS,
                "exp": EXPIRES,
                "auth_time": STARTS,
                "jti": "ID.{random}",
            },
            person={
                "sub": "id",
                "name": "name",
                "email": "email",
                "preferred_username": "username",
            },
            header=_NO_TYPE,
        ),
        access_token=Tokens(
            claims={
                "ver": 1,
                "aud": "api://default",
                "cid": "0oa1salesforce5d7",
                "scp": ["openid", "profile", "email"],
            },
            added={
                "iat": STARTS,
                "exp": EXPIRES,
                "auth_time": STARTS,
                "jti": "AT.{random}",
            },
            person={"sub": "username", "uid": "id"},
            header=_NO_TYPE,
        ),
    ),
    Shape(
        shape=IssuerShape.PING,
        tenant_label="Environment ID",
        tenant_example="3072206d-c6ce-4c19-a366-f87e972c7cc3",
        iss="https://auth.pingone.com/{tenant}/as",
        addresses={
            "discovery_url": _WELL_KNOWN,
            "keys_url": "{iss}/jwks",
            "userinfo_url": "{iss}/userinfo",
            "introspection_url": "{iss}/introspect",
            "token_url": "{iss}/token",
        },
        key_id=KEY_UUID,
        id_token=Tokens(
            claims={
                "aud": _CLIENT_GUID,
                "acr": "Single_Factor",
                "amr": ["pwd"],
                "env": "{tenant}",
            },
            added=_PING_TIMES,
            person={"sub": "id", **_PROFILE},
            header=_NO_TYPE,
        ),
        access_token=Tokens(
            claims={
                "aud": ["https://salesforce.example"],
                "client_id": _CLIENT_GUID,
                "scope": "openid profile email",
                "acr": "Single_Factor",
            },
            added=_PING_TIMES,
            person={"sub": "id"},
            header=_NO_TYPE,
        ),
    ),
)
SHAPES = MappingProxyType({each.shape: each for each in _SHAPES})
