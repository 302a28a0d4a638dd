"""The first ten handlers: their orgs, tokens, and expected outcomes."""

import json
import re
from datetime import timedelta

from django.utils import timezone

from tokenx.org.models import BuiltInProfile, RemoteSite, StoredComponent, User
from tokenx.org.record_ids import USER, record_id

from .trying import OPAQUE, SAML, Case, CaseOrg, Expected, Try, hs256, token

NO_ROWS = "System.QueryException: List has no rows for assignment to SObject"
NULL_POINTER = "System.NullPointerException: Attempt to de-reference a null object"
UNAUTHORIZED = (
    "System.CalloutException: Unauthorized endpoint, please check Setup->Security->Remote "
    "site settings. endpoint = "
)


def refused(error: str) -> Expected:
    return Expected(False, error=error)


def found(username: str) -> Expected:
    return Expected(True, user=username)


def without_sites(case_org: CaseOrg) -> None:
    RemoteSite.objects.filter(org=case_org.org).delete()


# 1. Employee number in a custom field, switch on an enum, an inner class with properties.
def workforce(case_org: CaseOrg) -> None:
    case_org.field("Employee_No__c")
    case_org.site("https://login.workforce.example")
    case_org.issuer(
        iss="https://login.workforce.example",
        keys_url="https://login.workforce.example/oauth2/v1/keys",
        claims={"aud": "salesforce-api"},
    )
    case_org.user("wanda@acme.example", custom_values={"Employee_No__c": "4711"})
    case_org.user("will@acme.example", custom_values={"Employee_No__c": "4712"})
    case_org.user("wim@acme.example", email="wim.private@mail.example")
    for number in (1, 2):
        case_org.user(f"twin{number}@acme.example", custom_values={"Employee_No__c": "99"})


WORKFORCE = Case(
    ("WorkforceExchange",),
    workforce,
    (
        Try("number", token(sub="w1", employee_number=4711), found("wanda@acme.example")),
        Try("email", token(sub="w2", email="WIM.private@mail.example"),
            found("wim@acme.example")),
        Try("number used twice", token(sub="w3", employee_number="99"), Expected(True)),
        Try("unknown user", token(sub="w4", email="nobody@mail.example"), Expected(True)),
        Try("forged", token(sub="w1", employee_number=4711, is_forged=True),
            refused("The signature is not valid")),
        Try("expired", token(sub="w1", employee_number=4711, is_expired=True),
            refused("The token expired")),
        Try("other audience", token(sub="w1", aud="other", employee_number=1),
            refused("Unexpected audience: other")),
        Try("list of audiences",
            token(sub="w1", aud=["salesforce-api", "x"], email="a@b.c"),
            refused("Unexpected audience: [salesforce-api, x]")),
        Try("other type", token(sub="w1"), refused("Unsupported token type SAML_2"),
            token_type="SAML_2"),
        Try("no remote site", token(sub="w1"), refused("The signature is not valid"),
            prepare=without_sites),
    ),
)  # fmt: skip


# 2. Introspection at a named credential, JSON.deserialize into a class, ?. and ??.
def partner(case_org: CaseOrg) -> None:
    case_org.credential("Partner_IdP", "https://partners.example/api")
    case_org.issuer(
        iss="https://partners.example",
        introspection_url="https://partners.example/api/oauth/introspect",
        claims={"scope": "openid CRM.exchange", "tenant": "Partners", "client_id": "p1"},
    )
    case_org.user("paula@acme.example", federation_id="fed-paula")
    case_org.user(
        "petra@acme.example",
        federation_id="fed-petra",
        first_name="Petra",
        last_name="Power",
        profile=BuiltInProfile.SYSTEM_ADMINISTRATOR,
    )


def partner_token(**claims):
    return token(kind=OPAQUE, **claims)


def without_credential(case_org: CaseOrg) -> None:
    StoredComponent.objects.filter(org=case_org.org).delete()


PARTNER = Case(
    ("PartnerIntrospection",),
    partner,
    (
        Try("other type", partner_token(sub="fed-paula"), refused("")),
        *(Try(name, made, expected, token_type="ACCESS_TOKEN", **options)
        for name, made, expected, options in (
            ("good", partner_token(sub="fed-paula"), found("paula@acme.example"), {}),
            ("forged", partner_token(sub="fed-paula", is_forged=True),
             refused("token is not active"), {}),
            ("expired", partner_token(sub="fed-paula", is_expired=True),
             refused("token is not active"), {}),
            ("scope", partner_token(sub="fed-paula", scope="openid"),
             refused("missing scope crm.exchange"), {}),
            ("tenant", partner_token(sub="fed-paula", tenant=None),
             refused("tenant unknown is not trusted"), {}),
            ("unknown user", partner_token(sub="fed-nobody"),
             Expected(True, throws=NO_ROWS), {}),
            ("administrator", partner_token(sub="fed-petra"),
             Expected(True, throws="PartnerIntrospection.AuthorizationException: "
                      "Administrators cannot exchange partner tokens: Petra Power"), {}),
            ("no credential", partner_token(sub="fed-paula"),
             Expected(False, error_matches="introspection unavailable: .*Partner_IdP.*"),
             {"prepare": without_credential}),
        )),
    ),
)  # fmt: skip


# 3. A shared secret in custom metadata, a constructor, labels, MACs.
def portal(case_org: CaseOrg) -> None:
    case_org.labels(
        Portal_Other_Type="Use a JWT, please.",
        Portal_Bad_Signature="Signature & secret don't match",
        Portal_Expired="The session ended {0} s ago",
    )
    case_org.record(
        "Portal_Trust", "Legacy_Portal", "Legacy Portal", Secret__c="s3cr3t-of-portal",
        Issuer__c="https://Portal.example", Audience__c="crm", Skew__c=30,
    )  # fmt: skip
    case_org.user("peter@acme.example", alias="peterp")


def portal_token(secret: str = "s3cr3t-of-portal", **claims):
    defaults = {"iss": "https://portal.example", "aud": "crm", "sub": "peterp"}
    return hs256(secret, **{**defaults, **claims})


PORTAL = Case(
    ("SharedSecretHandler",),
    portal,
    (
        Try("good", portal_token(given_name="Peter"), found("peter@acme.example")),
        Try("list of audiences", portal_token(aud=["erp", "crm"]),
            found("peter@acme.example")),
        Try("forged", portal_token("guess"), refused("Signature & secret don't match")),
        Try("expired", portal_token(exp=1_700_000_000),
            Expected(False, error_matches=r"The session ended [\d,]+ s ago")),
        Try("no exp", portal_token(exp=None), Expected(None, throws=NULL_POINTER)),
        Try("other audience", portal_token(aud="erp"), refused("Audience")),
        Try("other issuer", portal_token(iss="https://other.example"), refused("Issuer")),
        Try("other type", portal_token(), refused("Use a JWT, please."),
            token_type="SAML_2"),
        Try("algorithm", portal_token(header={"alg": "none"}),
            refused("Algorithm none is not allowed")),
        Try("two parts", lambda case_org: "a.b", refused("A token has 3 parts, not 2")),
        Try("not JSON", lambda case_org: "YWJj.YWJj.YWJj", Expected(
            None, throws="System.JSONException: Unexpected character ('a' (code 97)): "
            "expected a valid value (number, String, array, object, 'true', 'false' or "
            "'null') at input location [1,2]")),
        Try("unknown user", portal_token(sub="nobody"), Expected(True)),
        Try("no record", portal_token(),
            refused("Portal_Trust__mdt.Legacy_Portal is missing"),
            prepare=lambda case_org: StoredComponent.objects.filter(
                org=case_org.org, type="CustomMetadata").update(name="Portal_Trust.Other")),
    ),
)  # fmt: skip


# 4. SAML with Dom.Document, a hierarchy of exceptions, finally, LIKE.
def saml(case_org: CaseOrg) -> None:
    case_org.issuer(
        iss="urn:gateway:idp", algorithm="RS256",
        claims={"aud": "https://saml.salesforce.com"},
    )  # fmt: skip
    case_org.user("sam@acme.example")
    case_org.user("sam@acme2.example")


def assertion(**claims):
    return token(kind=SAML, **claims)


SAML_CASE = Case(
    ("SamlAssertionHandler",),
    saml,
    tuple(
        Try(name, made, expected, token_type=token_type)
        for name, made, expected, token_type in (
            ("good", assertion(sub="SAM@acme.example", email="sam@x.example"),
             found("sam@acme.example"), "SAML_2"),
            ("two audiences", assertion(sub="sam@acme2.example",
             aud=["urn:x", "https://saml.salesforce.com"]),
             found("sam@acme2.example"), "SAML_2"),
            ("forged, which the class doesn't check",
             assertion(sub="sam@acme.example", is_forged=True),
             found("sam@acme.example"), "SAML_2"),
            ("expired", assertion(sub="sam@acme.example", is_expired=True),
             refused("Assertion expired"), "SAML_2"),
            ("other audience", assertion(sub="sam@acme.example", aud="urn:x"),
             refused("Assertion rejected (audience)"), "SAML_2"),
            ("other issuer", assertion(sub="sam@acme.example", iss="urn:other"),
             refused("Assertion rejected (issuer urn:other)"), "SAML_2"),
            ("other type", assertion(sub="sam@acme.example"),
             refused("Assertion rejected (not a SAML assertion)"), "JWT"),
            ("unknown user", assertion(sub="tom@acme.example"), Expected(True), "SAML_2"),
            ("not XML", lambda case_org: "PGE+PGI+PC9hPg==",
             refused("Assertion unreadable"), "SAML_2"),
        )
    ),
)  # fmt: skip


# 5. UserInfo, new User(), and a query for the profile.
def retail(case_org: CaseOrg) -> None:
    case_org.site("https://id.retail.example")
    case_org.issuer(
        iss="https://id.retail.example",
        userinfo_url="https://id.retail.example/userinfo",
        claims={
            "email_verified": True,
            "given_name": "Rita",
            "family_name": "Retailersson",
        },
    )
    case_org.user("old@acme.example", email="known@mail.example")


def created(case_org: CaseOrg, run) -> str:
    user = run.user
    wanted = (
        "Rita", "Retailersson", "rretaile", "fed-new", "new@mail.example", "Europe/Berlin",
        "de_DE", "Standard User",
    )  # fmt: skip
    got = (
        user.first_name, user.last_name, user.alias, user.federation_id, user.email,
        user.time_zone, user.locale, user.profile.name,
    )  # fmt: skip
    return "" if got == wanted else f"{got} instead of {wanted}"


def userinfo_token(**claims):
    return token(**claims)


RETAIL = Case(
    ("UserInfoProvisioner",),
    retail,
    tuple(
        Try(name, made, expected, token_type="ACCESS_TOKEN", **options)
        for name, made, expected, options in (
            ("known", token(sub="1", email="Known@mail.example"),
             found("old@acme.example"), {}),
            ("new", token(sub="fed-new", email="new@mail.example", locale="de-DE"),
             Expected(True, user="new@mail.example.retail", new_user=True),
             {"can_create": True, "check": created}),
            ("new, not allowed", token(sub="3", email="new@mail.example"),
             Expected(True), {}),
            ("forged", token(sub="1", email="known@mail.example", is_forged=True),
             refused("userinfo refused the token"), {}),
            ("expired", token(sub="1", email="known@mail.example", is_expired=True),
             refused("userinfo refused the token"), {}),
            ("missing claims", token(sub="1", family_name=None),
             refused("Missing claims: email, family_name (found 3). It's required."), {}),
            ("unverified", token(sub="1", email="a@b.example", email_verified=False),
             refused("email not verified"), {}),
            ("invalid time zone and locale",
             token(sub="4", email="x@mail.example", locale="xx-Nowhere"),
             Expected(True), {"can_create": True}),
            ("no remote site", token(sub="1", email="known@mail.example"),
             Expected(None, throws=UNAUTHORIZED + "https://id.retail.example/userinfo"),
             {"prepare": without_sites}),
        )
    ),
)  # fmt: skip


# 6. Several classes: an abstract base, an interface, super, and the update of a user.
def linking(case_org: CaseOrg) -> None:
    case_org.site("https://sso.linking.example")
    case_org.issuer(
        iss="https://sso.linking.example",
        keys_url="https://sso.linking.example/keys",
        claims={"aud": "crm"},
    )
    case_org.user("linda@acme.example", federation_id="L-1")
    case_org.user("lena@acme.example", email="lena@mail.example")
    for number in (1, 2):
        case_org.user(f"lou{number}@acme.example", email="lou@mail.example")


def is_linked(case_org: CaseOrg, run) -> str:
    run.user.refresh_from_db()
    return "" if run.user.federation_id == "L-2" else f"linked {run.user.federation_id!r}"


def is_not_linked(case_org: CaseOrg, run) -> str:
    run.user.refresh_from_db()
    return "" if run.user.federation_id == "" else f"linked {run.user.federation_id!r}"


LINKING = Case(
    ("IDirectory", "TokenTimes", "AbstractTokenHandler", "LinkingHandler"),
    linking,
    (
        Try("known", token(sub="L-1"), found("linda@acme.example")),
        Try("linked and saved", token(sub="L-2", email="lena@mail.example"),
            found("lena@acme.example"), commit=True, check=is_linked),
        Try("linked, not saved", token(sub="L-2", email="lena@mail.example"),
            found("lena@acme.example"), check=is_not_linked),
        Try("two users", token(sub="L-3", email="lou@mail.example"), Expected(
            True, throws="AbstractTokenHandler.HandlerException: "
            "2 users have the address lou@mail.example")),
        Try("one of two audiences", token(sub="L-1", aud=["x", "erp"]),
            found("linda@acme.example")),
        Try("other audience", token(sub="L-1", aud=["x", "y"]),
            refused("AUDIENCE: [x, y]")),
        Try("expired", token(sub="L-1", is_expired=True),
            refused("EXPIRED: over since 60 min")),
        Try("forged", token(sub="L-1", is_forged=True),
            Expected(None, throws="Auth.JWTValidationException: *")),
        Try("unknown user", token(sub="L-9"), Expected(True)),
    ),
)  # fmt: skip


# 7. RSA by hand: JSONParser, DER in hex, Crypto.verify, exceptions with methods.
def by_hand(case_org: CaseOrg) -> None:
    case_org.field("Object_Id__c")
    case_org.site("https://tokens.byhand.example")
    case_org.issuer(
        iss="https://tokens.byhand.example", algorithm="RS256",
        keys_url="https://tokens.byhand.example/.well-known/jwks.json",
        claims={"aud": "api://crm"},
    )  # fmt: skip
    case_org.issuer("other", iss="https://other.example", algorithm="RS256")
    case_org.user("bea@acme.example", custom_values={"Object_Id__c": "oid-1"})


BY_HAND = Case(
    ("TokenProblem", "RsaByHand"),
    by_hand,
    (
        Try("good", token(oid="oid-1", upn="bea@x.example"), found("bea@acme.example")),
        Try("forged", token(oid="oid-1", is_forged=True),
            refused("Signature: bad signature")),
        Try("unknown key", token("other", oid="oid-1"),
            Expected(False, error_matches="Key not published: .+")),
        Try("expired", token(oid="oid-1", is_expired=True),
            refused("The token is not valid now")),
        Try("other audience", token(oid="oid-1", aud="API://crm"),
            refused("Audience: API://crm")),
        Try("unknown user", token(oid="oid-2"), Expected(True, throws=NO_ROWS)),
        Try("no token", lambda case_org: "abc", Expected(
            None,
            throws="System.AssertException: Assertion Failed: segments: Expected: 3, "
            "Actual: 1")),
        Try("not JSON", lambda case_org: "YWJj.e30.e30", refused("not JSON")),
        Try("no remote site", token(oid="oid-1"), Expected(
            None,
            throws=UNAUTHORIZED + "https://tokens.byhand.example/.well-known/jwks.json"),
            prepare=without_sites),
    ),
)  # fmt: skip


# 8. Pattern and Matcher, sets, maps of lists, IN, parent fields, ORDER BY.
def router(case_org: CaseOrg) -> None:
    case_org.site("https://router.example")
    case_org.issuer(iss="https://router.example", keys_url="https://router.example/keys")
    case_org.user("jane.doe@emea.example", last_name="Doe")
    case_org.user("jane.doe@amer.example", last_name="Doe")
    case_org.user("max@apac.example", last_name="A")
    case_org.user("max@emea.example", last_name="B",
                  profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)  # fmt: skip


ROUTER = Case(
    ("RegexRouter",),
    router,
    (
        Try("region", token(sub="amer:person:jane.doe"), found("jane.doe@amer.example")),
        Try("other region", token(sub="apac:person:jane.doe"),
            found("jane.doe@emea.example")),
        Try("administrator", token(sub="emea:person:max"), found("max@apac.example")),
        Try("forged", token(sub="emea:person:max", is_forged=True),
            refused("[E1] Auth.JWTValidationException")),
        Try("shape", token(sub="emea:person:jane doe (external)"),
            refused("[E2] emea:person:jane ...")),
        Try("uppercase", token(sub="EMEA:person:max"), refused("[E2] EMEA:person:max")),
        Try("unknown region", token(sub="mars:person:max"),
            refused("[E3] mars is not one of amer/apac/emea")),
        Try("blocked", token(sub="emea:person:Rooty"), refused("[E4] Rooty")),
        Try("bot", token(sub="emea:bot:max"),
            refused("[E5] bots need an external client app")),
        Try("bot of ECA", token(sub="apac:bot:max"), found("max@apac.example"),
            app_type="ECA"),
        Try("unknown user", token(sub="emea:person:nobody"), Expected(True)),
        Try("no remote site", token(sub="emea:person:max"),
            Expected(False, error_matches=r"\[E1\] (System\.Callout|Auth\.JWTValidation)"
                     "Exception"), prepare=without_sites),
    ),
)  # fmt: skip


# 9. Digests, JSONGenerator, Limits, Assert, causes of exceptions, IDs.
def audit(case_org: CaseOrg) -> None:
    case_org.site("https://audit.example")
    case_org.issuer(iss="https://audit.example", keys_url="https://audit.example/keys")
    case_org.user("aude@acme.example")


def audited(before: str, **claims):
    """Return a function that mints a token about a user, some time ago."""

    def made(case_org: CaseOrg) -> str:
        user = User.objects.get(org=case_org.org, username=before)
        issued = timezone.now() - timedelta(minutes=claims.get("minutes", 1))
        text = issued.strftime("%Y-%m-%d %H:%M:%S")
        others = {k: v for k, v in claims.items() if k != "minutes"}
        return token(**{"sub": record_id(USER, user.pk), "iat_text": text, **others})(
            case_org
        )

    return made


def event(notes: list[str], outcome: str = "refused", ordinal: int = 1) -> Expected:
    text = json.dumps(notes, separators=(",", ":"))
    pattern = (
        r'\{"fp":"[0-9a-f]{16}","app":"Case_App","outcome":"' + outcome + '",'
        + f'"ordinal":{ordinal},"notes":' + re.escape(text)
        + r',"callouts":(true|false),"more":\{"q":0\},"end":null\}'
    )  # fmt: skip
    return Expected(False, error_matches=pattern)


AUDIT = Case(
    ("AuditedExchange",),
    audit,
    (
        Try("good", audited("aude@acme.example"), found("aude@acme.example")),
        Try("forged", audited("aude@acme.example", is_forged=True), event(["signature"])),
        Try("stale", audited("aude@acme.example", minutes=15, sub="s"),
            event(["sub=s", "type=JWT", "older than 10 minutes"])),
        Try("no time", token(sub="s"),
            event(["sub=s", "type=JWT", "no iat_text / System.NullPointerException"])),
        Try("bad time", token(sub="s", iat_text="yesterday"),
            event(["sub=s", "type=JWT", "bad iat_text / System.TypeException"])),
        Try("other issuer", audited("aude@acme.example", iss="https://x.example"),
            Expected(None, throws="System.AssertException: Assertion Failed: iss: "
                     "Expected: https://audit.example, Actual: https://x.example")),
        Try("no ID", audited("aude@acme.example", sub="nobody"), Expected(True)),
        Try("ID of a profile", audited("aude@acme.example", sub="00e000000000001AAA"),
            Expected(True)),
        Try("own user", audited("handler@acme.example"), Expected(
            True,
            throws="AuditedExchange.StaleException: the handler's own user")),
    ),
)  # fmt: skip


# 10. Custom metadata with getAll and SOQL, a singleton, Comparable, interfaces.
def tenants(case_org: CaseOrg) -> None:
    case_org.site("https://blue.example")
    case_org.site("https://red.example")
    for name in ("blue", "red", "off"):
        host = f"https://{name}.example"
        case_org.issuer(name, iss=host, keys_url=f"{host}/keys")
        case_org.record(
            "Tenant_Config", name.capitalize(), f"{name} tenant", Issuer__c=host,
            Keys_URL__c=f"{host}/keys", Enabled__c=name != "off",
            Priority__c={"blue": 20, "red": 3.0, "off": None}[name],
            Audience__c="crm" if name == "red" else None,
            Claim__c="sub" if name == "blue" else None,
            Lookup__c="username" if name == "blue" else "email",
            Profiles__c="Standard User;Other" if name == "red" else None,
        )  # fmt: skip
    case_org.user("tina@acme.example", email="shared@mail.example", last_name="A",
                  profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)  # fmt: skip
    case_org.user("tom@acme.example", email="shared@mail.example", last_name="B")


TENANTS = Case(
    ("TenantRegistry", "MultiTenantHandler"),
    tenants,
    (
        Try("username", token("blue", sub="tina@acme.example"), found("tina@acme.example")),
        Try("email and profile", token("red", aud="crm", email="shared@mail.example"),
            found("tom@acme.example")),
        Try("other audience", token("red", email="shared@mail.example"), refused("aud")),
        Try("no claim", token("red", aud="crm"), refused("no email")),
        Try("disabled", token("off", sub="x"), refused(
            "https://off.example is not in (https://red.example, https://blue.example)")),
        Try("forged", token("blue", sub="tina@acme.example", is_forged=True),
            Expected(None, throws="Auth.JWTValidationException: *")),
        Try("unknown user", token("blue", sub="x@acme.example"), Expected(True)),
        Try("no token", lambda case_org: "abc",
            Expected(None, throws="Auth.JWTValidationException: *")),
    ),
)  # fmt: skip

CASES = (
    WORKFORCE, PARTNER, PORTAL, SAML_CASE, RETAIL, LINKING, BY_HAND, ROUTER, AUDIT, TENANTS,
)  # fmt: skip
