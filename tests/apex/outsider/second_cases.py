"""The handlers eleven to twenty: their orgs, tokens, and expected outcomes."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.utils import timezone

from tests.factories import (
    CertificateFactory,
    PermissionSetAssignmentFactory,
    PermissionSetFactory,
)
from tokenx.org.issuer_keys import load_sealed_key
from tokenx.org.models import BuiltInProfile, Certificate, StoredComponent

from .first_cases import NO_ROWS, NULL_POINTER, UNAUTHORIZED, found, refused, without_sites
from .trying import OPAQUE, Case, CaseOrg, Expected, Try, token

NOBODY = Expected(True)


# 11. Settings by SOQL on custom metadata, labels, WITH SECURITY_ENFORCED.
def gateway(case_org: CaseOrg) -> None:
    case_org.site("https://gateway.example:8443")
    case_org.issuer(
        iss="https://gateway.example",
        keys_url="https://gateway.example:8443/jwks",
        claims={"scp": ["crm.read", "crm.write"], "sub": "g-1"},
    )
    case_org.labels(
        Gateway_No_Setting="There's no setting for",
        Gateway_Refused='Gateway: "refused" <1>',
        Gateway_Problems="Problems: {0}",
    )
    case_org.record("Gateway_Setting", "Default", Issuer__c="https://unrelated.example",
                    Keys__c="https://gateway.example:8443/jwks", Leeway__c=None,
                    Scopes__c=None)  # fmt: skip
    case_org.record("Gateway_Setting", "Case_App", Issuer__c="https://gateway.example",
                    Keys__c="https://gateway.example:8443/jwks", Leeway__c=5,
                    Scopes__c="crm.read, crm.write")  # fmt: skip
    case_org.user("gus@acme.example", federation_id="g-1")


def without_settings(case_org: CaseOrg) -> None:
    rows = StoredComponent.objects.filter(org=case_org.org, type="CustomMetadata")
    rows.delete()
    case_org.record("Gateway_Setting", "Unrelated", Issuer__c="x", Keys__c="x",
                    Leeway__c=1, Scopes__c="x")  # fmt: skip


def default_setting(case_org: CaseOrg) -> None:
    StoredComponent.objects.get(org=case_org.org, name="Gateway_Setting.Case_App").delete()


GATEWAY = Case(
    ("GatewayTokenHandler",),
    gateway,
    (
        Try("good", token(), found("gus@acme.example")),
        Try("scopes as text", token(scp="crm.write crm.read"), found("gus@acme.example")),
        Try("missing scope", token(scp=["crm.read"]), refused("Problems: scp:crm.write")),
        Try("expired", token(is_expired=True), refused("Problems: exp")),
        Try("several problems", token(iss="https://x.example", is_expired=True, scp=None),
            refused("Problems: iss;exp;scp:crm.read;scp:crm.write")),
        Try("forged", token(is_forged=True), refused('Gateway: "refused" <1>')),
        Try("default setting", token(), refused("Problems: iss"), prepare=default_setting),
        Try("no setting", token(), refused("There's no setting for Case_App"),
            prepare=without_settings),
        Try("unknown user", token(sub="g-2"), NOBODY),
    ),
)  # fmt: skip


# 12. A token with HMAC-SHA512, deserializeStrict, bit operations, dynamic SOQL.
def devices(case_org: CaseOrg) -> None:
    case_org.user("dora@acme.example", email="dora@mail.example", last_name="O'Device")
    case_org.user("dan@acme.example", email="d'an@mail.example", last_name="Dan")


def device(forged: bool = False, **changes):
    def made(case_org: CaseOrg) -> str:
        claim = {
            "device": "d-1", "at": int(time.time() * 1000), "roles": ["exchange"],
            "owner": {"email": "dora@mail.example", "name": "Dora O'Device"},
            "extra": {"model": "7"}, **changes,
        }  # fmt: skip
        content = json.dumps({k: v for k, v in claim.items() if v is not None}).encode()
        first = base64.b64encode(content)
        master = bytes.fromhex("00112233445566778899aabbccddeeff")
        key = hmac.new(master, claim["device"].encode(), hashlib.sha256).digest()
        if forged:
            key = b"guess"
        mac = hmac.new(key, first, hashlib.sha512).digest()
        return f"{first.decode()}~{base64.b64encode(mac).decode()}"

    return made


DEVICES = Case(
    ("DeviceSignatureHandler",),
    devices,
    (
        Try("good", device(), found("dora@acme.example")),
        Try("first name only and a quote",
            device(owner={"email": "d'an@mail.example", "name": "Dan"}),
            found("dan@acme.example")),
        Try("forged", device(forged=True), refused("step 2: mac")),
        Try("old", device(at=1_700_000_000_000), refused("step 3: time")),
        Try("no roles", device(roles=None), refused("step 6: role")),
        Try("other roles", device(roles=["x", "Exchange"]), refused("step 6: role")),
        Try("locked", device(flags=6), refused("step 6: locked")),
        Try("unknown field", device(color="red"), refused("step 1: json")),
        Try("format", lambda case_org: "abc", refused("step 0: format")),
        Try("unknown user", device(owner={"email": "x@mail.example"}), NOBODY),
    ),
)  # fmt: skip


# 13. Lists as text, equals and hashCode of a class, a switch on text with null.
def okta(case_org: CaseOrg) -> None:
    case_org.site("https://acme.okta.example")
    case_org.issuer(
        iss="https://acme.okta.example/oauth2/default",
        keys_url="https://acme.okta.example/oauth2/default/v1/keys",
        claims={"aud": "api://default", "groups": ["Everyone", "SFDC-User"]},
    )
    case_org.user("olga@acme.example")
    case_org.user("otto@acme.example", profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    case_org.user("omar@acme.example", profile=BuiltInProfile.API_ONLY)


ADMIN_GROUP = ["sfdc-admin", "x"]
OKTA = Case(
    ("OktaGroupsHandler",),
    okta,
    (
        Try("good", token(sub="olga@acme.example"), found("olga@acme.example")),
        Try("administrator as user", token(sub="otto@acme.example"), NOBODY),
        Try("administrator", token(sub="otto@acme.example", groups=ADMIN_GROUP),
            found("otto@acme.example")),
        Try("other profile", token(sub="omar@acme.example", groups=["sfdc-power"]),
            found("omar@acme.example")),
        Try("other profile as user", token(sub="omar@acme.example"), NOBODY),
        Try("no groups", token(sub="olga@acme.example", groups=None),
            refused("0 groups, none allowed")),
        Try("other groups", token(sub="olga@acme.example", groups=["a", "b"]),
            refused("2 groups, none allowed")),
        Try("forged", token(sub="olga@acme.example", is_forged=True), refused("Signature")),
        Try("expired", token(sub="olga@acme.example", is_expired=True), refused("Expired")),
        Try("other audience", token(sub="olga@acme.example", aud=["api://default", "b"]),
            refused("Audience [api://default, b] was not expected")),
        Try("unknown user", token(sub="x@acme.example"), NOBODY),
    ),
)  # fmt: skip


# 14. A chain of checks: abstract inner classes, super, iterators, a semi-join.
def chain(case_org: CaseOrg) -> None:
    case_org.site("https://chain.example")
    case_org.issuer(iss="https://chain.example", keys_url="https://chain.example/jwks",
                    claims={"email": "cora@mail.example"})  # fmt: skip
    case_org.user("cora@acme.example", email="cora@mail.example")
    case_org.user("cora2@acme.example", email="cora@mail.example.com")
    blocked = case_org.user("carl@acme.example", email="carl@mail.example")
    PermissionSetAssignmentFactory(
        org=case_org.org,
        user=blocked,
        permission_set=PermissionSetFactory(org=case_org.org, name="No_Exchange"),
    )


def chained(**claims):
    def made(case_org: CaseOrg) -> str:
        zone = ZoneInfo(case_org.run_as.time_zone or "UTC")
        now = timezone.now().astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        return token(**{"sub": "c", "iat_local": now, **claims})(case_org)

    return made


CHAIN = Case(
    ("ChainOfChecks", "ChainedHandler"),
    chain,
    (
        Try("good", chained(), found("cora@acme.example")),
        Try("missing claims", chained(email=None, iat_local=None),
            refused("REQUIRED(EMAIL IAT_LOCAL)")),
        Try("two problems", chained(iss="https://x.example", email=None),
            refused("issuer(https://x.example), REQUIRED(EMAIL)")),
        Try("expired", chained(is_expired=True), refused("lifetime(over)")),
        Try("too long", chained(lifetime=timedelta(hours=1)),
            refused("lifetime(too long)")),
        Try("blocked by a permission set", chained(email="carl@mail.example"), NOBODY),
        Try("forged", chained(is_forged=True),
            Expected(None, throws="Auth.JWTValidationException: *")),
        Try("bad time", chained(iat_local="noon"),
            Expected(None, throws="System.TypeException: Invalid date/time: noon")),
        Try("unknown user", chained(email="nobody@mail.example"), NOBODY),
    ),
)  # fmt: skip


# 15. Refresh tokens at a token endpoint, JSONParser, Url, dates, a SOQL for loop of lists.
def refresh(case_org: CaseOrg) -> None:
    case_org.site("https://refresh.example")
    case_org.issuer(iss="https://refresh.example",
                    token_url="https://refresh.example/oauth2/token")  # fmt: skip
    case_org.user("rolf@acme.example", federation_id="r-1")
    case_org.user("ruth@acme.example", federation_id="rolf@acme.example")


REFRESH = Case(
    ("SessionRefreshHandler",),
    refresh,
    tuple(
        Try(name, made, expected, token_type=token_type, **options)
        for name, made, expected, token_type, options in (
            ("good", token(kind=OPAQUE, sub="r-1"), found("rolf@acme.example"),
             "REFRESH_TOKEN", {}),
            ("JWT", token(sub="r-1"), refused("400 invalid_grant"), "REFRESH_TOKEN", {}),
            ("two users", token(kind=OPAQUE, sub="rolf@acme.example"),
             Expected(True, throws="SessionRefreshHandler.UnsupportedException: 2"),
             "REFRESH_TOKEN", {}),
            ("forged", token(kind=OPAQUE, sub="r-1", is_forged=True),
             refused("400 invalid_grant"), "REFRESH_TOKEN", {}),
            ("expired", token(kind=OPAQUE, sub="r-1", is_expired=True),
             refused("400 invalid_grant"), "REFRESH_TOKEN", {}),
            ("other type", token(sub="r-1"), Expected(
                None, throws="SessionRefreshHandler.UnsupportedException: "
                "Only refresh tokens, not ID_TOKEN"), "ID_TOKEN", {}),
            ("unknown user", token(kind=OPAQUE, sub="r-2"), NOBODY, "REFRESH_TOKEN", {}),
            ("no remote site", token(sub="r-1"), Expected(
                None, throws=UNAUTHORIZED + "https://refresh.example/oauth2/token"),
             "REFRESH_TOKEN", {"prepare": without_sites}),
        )
    ),
)  # fmt: skip


# 16. Contact and Account, upsert, insert of a user, and mixed DML.
def members(case_org: CaseOrg) -> None:
    case_org.site("https://members.example")
    case_org.issuer(
        iss="https://members.example", keys_url="https://members.example/keys",
        claims={"aud": "members", "first": "Mia", "last": "Member", "sub": "m-1",
                "mode": "x", "email": "mia@mail.example"},
    )  # fmt: skip
    case_org.user("mia@acme.example", email="mia@mail.example", first_name="Mia",
                  last_name="Maiden")  # fmt: skip
    case_org.user("max@acme.example", email="max@mail.example", first_name="Max",
                  last_name="Member")  # fmt: skip
    case_org.user("taken@mail.example", email="else@mail.example")


def renamed(case_org: CaseOrg, run) -> str:
    run.user.refresh_from_db()
    return "" if run.user.last_name == "Member" else f"still {run.user.last_name}"


def inserted(case_org: CaseOrg, run) -> str:
    user = run.user
    got = (user.email, user.alias, user.locale, user.language, user.federation_id)
    wanted = ("new@mail.example", "Membe1", "en_GB", case_org.run_as.language, "m-1")
    return "" if got == wanted else f"{got} instead of {wanted}"


MEMBERS = Case(
    ("ContactLinkedHandler",),
    members,
    (
        Try("renamed", token(), found("mia@acme.example"), check=renamed, commit=True),
        Try("same name", token(email="max@mail.example", first="Max"),
            found("max@acme.example")),
        Try("same name with a contact",
            token(email="max@mail.example", first="Max", mode="contact-first"),
            found("max@acme.example")),
        Try("renamed with a contact", token(mode="contact-first"),
            found("mia@acme.example")),
        Try("new", token(email="new@mail.example"),
            Expected(True, user="new@mail.example"), can_create=True, check=inserted),
        Try("new, mixed DML", token(email="new@mail.example", mode="contact-first"),
            Expected(True, throws="ContactLinkedHandler.SyncException: "
                     "Not created: MIXED_DML_OPERATION ()"), can_create=True),
        Try("name taken", token(email="taken@mail.example"), Expected(
            True, throws="ContactLinkedHandler.SyncException: "
            "Not created: DUPLICATE_USERNAME (Username)"), can_create=True),
        Try("new, not allowed", token(email="new@mail.example"), NOBODY),
        Try("other audience", token(aud="x"), refused("aud or iss")),
        Try("forged", token(is_forged=True),
            Expected(None, throws="Auth.JWTValidationException: *")),
        Try("invalid name", token(email="new@mail.example", last=""), Expected(
            True, throws="ContactLinkedHandler.SyncException: "
            "Not created: REQUIRED_FIELD_MISSING (LastName)"), can_create=True),
    ),
)  # fmt: skip


# 17. Text: indexes, hexadecimal, URLs, padding, unusual case of keywords.
def soup(case_org: CaseOrg) -> None:
    case_org.user("ann.lee@acme.example")
    case_org.user("bo@acme.example", email="bo@mail.example")


def soup_token(middle: str, pepper: str = "pépper's", version: str = "v2"):
    digest = hashlib.sha1((middle + pepper).encode()).hexdigest()
    return lambda case_org: f"{version}|{middle}|{digest.upper()}"


SOUP = Case(
    ("StringSoupHandler",),
    soup,
    (
        Try("good", soup_token("kid=7; n =5;u=ann.lee%40acme.example"),
            found("ann.lee@acme.example")),
        Try("by email", soup_token("n=11;u=bo%40mail.example"), Expected(True)),
        Try("forged", soup_token("n=5;u=x", pepper="salt"),
            Expected(False, error_matches=r"Hash [0-9a-f]{5}\.\.\. \(40\)")),
        Try("version", soup_token("n=5", version="v1"), refused("Version")),
        Try("too short", lambda case_org: "v2|x", refused("Version")),
        Try("even", soup_token("n=-4;u=x"), refused("Even -4")),
        Try("no number", soup_token("n=five;u=x"), refused("Invalid integer: five")),
        Try("missing number", soup_token("u=x"), Expected(
            None, throws="System.NullPointerException: Argument cannot be null.")),
        Try("unknown user", soup_token("n=5;u=longer.name%40acme.example"), NOBODY),
    ),
)  # fmt: skip


# 18. validateJWTWithCert, the surprises of Auth.JWT, static state in both methods.
def pinned(case_org: CaseOrg) -> None:
    case_org.field("Contractor_Id__c")
    case_org.issuer(iss="https://pinned.example", algorithm="RS256", claims={"aud": "crm"})
    case_org.issuer("other", iss="https://pinned.example", algorithm="RS256")
    issuer = case_org.issuers["main"]
    CertificateFactory(org=case_org.org, name="Partner_Signing", pem=certificate_of(issuer))
    case_org.user("conny@acme.example", custom_values={"Contractor_Id__c": "C-1"})
    case_org.user("xenia@acme.example", custom_values={"Contractor_Id__c": "X-1"})


def certificate_of(issuer) -> str:
    key = load_sealed_key(issuer.sealed_key)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pinned.example")])
    now = timezone.now()
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )
    return built.public_bytes(Encoding.PEM).decode()


def without_certificate(case_org: CaseOrg) -> None:
    Certificate.objects.filter(org=case_org.org).delete()


PINNED = Case(
    ("PinnedCertHandler",),
    pinned,
    (
        Try("good", token(sub="C-1"), found("conny@acme.example")),
        Try("two audiences", token(sub="C-1", aud=["x", "crm"]),
            found("conny@acme.example")),
        Try("forged", token(sub="C-1", is_forged=True), refused("invalid_token")),
        Try("other issuer's key", token("other", sub="C-1", aud="crm"),
            refused("invalid_token")),
        Try("expired", token(sub="C-1", is_expired=True), refused("expired_token")),
        Try("other audience", token(sub="C-1", aud="CRM"), refused("invalid_audience")),
        Try("unknown user", token(sub="C-2"), NOBODY),
        Try("blocked user", token(sub="X-1"), NOBODY),
        Try("no certificate", token(sub="C-1"), refused("invalid_token"),
            prepare=without_certificate),
    ),
)  # fmt: skip


# 19. Numbers, enum maps, nested JSON, retries, an aggregate.
def bits(case_org: CaseOrg) -> None:
    case_org.site("https://up.bits.example")
    case_org.issuer(
        iss="https://bits.example", userinfo_url="https://up.bits.example/userinfo",
        claims={
            "sub": "b", "email": "Bob@mail.example",
            "account": {"tier": "silver", "orders": [
                {"amount": 5.25}, {"amount": 3}, {"amount": "7"}]},
        },
    )  # fmt: skip
    case_org.user("bob@acme.example", email="bob@mail.example")
    case_org.user("vip@acme.example")
    for number in (1, 2):
        case_org.user(f"bill{number}@acme.example", email="bill@mail.example")


def account(tier, *amounts):
    orders = [{"amount": amount} for amount in amounts]
    return token(account={"tier": tier, "orders": orders})


BITS = Case(
    ("BitsOfEverything",),
    bits,
    (
        # 8.25 * 1.25 = 10.3125
        Try("good", token(), found("bob@acme.example"), token_type="ACCESS_TOKEN"),
        Try("very important", account("gold", 500, 0.1), found("vip@acme.example")),
        # 7.96 * 1.25 = 9.95, which rounds up to 10.0
        Try("rounded up", account("Silver", 7.96), found("bob@acme.example")),
        # 7.94 * 1.25 = 9.925
        Try("too little", account("Silver", 7.94),
            refused("score 9.9 of 1 orders, tier 1")),
        Try("nothing", account("bronze"), refused("score 0.0 of 0 orders, tier 0")),
        Try("tier", account("iron", 5), refused("tier iron")),
        Try("no account", token(account=None), Expected(None, throws=NULL_POINTER)),
        Try("two users", token(email="bill@mail.example"), NOBODY),
        Try("forged", token(is_forged=True), refused("failures: 11")),
        Try("expired", token(is_expired=True), refused("failures: 11")),
        Try("no remote site", token(), refused("failures: 20"), prepare=without_sites),
        Try("unknown user", token(email="nobody@mail.example"), NOBODY),
    ),
)  # fmt: skip


# 20. Exceptions, their causes, and limits.
def budget(case_org: CaseOrg) -> None:
    case_org.site("https://budget.example")
    case_org.issuer(iss="https://budget.example", keys_url="https://budget.example/keys")
    case_org.user("bibi@acme.example")


UNQUERIED = (
    "System.SObjectException: SObject row was retrieved via SOQL without querying the "
    "requested field: User.Email"
)
BUDGET = Case(
    ("ExecutionBudgetHandler",),
    budget,
    (
        Try("good", token(sub="bibi@acme.example"), found("bibi@acme.example")),
        Try("forged", token(sub="x", is_forged=True), Expected(
            False, error_matches=r"DeniedException verify < "
            r"Auth\.JWTValidationException \? @2026 [01]")),
        Try("expired", token(sub="x", is_expired=True),
            Expected(False, error_matches=r"DeniedException fresh @2026 [01]")),
        Try("no token", lambda case_org: "x.y", Expected(
            False, error_matches=r"DeniedException verify < "
            r"Auth\.JWTValidationException \? @2026 0")),
        Try("too many queries", token(sub="loop"),
            Expected(True, throws="System.LimitException: Too many SOQL queries: 101")),
        Try("index", token(sub="index"),
            Expected(True, throws="System.ListException: List index out of bounds: 0")),
        Try("cast", token(sub="cast"), Expected(
            True,
            throws="System.TypeException: Invalid conversion from runtime type String to "
            "User")),
        Try("field", token(sub="field"), Expected(True, throws=UNQUERIED)),
        Try("divide", token(sub="divide"),
            Expected(True, throws="System.MathException: Divide by 0")),
        Try("unknown user", token(sub="x"), Expected(True, throws=NO_ROWS)),
    ),
)  # fmt: skip

CASES = (
    GATEWAY, DEVICES, OKTA, CHAIN, REFRESH, MEMBERS, SOUP, PINNED, BITS, BUDGET,
)  # fmt: skip
