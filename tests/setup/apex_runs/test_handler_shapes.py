"""The shapes of the public handler classes run on good and bad tokens.

The classes have the shapes of those in docs/salesforce/apex.md, Public handler classes, but
the code is ours. Some check little. A token that such a class accepts in Salesforce is
accepted here, too.
"""

import base64

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.factories import (
    ApexClassFactory,
    CertificateFactory,
    IssuerFactory,
    RemoteSiteFactory,
    UserFactory,
    UserFieldFactory,
)
from tests.paths import ROOT
from tests.rollback import rolled_back
from tokenx.org.issuer_keys import load_sealed_key
from tokenx.org.models import Certificate, CompileStatus, RemoteSite, User
from tokenx.setup.actions.certificates import renew_key
from tokenx.setup.apex_runs.run_handler import run_handler
from tokenx.setup.apex_runs.tokens import Broken, Mint, TokenKind, mint

pytestmark = pytest.mark.django_db
FOLDER = ROOT / "tests" / "apex" / "handlers"
IDP, LOGIN = "https://idp.example.com", "https://login.example.com"
NAME = "ines@x.example"
VALID, INVALID = "", "The token isn't valid."
NO_USER = "getUserForTokenSubject returned null."
NO_ROWS = "System.QueryException: List has no rows for assignment to SObject"
FORGED = "The token's signature isn't valid."
NO_SITE = (
    "Unauthorized endpoint, please check Setup->Security->Remote site settings. endpoint = "
)
NOT_A_TOKEN = "The token doesn't have three parts separated by periods."
ONE_METHOD = (
    "KeyOnlyHandler doesn't override getUserForTokenSubject, and the base method returned "
    "null."
)


def invalid(message):
    return f"The token isn't valid: {message}"


# The outcome of each kind of token: the refusal, or VALID if the user is found.
SHAPES = {
    # Checks the signature and the issuer, and hides the reason.
    "certificate": {
        "good": VALID,
        "forged": INVALID,
        "expired": VALID,
        "other audience": VALID,
        "other issuer": INVALID,
        "other type": INVALID,
        # A query without rows is null to the left of `??`.
        "unknown user": NO_USER,
        "no remote site": VALID,
        "garbage": INVALID,
        "empty": INVALID,
    },
    # Checks nothing.
    "decoding": {
        "good": VALID,
        "forged": VALID,
        "expired": VALID,
        "other audience": VALID,
        "other issuer": VALID,
        "other type": VALID,
        "unknown user": NO_USER,
        "no remote site": VALID,
        "garbage": INVALID,
        "empty": INVALID,
    },
    # Checks all but the type: SAML is refused, and any other type isn't.
    "keys_endpoint": {
        "good": VALID,
        "forged": invalid(f"Invalid signature: {FORGED}"),
        "expired": invalid("Expired"),
        "other audience": invalid("Unknown audience"),
        "other issuer": invalid("Unknown issuer"),
        "other type": invalid("Unsupported token"),
        "unknown user": NO_USER,
        "no remote site": invalid(
            f"Invalid signature: {NO_SITE}{LOGIN}/common/discovery/v2.0/keys"
        ),
        "garbage": invalid(f"Invalid signature: {NOT_A_TOKEN}"),
        "empty": invalid("Unsupported token"),
    },
    # Checks everything itself, with the key from the JWKS.
    "own_keys": {
        "good": VALID,
        "forged": invalid("Invalid signature"),
        "expired": invalid("Outside of its time"),
        "other audience": invalid("Unknown issuer or audience"),
        "other issuer": invalid("Unknown issuer or audience"),
        "other type": VALID,
        "unknown user": NO_USER,
        "no remote site": invalid("Unreadable token"),
        "garbage": invalid("Three parts are needed"),
        "empty": invalid("Three parts are needed"),
    },
    # Compares the token with a text.
    "equal_text": {
        "good": INVALID,
        "forged": INVALID,
        "the text": VALID,
        # == ignores case.
        "the text in capitals": VALID,
        "the text, unknown user": f"{NO_ROWS} (line 10 of EqualTextHandler).",
        "no remote site": INVALID,
        "garbage": INVALID,
        "empty": INVALID,
    },
    # Checks only the signature.
    "inner_data": {
        "good": VALID,
        "forged": invalid(f"Invalid token: {FORGED}"),
        "expired": VALID,
        "other audience": VALID,
        "other issuer": VALID,
        "other type": VALID,
        "unknown user": NO_USER,
        "no remote site": invalid(f"Invalid token: {NO_SITE}{IDP}/.well-known/jwks.json"),
        "garbage": invalid(f"Invalid token: {NOT_A_TOKEN}"),
        "empty": invalid(f"Invalid token: {NOT_A_TOKEN}"),
    },
    # Checks only the signature, and finds no user.
    "key_only": {
        "good": ONE_METHOD,
        "forged": f"Auth.JWTValidationException: {FORGED[:-1]} (line 6 of KeyOnlyHandler).",
        "expired": ONE_METHOD,
        "other audience": ONE_METHOD,
        "other issuer": ONE_METHOD,
        "other type": ONE_METHOD,
        "unknown user": ONE_METHOD,
        "no remote site": ONE_METHOD,
        "garbage": (
            f"Auth.JWTValidationException: {NOT_A_TOKEN[:-1]} (line 6 of KeyOnlyHandler)."
        ),
    },
    # The identity provider checks the signature and the time.
    "opaque": {
        "good": VALID,
        "forged": INVALID,
        "expired": INVALID,
        "other audience": VALID,
        "other issuer": VALID,
        "other type": VALID,
        "unknown user": NO_USER,
        "no remote site": (
            f"System.CalloutException: {NO_SITE}{IDP}/oauth2/introspect "
            "(line 13 of OpaqueHandler)."
        ),
        "garbage": INVALID,
        "empty": INVALID,
    },
}
BROKEN = {"forged": Broken.FORGED, "expired": Broken.EXPIRED}
TEXTS = {
    "garbage": "not-a-token ½",
    "empty": "",
    "the text": "the-only-token",
    "the text in capitals": "THE-ONLY-TOKEN",
    "the text, unknown user": "the-only-token",
}


@pytest.fixture
def issuers(admin):
    """Return the issuer of each shape; the org has all that the classes need."""
    org = admin.org
    certificate = CertificateFactory.build(org=org, name="Idp_Signing")
    renew_key(certificate, 2048)
    certificate.save()
    for name, url in [("Idp", IDP), ("Login", LOGIN)]:
        RemoteSiteFactory(org=org, name=name, url=url)
    UserFieldFactory(org=org, name="User.Directory_Address__c")
    address = {"Directory_Address__c": NAME}
    UserFactory(org=org, username=NAME, email=NAME, custom_values=address)
    UserFactory(org=org, username="test@example.com")
    claims = {
        **dict.fromkeys(["sub", "username", "preferred_username", "email", "upn"], NAME),
        "family_name": "Lind",
        "aud": "salesforce",
    }
    common = {"org": org, "claims": claims, "algorithm": "RS256"}
    idp = IssuerFactory(
        **common,
        iss=IDP,
        certificate_name="Idp_Signing",
        keys_url=f"{IDP}/.well-known/jwks.json",
        introspection_url=f"{IDP}/oauth2/introspect",
    )
    return dict.fromkeys(SHAPES, idp) | {
        "keys_endpoint": IssuerFactory(
            **common,
            iss=f"{LOGIN}/common/v2.0",
            keys_url=f"{LOGIN}/common/discovery/v2.0/keys",
        ),
        "own_keys": IssuerFactory(**common, iss=LOGIN, keys_url=f"{LOGIN}/keys"),
    }


def test_good_and_bad_tokens(admin, issuers, subtests):
    for name, outcomes in SHAPES.items():
        apex_class = save_class(admin.org, name, issuers[name])
        for case, outcome in outcomes.items():
            with subtests.test(f"{name}, {case}"), rolled_back():
                token = token_for(case, name, issuers[name])
                if case == "no remote site":
                    RemoteSite.objects.all().delete()
                if case.endswith(", unknown user"):
                    User.objects.filter(username="test@example.com").delete()

                found = run(admin, apex_class, token, is_of_other_type=case == "other type")

                assert found.refusal == outcome
                expected = "test@example.com" if name == "equal_text" else NAME
                assert getattr(found.user, "username", None) == (
                    expected if outcome == VALID else None
                )


def test_creates_users_if_the_handler_allows_it(admin, issuers):
    created = {}
    for name in SHAPES:
        apex_class = save_class(admin.org, name, issuers[name])
        token = token_for("unknown user", name, issuers[name])
        found = run(admin, apex_class, token, can_create_users=True)
        if found.user_record is not None:
            created[name] = found.refusal or found.user.username
    assert created == {
        "opaque": "nobody@x.example",
        # It sets four of a user's required fields.
        "inner_data": created["inner_data"],
    }
    assert "REQUIRED_FIELD_MISSING, Required fields are" in created["inner_data"]


def test_another_base_class_does_not_run(admin, issuers):
    apex_class = save_class(admin.org, "other_base", None)

    found = run(admin, apex_class, "a token")

    assert found.refusal == apex_class.why_not_ready
    assert "Oauth2TokenExchangeHandler" in found.refusal


def save_class(org, name, issuer):
    body = (FOLDER / f"{name}.cls").read_text("utf-8")
    if name == "key_only":
        body = body.replace("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA", spki_of(issuer))
    return ApexClassFactory(
        org=org,
        name=body.partition(" class ")[2].split()[0],
        body=body,
        compile_status=CompileStatus.NOT_COMPILED,
    )


def spki_of(issuer):
    """Return the base64 of an issuer's public key."""
    certificate = Certificate.objects.get(name=issuer.certificate_name)
    public = load_sealed_key(certificate.sealed_key).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def token_for(case, name, issuer):
    if case in TEXTS:
        return TEXTS[case]
    claims = dict(issuer.claims)
    match case:
        case "other audience":
            claims["aud"] = "https://other.example"
        case "other issuer":
            claims["iss"] = "https://other.example"
        case "unknown user":
            claims = dict.fromkeys(claims, "nobody@x.example") | {"aud": claims["aud"]}
    kind = TokenKind.OPAQUE if name == "opaque" else TokenKind.JWT
    how = Mint(kind=kind, broken=BROKEN.get(case))
    return mint(issuer, claims, how)


def run(admin, apex_class, token, *, is_of_other_type=False, can_create_users=False):
    return run_handler(
        org=admin.org,
        apex_class=apex_class,
        run_as=admin,
        token=token,
        token_type="SAML_2" if is_of_other_type else "JWT",
        app_developer_name="Mobile",
        app_type="CA",
        can_create_users=can_create_users,
    )
