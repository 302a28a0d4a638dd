"""Sessions of API clients: how they start and end, and that every call needs one."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.conftest import signed_in
from tests.factories import UserFactory, profile_of
from tokenx.api.soap.operations import OPERATIONS
from tokenx.org.models import AccessToken, BuiltInProfile
from tokenx.org.record_ids import ORG, USER, record_id

from .calling import PARTNER, Rest, Soap, check_form, error_of, fault_of, header, session_id
from .soap.calls import REQUESTS, envelope

PASSWORD = "correct horse battery"
INVALID = (
    "sf:INVALID_SESSION_ID",
    "INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session",
)
ENTERPRISE = "urn:enterprise.soap.sforce.com"
EXPIRED = (401, "INVALID_SESSION_ID", "Session expired or invalid")
LOGIN_PATHS = ["/services/Soap/u/62.0", "/services/Soap/u/29.0/", "/services/Soap/u/67.0"]
REST_PATHS = [
    ("get", "/services/data/v62.0"),
    ("get", "/services/data/v62.0/"),
    ("get", "/services/oauth2/userinfo"),
    ("get", "/services/data/v62.0/query?q=SELECT+Id+FROM+User"),
    ("get", "/services/data/v62.0/query/?q=nonsense"),
    ("get", "/services/data/v62.0/query/locator-2000"),
    ("get", "/services/data/v62.0/tooling/query?q=SELECT+Id+FROM+User"),
    ("get", "/services/data/v62.0/tooling/sobjects/SourceMember/describe"),
    ("get", "/services/data/v62.0/sobjects"),
    ("get", "/services/data/v62.0/sobjects/User/describe"),
    ("get", "/services/data/v62.0/sobjects/User/005000000000001"),
    ("post", "/services/data/v62.0/sobjects/OauthTokenExchangeHandler"),
    ("patch", "/services/data/v62.0/sobjects/OauthTokenExchangeHandler/txH000000000001"),
    ("delete", "/services/data/v62.0/sobjects/OauthTokenExchangeHandler/txH000000000001"),
    ("post", "/services/data/v62.0/metadata/deployRequest"),
    ("get", "/services/data/v62.0/metadata/deployRequest/0Af000000000001"),
    ("patch", "/services/data/v62.0/metadata/deployRequest/0Af000000000001"),
    # Unknown paths and methods that aren't allowed reveal nothing either.
    ("get", "/services/data/v62.0/no/such/thing"),
    ("post", "/services/apexrest/anything"),
    ("put", "/services/data/v62.0/query"),
    ("get", "/services"),
]


@pytest.fixture
def person(org):
    user = UserFactory(
        org=org, username="ada@mycompany.example", first_name="Ada", last_name="Lovelace"
    )
    user.set_password(PASSWORD)
    user.save()
    return user


def login(username, password=PASSWORD, path=LOGIN_PATHS[0], **extra):
    credentials = f"<username>{username}</username><password>{password}</password>"
    body = envelope(f'<login xmlns="{PARTNER}">{credentials}</login>')
    return Client().post(path, body, content_type="text/xml; charset=utf-8", **extra)


def element(response, name):
    """Return the text of the first such element, without prefix, as jsforce finds it."""
    return re.search(f"<{name}>([^<]*)</{name}>", response.content.decode())[1]


# --- Logging in and out ---------------------------------------------------------------


def test_a_password_gives_a_session_at_every_version(person, subtests):
    for path in LOGIN_PATHS:
        with subtests.test(path=path):
            response = login(person.username, path=path)

            assert response.status_code == 200
            check_form(response.content.decode(), "login", PARTNER)
            org_id, user_id = record_id(ORG, person.org_id), record_id(USER, person.pk)
            assert element(response, "sessionId").startswith(f"{org_id[:15]}!")
            assert re.fullmatch(r"00D\w{12,15}![\w.]+", element(response, "sessionId"))
            assert element(response, "organizationId") == org_id
            assert element(response, "userId") == user_id
            assert element(response, "passwordExpired") == "false"
            assert element(response, "userFullName") == "Ada Lovelace"
            version = re.search(r"\d+\.0", path)[0]
            server = f"http://testserver/services/Soap/u/{version}/{org_id[:15]}"
            assert element(response, "serverUrl") == server
            assert element(response, "metadataServerUrl") == server.replace("/u/", "/m/")


def test_the_server_url_has_the_host_that_the_client_called(person):
    response = login(person.username, headers={"Host": "localhost:8011"}, secure=True)

    assert element(response, "serverUrl").startswith("https://localhost:8011/services/")


def test_a_login_session_works_for_soap_and_rest(person):
    type(person).objects.update(
        profile=profile_of(person.org, BuiltInProfile.SYSTEM_ADMINISTRATOR)
    )
    session = element(login(person.username), "sessionId")

    assert Soap(session).result("<describeMetadata/>")["partialSaveAllowed"] == "true"
    user_info = Rest(session).get("/services/oauth2/userinfo")
    assert user_info["preferred_username"] == person.username


def test_an_invalid_password_is_a_login_fault_that_clients_parse(person):
    response = login(person.username, "wrong")
    unknown = login("unknown@mycompany.example")

    message = (
        "INVALID_LOGIN: Invalid username, password, security token; or user locked out."
    )
    assert fault_of(response) == ("INVALID_LOGIN", message)
    assert b'xmlns:sf="urn:fault.partner.soap.sforce.com"' in response.content
    assert (
        b'<detail><sf:LoginFault xsi:type="sf:LoginFault">'
        b"<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode><sf:exceptionMessage>Invalid "
        b"username, password, security token; or user locked out.</sf:exceptionMessage>"
        b"</sf:LoginFault></detail>"
    ) in response.content
    assert unknown.content == response.content


def test_a_login_without_a_password_is_refused(person, subtests):
    for parameters in ["", "<username>ada@mycompany.example</username>"]:
        with subtests.test(parameters=parameters):
            body = envelope(f"<login>{parameters}</login>")

            response = Client().post(LOGIN_PATHS[0], body, content_type="text/xml")

            assert fault_of(response)[0] == "INVALID_LOGIN"


def test_logins_recorded_from_real_clients_are_parsed(db):
    logins = [path for path in REQUESTS if path.stem.startswith("login")]
    for path in logins:
        body = path.read_bytes()
        response = Client().post(LOGIN_PATHS[0], body, content_type="text/xml")
        assert fault_of(response)[0] == "INVALID_LOGIN"
    assert len(logins) == 3


def test_logging_out_ends_the_session(soap, session):
    path = "/services/Soap/u/62.0"
    body = envelope(f'<logout xmlns="{PARTNER}"/>', header(session))

    response = soap.post(body, path)

    assert response.status_code == 200
    check_form(response.content.decode(), "logout", PARTNER)
    assert b"<logoutResponse></logoutResponse>" in response.content
    assert fault_of(soap.post(body, path)) == INVALID
    assert soap.fault("<describeMetadata/>") == INVALID


def test_the_enterprise_api_signs_in_and_out_in_its_own_namespace(person):
    path = "/services/Soap/c/62.0"

    response = login(person.username, path=path)
    refused = login(person.username, "wrong", path)
    session = element(response, "sessionId")
    logout = Soap(session).post(envelope("<logout/>", header(session)), path)

    check_form(response.content.decode(), "login", ENTERPRISE)
    org_id = record_id(ORG, person.org_id)
    server = f"http://testserver/services/Soap/c/62.0/{org_id[:15]}"
    assert element(response, "serverUrl") == server
    assert element(response, "metadataServerUrl") == server.replace("/c/", "/m/")
    assert fault_of(refused)[0] == "INVALID_LOGIN"
    assert b'xmlns:sf="urn:fault.enterprise.soap.sforce.com"' in refused.content
    check_form(logout.content.decode(), "logout", ENTERPRISE)
    assert Soap(session).fault("<describeMetadata/>") == INVALID


def test_get_user_info_returns_the_sessions_user(soap, session, admin, subtests):
    for api, namespace in [("u", PARTNER), ("c", ENTERPRISE)]:
        with subtests.test(api=api):
            body = envelope(f'<getUserInfo xmlns="{namespace}"/>', header(session))

            response = soap.post(body, f"/services/Soap/{api}/38.0")

            check_form(response.content.decode(), "getUserInfo", namespace)
            assert element(response, "userId") == record_id(USER, admin.pk)
            assert element(response, "userName") == admin.username
            assert element(response, "organizationId") == record_id(ORG, admin.org_id)
            assert element(response, "organizationName") == admin.org.name


def test_get_user_info_needs_a_session(soap):
    body = envelope("<getUserInfo/>", header("00D000000000001!nonsense"))

    assert fault_of(soap.post(body, "/services/Soap/u/62.0")) == INVALID


def test_the_partner_api_has_no_other_operations(session):
    client = Soap(session)
    client.path = LOGIN_PATHS[0]

    code, message = client.fault("<query><queryString>SELECT Id</queryString></query>")

    assert code == "sf:INVALID_OPERATION"
    assert message == "INVALID_OPERATION: No operation available for request query"


def test_revoking_a_session_ends_it(rest, session):
    response = Client().post("/services/oauth2/revoke", {"token": session})
    again = Client().post("/services/oauth2/revoke/", {"token": session})

    assert (response.status_code, again.status_code) == (200, 200)
    assert error_of(rest.send("get", "sobjects")) == EXPIRED


def test_revoke_needs_a_post(client, db):
    response = client.get("/services/oauth2/revoke")

    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")
    assert response.json()["error"] == "invalid_request"


# --- No session ------------------------------------------------------------------------


@pytest.fixture(
    params=[
        "none",
        "nonsense",
        "non-ASCII",
        "expired",
        "revoked",
        "deactivated",
        "truncated",
        "cookie",
    ]
)
def invalid(request, admin, session):
    """Return an invalid session ID for a client to send."""
    kind, tokens = request.param, AccessToken.objects.all()
    if kind == "none":
        return ""
    if kind == "nonsense":
        return "00D000000000001!AQ.abc_DEF"
    if kind == "non-ASCII":
        return "00D00000000000ä!’"
    if kind == "expired":
        tokens.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif kind == "revoked":
        tokens.update(revoked_at=timezone.now())
    elif kind == "deactivated":
        type(admin).objects.update(is_active=False)
    elif kind == "truncated":
        return session[:-1]
    elif kind == "cookie":
        return ""
    return session


@pytest.fixture
def sender(invalid, admin, request):
    """Return a client without a valid session; the API ignores a browser's cookie."""
    is_cookie = "cookie" in request.node.callspec.id
    return signed_in(admin) if is_cookie else Client()


def test_every_soap_operation_needs_a_session(sender, invalid, subtests):
    for operation in [*OPERATIONS, "noSuchOperation", "login"]:
        with subtests.test(operation=operation):
            body = envelope(f"<{operation}/>", header(invalid))

            response = sender.post("/services/Soap/m/62.0", body, content_type="text/xml")

            assert fault_of(response) == INVALID


def test_a_body_without_a_session_is_not_parsed(sender, invalid):
    body = envelope("<deploy><ZipFile>!!! no base64 !!!</ZipFile>", header(invalid))

    response = sender.post("/services/Soap/m/62.0", body, content_type="text/xml")

    assert fault_of(response) == INVALID


def test_every_rest_call_needs_a_session(sender, invalid, subtests):
    headers = {"Authorization": f"Bearer {invalid}"} if invalid else {}

    for method, path in REST_PATHS:
        with subtests.test(method=method, path=path):
            response = getattr(sender, method)(path, headers=headers)

            assert error_of(response) == EXPIRED


def test_the_identity_url_needs_a_session(sender, invalid, admin):
    path = f"/id/{record_id(ORG, admin.org_id)}/{record_id(USER, admin.pk)}"

    response = sender.get(path, {"oauth_token": invalid})

    assert error_of(response) == (403, "INVALID_SESSION_ID", "Bad_OAuth_Token")


def test_versions_need_no_session(client, db):
    for path in ("/services/data", "/services/data/"):
        response = client.get(path)
        versions = [float(each["version"]) for each in response.json()]
        assert versions == sorted(versions)
        assert versions[-1] == 67.0
        assert 60.0 in versions
        assert response.json()[-1]["url"] == "/services/data/v67.0"
        assert response.json()[2] == {
            "label": "Spring '24",
            "url": "/services/data/v60.0",
            "version": "60.0",
        }


# --- Sessions in headers --------------------------------------------------------------


def test_a_session_can_come_in_the_authorization_header(session, subtests):
    for scheme in ["Bearer", "OAuth", "bearer", "Bearer "]:
        with subtests.test(scheme=scheme):
            value = f"{scheme} {session}"
            body = envelope("<describeMetadata/>")

            soap = Soap("").post(body, Authorization=value)
            rest = Client().get("/services/data/v62.0", headers={"Authorization": value})

            assert (soap.status_code, rest.status_code) == (200, 200)


def test_the_soap_header_overrides_the_authorization_header(soap, session):
    body = envelope("<describeMetadata/>", header("00D000000000001!wrong"))

    assert fault_of(soap.post(body, Authorization=f"Bearer {session}")) == INVALID


def test_api_calls_need_no_csrf_token(admin, session):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    body = envelope("<describeMetadata/>", header(session))
    headers = {"Authorization": f"Bearer {session}"}

    soap = client.post("/services/Soap/m/62.0", body, content_type="text/xml")
    path = "/services/data/v62.0/sobjects/OauthTokenExchangeHandler"
    rest = client.post(path, {}, content_type="application/json", headers=headers)
    login = client.post("/services/Soap/u/62.0", envelope("<login/>"), "text/xml")
    revoked = client.post("/services/oauth2/revoke", {"token": session})

    assert soap.status_code == 200
    assert error_of(rest)[:2] == (400, "REQUIRED_FIELD_MISSING")
    assert fault_of(login)[0] == "INVALID_LOGIN"
    assert revoked.status_code == 200


def test_api_calls_set_no_cookie(soap, rest):
    soap.answer("<describeMetadata/>")
    rest.get("sobjects")

    assert not soap.client.cookies
    assert not rest.client.cookies


def test_any_profile_can_have_a_session(org):
    user = UserFactory(org=org, profile=BuiltInProfile.STANDARD_USER)
    rest = Rest(session_id(user))

    assert rest.get("/services/oauth2/userinfo")["preferred_username"] == user.username
    assert rest.get(f"sobjects/User/{record_id(USER, user.pk)}")["Username"]
