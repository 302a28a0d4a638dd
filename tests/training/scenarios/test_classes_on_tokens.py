"""The classes of all scenarios on good and bad tokens of their simulated issuers."""

import base64
import time

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Q

from tests.factories import OrgFactory, UserFactory
from tests.rollback import rolled_back
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.models import (
    ApexClass,
    BuiltInProfile,
    Certificate,
    RemoteSite,
    User,
)
from tokenx.setup.apex_runs.recipes import TokenRecipe, mint_recipe
from tokenx.setup.apex_runs.run_handler import run_handler
from tokenx.setup.apex_runs.tokens import Broken, Mint, TokenKind, mint
from tokenx.setup.forms.run_apex_class import (
    TOKEN_TYPES,
    RunApexClassForm,
    likely_issuer,
)
from tokenx.training.scenarios import build
from tokenx.training.scenarios.catalogue import BUILT_IN, find_scenario

# The outcome of a token without a refusal.
VALID = ""
NO_USER = "getUserForTokenSubject returned null."
_UNREAD = "The token could not be validated."
_TIMES = "The token has expired, or it is not valid yet."
_OTHER_ORIGIN = "The token is from another issuer, or for another audience."
_REVOKED = "The refresh token was revoked, or it has expired."
_NOT_GOOGLE = "The token is not from Google, or not for our app."
_NOT_ACTIVE = "The token is not active."
_NO_ASSERTION = "The assertion could not be read."
_NOT_OF_FLEET = "The token is not signed by the store fleet."
_NOT_A_REGISTER = "The token is not from a register, or not for this org."
_OLD = "The token has expired. Check the register's clock."
_JWT = {
    "good": VALID,
    "forged": _UNREAD,
    "unsigned": _UNREAD,
    "other form": _UNREAD,
    "garbage": _UNREAD,
    "empty": _UNREAD,
    # A handler's settings refuse other types before its class runs.
    "other type": VALID,
    "unknown user": NO_USER,
    "inactive user": NO_USER,
    "no remote site": _UNREAD,
    "no certificate": VALID,
}
EXPECTED = {
    "MyOauthTokenExchangeHandler": _JWT
    | {
        "expired": _TIMES,
        "early": _TIMES,
        "endless": _TIMES,
        "other audience": "The token is not for this org.",
        "other issuer": "The token is from an unknown issuer.",
        "without a user": "The token does not name a user.",
    },
    "OktaTokenHandler": _JWT
    | {
        "expired": _TIMES,
        "early": _TIMES,
        "endless": _TIMES,
        "other audience": _OTHER_ORIGIN,
        "other issuer": _OTHER_ORIGIN,
        "other type": _OTHER_ORIGIN,
        "without a user": "The token does not name a user. Request the profile scope.",
    },
    "EntraTokenHandler": _JWT
    | {
        "expired": "The token has expired.",
        "early": "The token is not valid yet.",
        "endless": "The token lacks the claim exp.",
        "other audience": "The token is for another application.",
        "other issuer": "The token is from another tenant, or version 1.0.",
        "without a user": "The token belongs to an application, not a user.",
    },
    "PartnerTokenHandler": _JWT
    | {
        "expired": _TIMES,
        "early": _TIMES,
        "endless": _TIMES,
        "other audience": "The token is not for this org.",
        "other issuer": "The token is from an unknown partner.",
        "without a user": "The token does not name one of the partner's users.",
    },
    "CustomerTokenHandler": _JWT
    | {
        "expired": "The token has expired.",
        # Google's tokens don't have the claim nbf.
        "early": VALID,
        "endless": "The token has expired.",
        "other audience": _NOT_GOOGLE,
        "other issuer": _NOT_GOOGLE,
        "without a user": "Google has not verified the email address.",
    },
    "CustomerTokenHandler, REFRESH_TOKEN": _JWT
    | {
        "forged": _REVOKED,
        "unsigned": _REVOKED,
        "other form": _REVOKED,
        "garbage": _REVOKED,
        "empty": _REVOKED,
        "expired": _REVOKED,
        "early": _REVOKED,
        "endless": VALID,
        # An ID token is a JWT, which the refresh token isn't.
        "other type": _UNREAD,
        "other audience": _NOT_GOOGLE,
        "other issuer": _NOT_GOOGLE,
        "without a user": "Google has not verified the email address.",
    },
    "StoreFleetTokenHandler": _JWT
    | {
        "forged": _NOT_OF_FLEET,
        "unsigned": _NOT_OF_FLEET,
        "other form": _NOT_OF_FLEET,
        "garbage": _NOT_OF_FLEET,
        "empty": _NOT_OF_FLEET,
        "expired": _OLD,
        "early": _OLD,
        "endless": _OLD,
        "other audience": _NOT_A_REGISTER,
        "other issuer": _NOT_A_REGISTER,
        "without a user": "The token does not name a cashier.",
        # Certificates need no callout.
        "no remote site": VALID,
        "no certificate": _NOT_OF_FLEET,
    },
    "PilotTokenHandler": _JWT
    | {
        "forged": _NOT_ACTIVE,
        "unsigned": _NOT_ACTIVE,
        "other form": _NOT_ACTIVE,
        "garbage": _NOT_ACTIVE,
        "empty": "The identity provider sent an unexpected response.",
        "expired": _NOT_ACTIVE,
        "early": _NOT_ACTIVE,
        "endless": _TIMES,
        "other audience": _OTHER_ORIGIN,
        "other issuer": _OTHER_ORIGIN,
        "without a user": "The token does not belong to a user.",
        "no remote site": "The identity provider cannot be reached. Try again later.",
        "no certificate": "The identity provider cannot be reached. Try again later.",
    },
    "SamlTokenHandler": _JWT
    | {
        "forged": "The signature of the assertion is not valid.",
        "unsigned": "The signature of the assertion is not valid.",
        "other form": _NO_ASSERTION,
        "garbage": _NO_ASSERTION,
        "empty": "The signature of the assertion is not valid.",
        "expired": "The assertion has expired, or it is not valid yet.",
        "early": "The assertion has expired, or it is not valid yet.",
        "endless": _NO_ASSERTION,
        "other type": "This handler accepts only SAML assertions.",
        "other audience": "The assertion is from another issuer, or for another audience.",
        "other issuer": "The assertion is from another issuer, or for another audience.",
        "without a user": "The assertion does not name a user.",
        "no remote site": VALID,
        "no certificate": _NO_ASSERTION,
    },
}
CREATES_USERS = {"MyOauthTokenExchangeHandler", "CustomerTokenHandler"}
# The claims that can name a user, and that say whether it's known.
USER_CLAIMS = ("sub", "username", "preferred_username", "email", "oid", "email_verified")
BROKEN = {"forged": Broken.FORGED, "expired": Broken.EXPIRED}
# An opaque token and an assertion have no header to break.
_OF_HEADERS = (Broken.UNKNOWN_KEY, Broken.CONFUSED)
NOT_APPLICABLE = {
    TokenKind.OPAQUE: (*_OF_HEADERS, Broken.UNSIGNED),
    TokenKind.SAML: _OF_HEADERS,
}
TEXTS = {"garbage": "not.a-token.½", "empty": ""}
# Types that no handler of the class supports.
OTHER_TYPES = {
    "ACCESS_TOKEN": "REFRESH_TOKEN",
    "ID_TOKEN": "ACCESS_TOKEN",
    "JWT": "REFRESH_TOKEN",
    "REFRESH_TOKEN": "JWT",
    "SAML_2": "JWT",
}
# The header {"alg":"none"}.
UNSIGNED = "eyJhbGciOiJub25lIn0"


@pytest.fixture(scope="module")
def built(module_db):
    """Build an org of each scenario, with few people, and return its owner."""
    found = {}
    for slug in sorted(path.stem for path in BUILT_IN.glob("*.toml")):
        scenario = find_scenario(slug)
        people = scenario.people.model_copy(update={"count": 5})
        scenario = scenario.model_copy(update={"people": people, "deployments": []})
        owner = UserFactory(org=OrgFactory(), profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
        build.fill(owner.org, scenario, owner=owner)
        found[slug] = owner
    return found


@pytest.fixture
def classes(built, db):
    """Return each class of each scenario, and the form that runs it."""
    found = {}
    for slug, owner in built.items():
        for apex_class in ApexClass.objects.filter(org=owner.org).order_by("name"):
            form = RunApexClassForm(apex_class=apex_class, user=owner)
            found[f"{slug}: {apex_class.name}"] = form
    return found


def test_good_and_bad_tokens(classes, subtests):
    for name, form in classes.items():
        for issuer, token_type in issuers_and_types(form):
            for case, outcome in expected(form.apex_class.name, token_type).items():
                about = f"{name}, {issuer}, {token_type}, {case}"
                with subtests.test(about), rolled_back():
                    user = user_of(issuer)
                    token, declared = token_for(case, issuer, token_type)
                    prepare(case, form.user.org, user)

                    found = run(form, token, declared)

                    assert found.error is None, found.error
                    refusal = found.refusal.removeprefix("The token isn't valid: ")
                    assert refusal == outcome
                    assert found.user == (user if outcome == VALID else None)


# Google's tokens don't have the claim nbf, and its class allows for any clock.
TAKES_EARLY = "CustomerTokenHandler"


def test_refuses_each_kind_of_broken_token(classes, subtests):
    for name, form in classes.items():
        for issuer, token_type in issuers_and_types(form):
            kind = kind_of(issuer, token_type)
            # The token endpoint refuses a token that's too long, not the class.
            for broken in set(Broken) - {Broken.TOO_LONG}:
                about = f"{name}, {issuer}, {token_type}, {broken}"
                with subtests.test(about), rolled_back():
                    user_of(issuer)
                    recipe = TokenRecipe(
                        issuer.name, token_type=token_type, kind=kind, broken=broken
                    )
                    if broken in NOT_APPLICABLE.get(kind, ()):
                        with pytest.raises(ValidationError):
                            mint_recipe(form.user.org, recipe)
                        continue

                    found = run(form, mint_recipe(form.user.org, recipe), token_type)

                    is_early = broken == Broken.EARLY and token_type != "REFRESH_TOKEN"
                    takes = form.apex_class.name == TAKES_EARLY and is_early
                    takes = takes or (kind, broken) == (TokenKind.OPAQUE, Broken.OPAQUE)
                    assert (found.refusal == VALID) == takes


def test_creates_unknown_users_only_if_allowed(classes, subtests):
    for name, form in classes.items():
        for issuer, token_type in issuers_and_types(form):
            with subtests.test(name=name, type=token_type):
                token, _ = token_for("unknown user", issuer, token_type)

                found = run(form, token, token_type, can_create_users=True)

                assert found.is_new_user == (form.apex_class.name in CREATES_USERS)
                if found.is_new_user:
                    assert found.user.username == "nobody@" + domain_of(issuer)
                else:
                    assert found.refusal == NO_USER


def test_a_partner_cannot_sign_in_another_partners_user(classes):
    form = classes["broken-deployment: PartnerTokenHandler"]
    issuer, other = form.issuers["Northwind"], form.issuers["Fabrikam"]
    token = mint(issuer, issuer.claims | {"email": other.claims["email"]})

    assert run(form, token, "JWT").validation.custom_error == (
        "The token does not name one of the partner's users."
    )


def test_a_register_cannot_use_another_stores_app(classes):
    form = classes["busy-handler: StoreFleetTokenHandler"]
    issuer = form.issuers["Store_Fleet"]
    token = mint(issuer, issuer.claims | {"app": "Kiosk_002"})

    assert run(form, token, "JWT").validation.custom_error == (
        "The token belongs to another store."
    )


# --- Tokens ------------------------------------------------------------------------------


def issuers_and_types(form):
    """Yield the issuers of a class, and the token types of its handlers."""
    is_for_partners = form.apex_class.name == "PartnerTokenHandler"
    issuers = form.issuers.values() if is_for_partners else [likely_issuer(form.apex_class)]
    types = {
        each.value
        for handler in TokenExchangeHandler.objects.filter(apex_class=form.apex_class)
        for each in TOKEN_TYPES
        if each.is_taken_by(handler)
    }
    for issuer in issuers:
        for token_type in sorted(types or {"JWT"}):
            yield issuer, token_type


def expected(name, token_type):
    return EXPECTED.get(f"{name}, {token_type}") or EXPECTED[name]


def user_of(issuer):
    """Return the user that the issuer's claims name. Create one who is new to the org."""
    values = [value for value in issuer.claims.values() if isinstance(value, str)]
    users = User.objects.filter(org=issuer.org)
    found = users.filter(Q(username__in=values) | Q(federation_id__in=values)).first()
    return found or UserFactory(org=issuer.org, username=issuer.claims["email"])


def token_for(case, issuer, token_type):
    """Return a token, and the token type with which it's sent."""
    if case in TEXTS:
        return TEXTS[case], token_type
    kind = kind_of(issuer, token_type)
    if case == "other form":
        kind = TokenKind.JWT if kind == TokenKind.SAML else TokenKind.SAML
    how = Mint(kind=kind, broken=BROKEN.get(case))
    token = mint(issuer, issuer.claims | changes(case, issuer), how)
    if case == "unsigned":
        token = without_signature(token, kind)
    return token, OTHER_TYPES[token_type] if case == "other type" else token_type


def changes(case, issuer):
    """Return the claims that a kind of bad token changes."""
    claims, now = issuer.claims, int(time.time())
    match case:
        case "early":
            return dict.fromkeys(("iat", "nbf"), now + 3600) | {"exp": now + 7200}
        case "endless":
            return {"exp": None}
        case "other audience":
            return {"aud": ["https://other.example", f"{claims['aud']}.example"]}
        case "other issuer":
            return {"iss": "https://other.example"}
        case "without a user":
            return dict.fromkeys(USER_CLAIMS)
        case "unknown user":
            return {
                claim: "nobody@" + domain_of(issuer) if "@" in claims[claim] else "nobody"
                for claim in USER_CLAIMS
                if isinstance(claims.get(claim), str)
            }
    return {}


def kind_of(issuer, token_type):
    if token_type == "SAML_2":
        return TokenKind.SAML
    is_opaque = token_type == "REFRESH_TOKEN" or issuer.name == "Pilot"
    return TokenKind.OPAQUE if is_opaque else TokenKind.JWT


def without_signature(token, kind):
    match kind:
        case TokenKind.JWT:
            return f"{UNSIGNED}.{token.split('.')[1]}."
        case TokenKind.OPAQUE:
            return token[:-30]
        case TokenKind.SAML:
            xml = base64.urlsafe_b64decode(token + "==").decode()
            start, _, rest = xml.partition("<ds:Signature ")
            unsigned = start + rest.partition("</ds:Signature>")[2]
            return base64.urlsafe_b64encode(unsigned.encode()).decode()


def domain_of(issuer):
    """Return the email domain in the claims of the issuer."""
    names = [issuer.claims.get(claim) or "" for claim in USER_CLAIMS[:4]]
    return next(name.partition("@")[2] for name in names if "@" in name)


def prepare(case, org, user):
    """Change the org before a run."""
    match case:
        case "inactive user":
            User.objects.filter(pk=user.pk).update(is_active=False)
        case "no remote site":
            RemoteSite.objects.filter(org=org).delete()
        case "no certificate":
            Certificate.objects.filter(org=org).delete()


def run(form, token, token_type, *, can_create_users=False):
    """Run a class as an app of its handler does, or as the administrator."""
    row = next(iter(form.enablements.values()), None)
    return run_handler(
        org=form.user.org,
        apex_class=form.apex_class,
        run_as=row.run_as if row else form.user,
        token=token,
        token_type=token_type,
        app_developer_name=row.app.api_name if row else "",
        app_type="CA",
        can_create_users=can_create_users,
    )
