"""The handlers twenty-one to thirty: their orgs, tokens, and expected outcomes."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, date, datetime

from tests.factories import PermissionSetAssignmentFactory, PermissionSetFactory
from tokenx.org.models import Profile, User
from tokenx.org.record_ids import PROFILE, USER, record_id

from .first_cases import NO_ROWS, NULL_POINTER, found, refused, without_sites
from .trying import OPAQUE, Case, CaseOrg, Expected, Try, hs256, token

NOBODY = Expected(True)
FORGED = Expected(None, throws="Auth.JWTValidationException*")
ADA, DEE = found("ada@shop.example"), found("dee@shop.example")
SECRET = "s3cret-s3cret"


def shop(case_org: CaseOrg) -> None:
    """Add the users Ada, Bo (inactive), Cy (blocked), and Dee, and an issuer."""
    case_org.site("https://idp.shop.example")
    case_org.issuer(
        iss="https://idp.shop.example",
        keys_url="https://idp.shop.example/keys",
        userinfo_url="https://idp.shop.example/userinfo",
        claims={"sub": "fed-ada"},
    )
    ada = case_org.user(
        "ada@shop.example",
        email="ada@shop.example",
        federation_id="fed-ada",
        first_name="Ada",
        last_name="Byron",
        last_login=datetime(2026, 11, 1, tzinfo=UTC),
    )
    bo = case_org.user(
        "bo@shop.example",
        email="bo@shop.example",
        federation_id="fed-bo",
        is_active=False,
    )
    cy = case_org.user("cy@shop.example", email="ada@shop.example", federation_id="fed-cy")
    case_org.user("dee@shop.example", email="dee@shop.example", federation_id="fed-dee")
    for name, users in {"Token_Users": [ada, bo, cy], "Blocked": [cy]}.items():
        permission_set = PermissionSetFactory(org=case_org.org, name=name)
        for user in users:
            PermissionSetAssignmentFactory(
                org=case_org.org, user=user, permission_set=permission_set
            )


def shop_with_secret(case_org: CaseOrg) -> None:
    shop(case_org)
    case_org.labels(Token_Secret=SECRET)


def shop_with_issuers(case_org: CaseOrg) -> None:
    shop(case_org)
    for name, iss, starts, skew, is_active in [
        ("Shop", "https://idp.shop.example", date(2026, 1, 1), 90, True),
        ("Later", "https://later.example", date(2099, 1, 1), None, True),
        ("Off", "https://off.example", date(2026, 1, 1), None, False),
    ]:
        case_org.record(
            "Token_Issuer",
            name,
            Issuer__c=iss,
            Keys_Url__c="https://idp.shop.example/keys",
            Starts__c=starts,
            Skew__c=skew,
            Active__c=is_active,
        )


def id_of(username: str, *, length: int = 18):
    """Return a function that mints a token whose subject is the ID of a user."""

    def minted(case_org: CaseOrg) -> str:
        user = User.objects.get(org=case_org.org, username=username)
        return token(sub=record_id(USER, user.pk)[:length])(case_org)

    return minted


def id_of_profile(case_org: CaseOrg) -> str:
    profile = Profile.objects.filter(org=case_org.org).first()
    return token(sub=record_id(PROFILE, profile.pk))(case_org)


def without_json(case_org: CaseOrg) -> str:
    """Return a signed token whose claims aren't JSON."""
    return _signed("{broken")


def _signed(payload: str) -> str:
    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    header = part(json.dumps({"alg": "HS256"}).encode())
    text = f"{header}.{part(payload.encode())}"
    return (
        f"{text}.{part(hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest())}"
    )


def keeps_her_name(case_org: CaseOrg, run) -> str:
    last_name = User.objects.get(org=case_org.org, username="ada@shop.example").last_name
    return "" if last_name == "Byron" else f"The name was changed to {last_name}."


def has_a_new_name(case_org: CaseOrg, run) -> str:
    ada = User.objects.get(org=case_org.org, username="ada@shop.example")
    return "" if (ada.first_name, ada.last_name) == ("Augusta", "King") else f"It's {ada}."


NEW = {
    "sub": "fed-zoe",
    "given_name": "Zoe",
    "family_name": "New",
    "email": "zoe@new.example",
    "role": "staff",
}
CREATED = Expected(True, user="zoe@new.example.sso", new_user=True)

CASES = (
    Case(
        ("PermissionSetGate",),
        shop,
        (
            Try("has the permission set", token(), ADA),
            Try("inactive", token(sub="fed-bo"), NOBODY),
            Try("blocked", token(sub="fed-cy"), NOBODY),
            Try("without permission sets", token(sub="fed-dee"), NOBODY),
            Try("forged", token(is_forged=True), refused("Invalid token")),
            Try(
                "another type",
                token(),
                refused("Only JWTs are accepted, not ACCESS_TOKEN"),
                token_type="ACCESS_TOKEN",
            ),
        ),
    ),
    Case(
        ("MostRecentLogin",),
        shop,
        (
            Try("two users", token(email="ada@shop.example"), ADA),
            Try("other case", token(email="ADA@SHOP.EXAMPLE"), ADA),
            Try("one user", token(email="dee@shop.example"), DEE),
            Try("inactive", token(email="bo@shop.example"), NOBODY),
            Try("no email", token(), refused("The token has no email.")),
            Try("a number", token(email=5), refused("The token has no email.")),
            Try("forged", token(email="dee@shop.example", is_forged=True), FORGED),
        ),
    ),
    Case(
        ("DuplicateGuard",),
        shop,
        (
            Try("one user", token(email="dee@shop.example"), DEE),
            Try(
                "two users",
                token(email="ada@shop.example"),
                Expected(
                    True,
                    throws="DuplicateGuard.DuplicateException: 2 users have"
                    " ada@shop.example",
                ),
            ),
            Try("nobody", token(email="zoe@new.example"), NOBODY),
            Try("no email", token(), refused("No email")),
            Try("forged", token(is_forged=True), refused("Not ours")),
        ),
    ),
    Case(
        ("RecordIdSubject",),
        shop,
        (
            Try("a user", id_of("ada@shop.example"), ADA),
            Try("15 characters", id_of("ada@shop.example", length=15), ADA),
            Try("inactive", id_of("bo@shop.example"), NOBODY),
            Try("a profile", id_of_profile, refused("A Profile")),
            Try("no ID", token(), refused("No ID: fed-ada")),
            Try("forged", token(is_forged=True), FORGED),
        ),
    ),
    Case(
        ("OpaqueUserInfo",),
        shop,
        tuple(
            Try(name, made, expected, token_type="ACCESS_TOKEN", prepare=prepare)
            for name, made, expected, prepare in [
                (
                    "verified",
                    token(kind=OPAQUE, email="ada@shop.example", email_verified=True),
                    ADA,
                    None,
                ),
                (
                    "unverified",
                    token(kind=OPAQUE, email="ada@shop.example", email_verified=False),
                    refused("Unverified"),
                    None,
                ),
                (
                    "not said",
                    token(kind=OPAQUE, email="ada@shop.example"),
                    refused("Unverified"),
                    None,
                ),
                ("expired", token(kind=OPAQUE, is_expired=True), refused("Expired"), None),
                ("unknown", lambda case_org: "abc", refused("Expired"), None),
                (
                    "no remote site",
                    token(kind=OPAQUE),
                    refused("Unreachable"),
                    without_sites,
                ),
            ]
        ),
    ),
    Case(
        ("SharedSecretJws",),
        shop_with_secret,
        (
            Try("good", hs256(SECRET, sub="fed-ada"), ADA),
            Try("nobody", hs256(SECRET, sub="fed-zoe"), NOBODY),
            Try("another secret", hs256("other", sub="fed-ada"), refused("Forged")),
            Try(
                "no algorithm",
                hs256(SECRET, {"alg": "none"}, sub="fed-ada"),
                refused("Algorithm none"),
            ),
            Try("expired", hs256(SECRET, sub="fed-ada", exp=5), refused("Expired")),
            Try(
                "one part",
                lambda case_org: "abc",
                refused("Three parts expected, but found 1"),
            ),
            Try(
                "no JSON",
                without_json,
                Expected(None, throws="System.JSONException*"),
            ),
        ),
    ),
    Case(
        ("JustInTimeUser",),
        shop,
        (
            Try("known", token(role="boss"), ADA),
            Try("new", token(**NEW), CREATED, can_create=True),
            Try("robot", token(**NEW | {"role": "robot"}), CREATED, can_create=True),
            Try("boss", token(**NEW | {"role": "boss"}), NOBODY, can_create=True),
            Try("not allowed", token(**NEW), NOBODY),
            Try(
                "no first name",
                token(**{k: v for k, v in NEW.items() if k != "given_name"}),
                Expected(True, throws=NULL_POINTER),
                can_create=True,
            ),
        ),
    ),
    Case(
        ("IssuersByMetadata",),
        shop_with_issuers,
        (
            Try(
                "good",
                token(),
                Expected(True, user="ada@shop.example", error="Shop 1.50"),
            ),
            Try(
                "not yet",
                token(iss="https://later.example"),
                refused("Unknown: https://later.example"),
            ),
            Try(
                "off",
                token(iss="https://off.example"),
                refused("Unknown: https://off.example"),
            ),
            Try("forged", token(is_forged=True), refused("Forged for Shop")),
            Try("nobody", token(sub="fed-zoe"), Expected(True, throws=NO_ROWS)),
        ),
    ),
    Case(
        ("ClaimRules",),
        shop,
        (
            Try("good", token(email="a@shop.example", age=20), ADA),
            Try(
                "two problems",
                token(email="x@other.example", age=12),
                refused("age is 12; email is from other.example"),
            ),
            Try("no email", token(), refused("email is missing")),
            Try(
                "no number",
                token(email="a@shop.example", age="old"),
                refused("age is no number"),
            ),
            Try("other case", token(sub="FED-ADA", email="a@shop.example"), NOBODY),
        ),
    ),
    Case(
        ("NameSync",),
        shop,
        (
            Try(
                "new name",
                token(given_name="Augusta", family_name="King"),
                ADA,
                commit=True,
                check=has_a_new_name,
            ),
            Try(
                "no last name",
                token(given_name="Augusta", family_name=""),
                ADA,
                commit=True,
                check=keeps_her_name,
            ),
            Try(
                "too long",
                token(given_name="Augusta", family_name="K" * 81),
                ADA,
                commit=True,
                check=keeps_her_name,
            ),
            Try("inactive", token(sub="fed-bo"), Expected(True, throws=NO_ROWS)),
        ),
    ),
)
