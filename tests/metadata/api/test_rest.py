"""REST: who one is, queries, and rows of the two handler objects (contract 8)."""

import pytest
from django.test import RequestFactory

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.metadata.api.calling import HANDLER, JSON_TYPE, Rest, error_of
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata import query
from tokenx.org.models import AuditEntry
from tokenx.org.record_ids import (
    APEX_CLASS,
    CONNECTED_APP,
    ENABLEMENT,
    EXTERNAL_APP,
    ORG,
    USER,
    record_id,
)
from tokenx.org.record_ids import HANDLER as HANDLER_PREFIX
from tokenx.wsgi import application

HANDLERS = "sobjects/OauthTokenExchangeHandler"
HANDLER_APPS = "sobjects/OauthTokenExchHandlerApp"
NOT_FOUND = (404, "NOT_FOUND", "The requested resource does not exist")


def handler_path(handler):
    return f"{HANDLERS}/{record_id(HANDLER_PREFIX, handler.pk)}"


def app_path(enablement):
    return f"{HANDLER_APPS}/{record_id(ENABLEMENT, enablement.pk)}"


# --- Who one is ------------------------------------------------------------------------


def test_a_program_learns_who_it_is(rest, admin):
    told = rest.get("/services/oauth2/userinfo")

    assert told["user_id"] == record_id(USER, admin.pk)
    assert told["organization_id"] == record_id(ORG, admin.org_id)
    assert told["preferred_username"] == "admin@mycompany.example"
    assert (told["name"], told["email"]) == ("Ada Admin", "admin@mycompany.example")
    assert told["sub"].endswith(f"/id/{told['organization_id']}/{told['user_id']}")
    assert rest.get("/services/oauth2/userinfo/") == told


def test_jsforce_asks_at_the_address_of_its_own(rest, admin, session, client):
    path = f"/id/{record_id(ORG, admin.org_id)}/{record_id(USER, admin.pk)}"

    told = rest.get(path)

    assert told["username"] == "admin@mycompany.example"
    assert client.get(path, {"format": "json", "oauth_token": session}).json() == told
    other = f"/id/{record_id(ORG, admin.org_id)}/{record_id(USER, 999)}"
    assert rest.get(other, 403)[0]["errorCode"] == "INVALID_SESSION_ID"


def test_says_where_to_go_on(rest):
    told = rest.get("/services/data/v62.0")

    assert told["sobjects"] == "/services/data/v62.0/sobjects"
    assert told["query"] == "/services/data/v62.0/query"
    assert rest.get("/services/data/v51.0/")["query"] == "/services/data/v51.0/query"


def test_the_user_and_the_org_are_records(rest, admin):
    user_id, org_id = record_id(USER, admin.pk), record_id(ORG, admin.org_id)

    user = rest.get(f"/services/data/v51.0/sobjects/User/{user_id}")
    org = rest.get(f"sobjects/Organization/{org_id}")
    short = rest.get(f"sobjects/organization/{org_id[:15]}/")

    url = f"/services/data/v51.0/sobjects/User/{user_id}"
    assert user["attributes"] == {"type": "User", "url": url}
    assert (user["Id"], user["Username"]) == (user_id, "admin@mycompany.example")
    assert short == org
    assert org["IsSandbox"] is False
    assert org["TrialExpirationDate"] is None
    assert org["NamespacePrefix"] is None
    assert org["OrganizationType"]
    assert org["InstanceName"]


# --- Queries ---------------------------------------------------------------------------


def soql(rest, text, path="query", status=200, **more):
    return rest.get(path, status, q=text, **more)


@pytest.mark.parametrize(
    "path", ["query", "query/", "queryAll", "/services/data/v67.0/query/"]
)
def test_answers_a_query(rest, handler, path):
    told = soql(rest, "select id, developername from oauthtokenexchangehandler", path)

    root = "/services/data/v67.0" if path[0] == "/" else rest.root
    pk = record_id(HANDLER_PREFIX, handler.pk)
    attributes = {"type": HANDLER, "url": f"{root}/sobjects/{HANDLER}/{pk}"}
    row = {"attributes": attributes, "Id": pk, "DeveloperName": "My_Handler"}
    assert told == {"totalSize": 1, "done": True, "records": [row]}


def test_says_what_the_columns_are(rest, handler):
    text = f"SELECT Id, DeveloperName FROM {HANDLER}"

    told = soql(rest, text, columns="true")

    first, second = told["columnMetadata"]
    assert first | {"apexType": "Id"} == first
    assert (first["columnName"], first["displayName"]) == ("Id", "Id")
    assert (first["aggregate"], first["joinColumns"]) == (False, [])
    assert second["columnName"] == "DeveloperName"
    assert soql(rest, text, "tooling/query", columns="true") == told


def test_the_tooling_api_says_how_many_and_of_what(rest, handler):
    told = soql(rest, f"SELECT Id FROM {HANDLER}", "tooling/query/")

    assert (told["size"], told["entityTypeName"]) == (1, HANDLER)
    assert (told["totalSize"], told["done"], told["queryLocator"]) == (1, True, None)


@pytest.mark.parametrize("path", ["query", "tooling/query"])
def test_goes_on_where_an_answer_stopped(rest, handler, path, monkeypatch):
    monkeypatch.setattr(query, "BATCH", 2)
    for _ in range(4):
        TokenExchangeHandlerFactory(org=handler.org, apex_class=handler.apex_class)
    found, told = [], soql(rest, f"SELECT Id FROM {HANDLER} ORDER BY Id", path)

    while True:
        assert told["totalSize"] == 5
        assert ("entityTypeName" in told) is path.startswith("tooling")
        found += told["records"]
        if told["done"]:
            break
        assert told["nextRecordsUrl"].startswith(f"{rest.root}/{path}/")
        told = rest.get(told["nextRecordsUrl"])

    assert len({each["Id"] for each in found}) == 5


def test_an_answer_goes_on_for_its_own_org_only(rest, handler, their_session, monkeypatch):
    monkeypatch.setattr(query, "BATCH", 1)
    TokenExchangeHandlerFactory(org=handler.org, apex_class=handler.apex_class)
    following = soql(rest, f"SELECT Id FROM {HANDLER}")["nextRecordsUrl"]

    for session, path in [(their_session, following), (their_session, "query/nonsense-1")]:
        refused = Rest(session).refused("get", path)
        assert refused == (400, "INVALID_QUERY_LOCATOR", "invalid query locator")


@pytest.mark.parametrize(
    "text, code, words",
    [
        (
            "SELECT Id FROM ScratchOrgInfo limit 1",
            "INVALID_TYPE",
            "sObject type 'ScratchOrgInfo' is not supported.",
        ),
        ("SELECT Nothing FROM User", "INVALID_FIELD", "Nothing"),
        ("nonsense", "MALFORMED_QUERY", ""),
        ("", "MALFORMED_QUERY", ""),
        ("SELECT Id FROM User WHERE Name = '\0'", "", ""),
        ("SELECT Id FROM User WHERE Name = '\ud83d'", "", ""),
        ("SELECT " + "(" * 5000, "MALFORMED_QUERY", ""),
    ],
)
@pytest.mark.parametrize("path", ["query", "tooling/query"])
def test_a_query_that_cannot_be_answered(rest, text, code, words, path):
    text = text.encode("utf-8", "surrogatepass")
    response = rest.client.get(f"{rest.root}/{path}", {"q": text})

    if code:
        status, found, said = error_of(response)
        assert (status, found) == (400, code)
        assert words in said
    else:
        assert response.status_code in {200, 400}
        assert response["Content-Type"] == JSON_TYPE


def test_what_the_salesforce_cli_asks_of_an_org(rest, org):
    names = "Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix"

    [row] = soql(rest, f"SELECT {names}, OrganizationType FROM Organization")["records"]

    assert (row["Name"], row["IsSandbox"]) == (org.name, False)


def test_a_query_asks_the_database_once(rest, handler, django_assert_num_queries):
    text = f"SELECT Id, TokenHandlerApex.Name, LastModifiedBy.Name FROM {HANDLER}"
    for _ in range(10):
        TokenExchangeHandlerFactory(org=handler.org)
    soql(rest, text)

    # The session, and the rows.
    with django_assert_num_queries(2):
        assert len(soql(rest, text)["records"]) == 11


def test_another_orgs_rows_are_not_in_an_answer(their_session, handler, admin):
    rest = Rest(their_session)

    assert soql(rest, f"SELECT Id FROM {HANDLER}")["records"] == []
    names = soql(rest, "SELECT Username FROM User")["records"]
    assert admin.username not in [each["Username"] for each in names]


# --- Describing ------------------------------------------------------------------------


def test_objects_are_described(rest):
    names = [each["name"] for each in rest.get("sobjects")["sobjects"]]

    assert {HANDLER, "OauthTokenExchHandlerApp", "User", "Organization"} <= set(names)
    for name in names:
        told = rest.get(f"sobjects/{name}/describe")
        assert told["name"] == name
        assert told["createable"] is name.startswith("OauthTokenExch")
        assert "Id" in [field["name"] for field in told["fields"]]
        assert rest.get(f"sobjects/{name}")["objectDescribe"]["name"] == name


@pytest.mark.parametrize(
    "path",
    [
        # Clients take an org with these words for one that does not track sources.
        "tooling/sobjects/SourceMember/describe",
        "sobjects/SourceMember/describe",
        "sobjects/SourceMember",
        "sobjects/SourceMember/0MZ000000000001",
        "sobjects/User/005000000000999",
        "sobjects/User/nonsense",
        "sobjects/User/005000000000001AAB",
        "sobjects/User/%00",
        "sobjects/%F0%9F%99%82",
        "sobjects/OauthTokenExchangeHandler/0MZ000000000001",
        "no/such/thing",
        "no/such/thing/",
        "a%0Ab",
        "/services",
        "/services/",
        "/services//data",
        "/services/data/v6.0",
        "/services/data/v62",
        "/services/data/latest",
        "/services/apexrest/x",
        "/services/Soap/s/62.0",
    ],
)
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_what_is_not_there(rest, path, method):
    response = rest.send(method, path, {} if method in {"post", "patch"} else None)

    if method == "get" or response.status_code == 404:
        assert error_of(response)[:3] == NOT_FOUND
    else:
        assert error_of(response)[0] in {400, 405}


@pytest.mark.parametrize(
    "method, path, allowed",
    [
        ("post", "query", "GET,HEAD"),
        ("delete", "", "GET,HEAD"),
        ("put", HANDLERS, "GET,HEAD,POST"),
        ("post", "/services/data", "GET,HEAD"),
        ("delete", "metadata/deployRequest", "POST"),
        ("get", "metadata/deployRequest", "POST"),
        ("post", "metadata/deployRequest/0Af000000000001", "GET,HEAD,PATCH"),
        ("options", "query", "GET,HEAD"),
        ("trace", "query", "GET,HEAD"),
        ("trace", "nothing", "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS"),
    ],
)
def test_a_method_that_is_not_allowed(rest, method, path, allowed):
    response = getattr(rest.client, method)(rest.path(path))

    assert error_of(response)[:2] == (405, "METHOD_NOT_ALLOWED")
    assert response["Allow"] == allowed


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "path",
    ["//services/data", "//services/data/v62.0/", "///services/data/v62.0/query/"],
)
def test_two_slashes_are_one_and_nothing_is_redirected(session, path, org):
    environ = RequestFactory().get("/", {"q": "SELECT Id FROM Organization"}).environ
    environ |= {"PATH_INFO": path, "HTTP_AUTHORIZATION": f"Bearer {session}"}
    environ["SERVER_NAME"] = environ["HTTP_HOST"] = "localhost"
    statuses = []

    answer = b"".join(application(environ, lambda status, headers: statuses.append(status)))

    assert statuses == ["200 OK"]
    assert answer[:1] in {b"[", b"{"}


@pytest.mark.parametrize("path", ["/services/data", "/services/Soap/m/62.0", "/id/a/b"])
def test_a_wrong_host_is_told_as_json(client, db, path):
    response = client.get(path, headers={"Host": "evil.example"})

    assert error_of(response)[0] == 400


# --- Handlers --------------------------------------------------------------------------


@pytest.fixture
def said(org):
    """What is said of a handler that can be."""
    made = ApexClassFactory(org=org, name="ShopTokens")
    return {
        "DeveloperName": "Mine",
        "MasterLabel": "My own",
        "Description": "’🙂",
        "TokenHandlerApexId": record_id(APEX_CLASS, made.pk),
        "SupportedTokenTypesJwt": True,
        "IsEnabled": True,
    }


def test_creates_a_handler(rest, said, admin):
    response = rest.send("post", f"{HANDLERS}/", said)

    assert response.status_code == 201
    made = TokenExchangeHandler.objects.get()
    pk = record_id(HANDLER_PREFIX, made.pk)
    assert response.json() == {"id": pk, "success": True, "errors": []}
    assert (made.developer_name, made.label, made.is_enabled) == ("Mine", "My own", True)
    assert (made.supports_jwt, made.supports_saml2) == (True, False)
    assert (made.created_by, made.description) == (admin, "’🙂")
    told = rest.get(f"{HANDLERS}/{pk}")
    assert told | said == told
    entry = AuditEntry.objects.latest("pk")
    assert (entry.user, entry.context) == (admin, "API")


@pytest.mark.parametrize(
    "changes, code, fields",
    [
        ({"MasterLabel": ""}, "REQUIRED_FIELD_MISSING", ["MasterLabel"]),
        ({"DeveloperName": None}, "REQUIRED_FIELD_MISSING", ["DeveloperName"]),
        (
            {"DeveloperName": "no name"},
            "FIELD_INTEGRITY_EXCEPTION",
            ["DeveloperName"],
        ),
        (
            {"DeveloperName": "x" * 10_000},
            "FIELD_INTEGRITY_EXCEPTION",
            ["DeveloperName"],
        ),
        (
            {"DeveloperName": "my_handler"},
            "DUPLICATE_DEVELOPER_NAME",
            ["DeveloperName"],
        ),
        ({"SupportedTokenTypesJwt": False}, "FIELD_INTEGRITY_EXCEPTION", []),
        (
            {"TokenHandlerApexId": "01p000000000999"},
            "INVALID_CROSS_REFERENCE_KEY",
            ["TokenHandlerApexId"],
        ),
        ({"TokenHandlerApexId": "nonsense"}, "MALFORMED_ID", ["TokenHandlerApexId"]),
        ({"TokenHandlerApexId": None}, "REQUIRED_FIELD_MISSING", ["TokenHandlerApexId"]),
        ({"TokenHandlerApexId": 7}, "JSON_PARSER_ERROR", ["TokenHandlerApexId"]),
        ({"IsEnabled": "maybe"}, "JSON_PARSER_ERROR", ["IsEnabled"]),
        ({"IsEnabled": None}, "JSON_PARSER_ERROR", ["IsEnabled"]),
        ({"MasterLabel": ["a"]}, "JSON_PARSER_ERROR", ["MasterLabel"]),
        ({"MasterLabel": "a\0b"}, "JSON_PARSER_ERROR", ["MasterLabel"]),
        ({"Description": "\ud83d"}, "JSON_PARSER_ERROR", ["Description"]),
        ({"Description": "\x01"}, "JSON_PARSER_ERROR", ["Description"]),
        ({"TokenHandlerApexId": "01p\0"}, "JSON_PARSER_ERROR", ["TokenHandlerApexId"]),
        ({"Id": "txH000000000001"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Id"]),
        ({"createddate": "x"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["CreatedDate"]),
        ({"Nothing__c": "x"}, "INVALID_FIELD", []),
        ({"\ud83d\0": "x"}, "INVALID_FIELD", []),
    ],
)
@pytest.mark.parametrize("method", ["post", "patch"])
def test_a_handler_that_cannot_be(rest, said, handler, method, changes, code, fields):
    other = TokenExchangeHandlerFactory(org=handler.org, label="Other")
    path = HANDLERS if method == "post" else handler_path(other)
    before = TokenExchangeHandler.objects.order_by("pk").values()

    response = rest.send(method, path, (said if method == "post" else {}) | changes)

    error = response.json()[0]
    told = response.status_code, error["errorCode"], error["fields"]
    assert told == (400, code, fields)
    assert error["message"]
    assert list(TokenExchangeHandler.objects.order_by("pk").values()) == list(before)


def test_an_unknown_column_is_named_with_its_object(rest, said):
    told = rest.refused("post", HANDLERS, said | {"Nothing": "x"})

    words = "No such column 'Nothing' on sobject of type OauthTokenExchangeHandler"
    assert told == (400, "INVALID_FIELD", words)


@pytest.mark.parametrize("missing", ["DeveloperName", "MasterLabel", "TokenHandlerApexId"])
def test_a_field_that_is_missing_is_named(rest, said, missing):
    del said[missing]

    words = f"Required fields are missing: [{missing}]"
    told = rest.refused("post", HANDLERS, said)
    assert told == (400, "REQUIRED_FIELD_MISSING", words, [missing])


def test_changes_what_is_said_and_nothing_else(rest, handler):
    handler.supports_saml2 = True
    handler.save()

    response = rest.send(
        "patch",
        handler_path(handler),
        {"MasterLabel": "New", "Description": None, "SupportedTokenTypesJwt": False},
    )

    assert (response.status_code, response.content) == (204, b"")
    before = handler.developer_name
    handler.refresh_from_db()
    assert (handler.label, handler.description) == ("New", "")
    assert (handler.supports_jwt, handler.supports_saml2) == (False, True)
    assert (handler.developer_name, handler.is_enabled) == (before, True)


def test_switches_a_handler_off(rest, handler):
    response = rest.send("patch", handler_path(handler), {"IsEnabled": False})

    assert response.status_code == 204

    handler.refresh_from_db()
    assert not handler.is_enabled
    assert AuditEntry.objects.latest("pk").context == "API"


def test_deletes_a_handler(rest, handler):
    EnablementFactory(handler=handler)

    response = rest.send("delete", handler_path(handler))

    assert (response.status_code, response.content) == (204, b"")
    assert not TokenExchangeHandler.objects.exists()
    assert rest.refused("delete", handler_path(handler))[:3] == NOT_FOUND


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe{}", b"1"])
@pytest.mark.parametrize("path", [HANDLERS, "metadata/deployRequest"])
def test_what_is_no_json_object(rest, body, path):
    response = rest.client.post(rest.path(path), body, content_type="application/json")

    assert error_of(response)[:2] == (400, "JSON_PARSER_ERROR")


def test_json_that_is_too_deep_or_too_much(rest):
    path = rest.path(HANDLERS)
    deep, much = b'{"a":' * 200_000, b'{"a": "' + b"x" * 1_000_001 + b'"}'

    too_deep = rest.client.post(path, deep, content_type="application/json")
    too_much = rest.client.post(path, much, content_type="application/json")

    assert error_of(too_deep)[:2] == (400, "JSON_PARSER_ERROR")
    assert error_of(too_much)[:2] == (413, "REQUEST_LIMIT_EXCEEDED")


# --- Apps of handlers ------------------------------------------------------------------


@pytest.fixture
def ids(org, handler):
    """What is said of an app that can be enabled."""
    run_as = UserFactory(org=org)
    return {
        "OauthTokenExchangeHandlerId": record_id(HANDLER_PREFIX, handler.pk),
        "ConnectedApplicationId": record_id(CONNECTED_APP, ClientAppFactory(org=org).pk),
        "ApexExecutionUserId": record_id(USER, run_as.pk),
    }


def test_enables_an_app(rest, ids, handler):
    response = rest.send("post", HANDLER_APPS, ids | {"IsDefault": True})

    made = Enablement.objects.get()
    assert response.status_code == 201
    assert response.json()["id"] == record_id(ENABLEMENT, made.pk)
    assert (made.handler, made.is_default) == (handler, True)
    told = rest.get(app_path(made))
    assert told | ids | {"IsDefault": True} == told
    handler.refresh_from_db()
    assert handler.connected_count == 1


def test_enables_an_external_app(rest, ids, org):
    app = ClientAppFactory(org=org, kind="external")
    pk = record_id(EXTERNAL_APP, app.pk)
    changes = {"ConnectedApplicationId": None, "ExternalClientApplicationId": pk}

    assert rest.send("post", HANDLER_APPS, ids | changes).status_code == 201
    assert Enablement.objects.get().app == app


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"ConnectedApplicationId": None}, "FIELD_INTEGRITY_EXCEPTION"),
        (
            {"ExternalClientApplicationId": "txE000000000001"},
            "FIELD_INTEGRITY_EXCEPTION",
        ),
        ({"ConnectedApplicationId": "txE000000000001"}, "MALFORMED_ID"),
        ({"ConnectedApplicationId": "0H4000000000999"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"ApexExecutionUserId": "005000000000999"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"ApexExecutionUserId": ""}, "REQUIRED_FIELD_MISSING"),
        ({"OauthTokenExchangeHandlerId": None}, "REQUIRED_FIELD_MISSING"),
        ({"IsDefault": "true"}, "JSON_PARSER_ERROR"),
        ({"Nothing": 1}, "INVALID_FIELD"),
    ],
)
def test_an_app_that_cannot_be_enabled(rest, ids, changes, code):
    told = rest.refused("post", HANDLER_APPS, ids | changes)

    assert told[:2] == (400, code)
    assert not Enablement.objects.exists()


@pytest.mark.parametrize("kind", ["connected", "external"])
def test_an_app_is_enabled_once(rest, ids, org, kind):
    app = ClientAppFactory(org=org, kind=kind)
    name, prefix = {
        "connected": ("ConnectedApplicationId", CONNECTED_APP),
        "external": ("ExternalClientApplicationId", EXTERNAL_APP),
    }[kind]
    said = ids | {"ConnectedApplicationId": None, name: record_id(prefix, app.pk)}
    rest.send("post", HANDLER_APPS, said)

    status, code, words, fields = rest.refused("post", HANDLER_APPS, said)

    assert (status, code, fields) == (400, "FIELD_INTEGRITY_EXCEPTION", [name])
    assert "is already enabled" in words
    assert Enablement.objects.count() == 1


def test_changes_whom_an_app_runs_as_and_whether_it_is_the_default(rest, handler):
    enablement = EnablementFactory(handler=handler)
    other = EnablementFactory(
        handler=TokenExchangeHandlerFactory(org=handler.org),
        app=enablement.app,
        is_default=True,
    )
    run_as = record_id(USER, UserFactory(org=handler.org).pk)

    data = {"ApexExecutionUserId": run_as, "IsDefault": True}
    response = rest.send("patch", app_path(enablement), data)

    assert response.status_code == 204
    told = rest.get(app_path(enablement))
    assert told | data == told
    other.refresh_from_db()
    assert not other.is_default


@pytest.mark.parametrize(
    "data, code",
    [
        ({"ConnectedApplicationId": "0H4000000000001"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"ApexExecutionUserId": None}, "REQUIRED_FIELD_MISSING"),
        ({"ApexExecutionUserId": "x"}, "MALFORMED_ID"),
        ({"CreatedDate": "x"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_the_rest_of_an_enabled_app_is_fixed(rest, handler, data, code):
    enablement = EnablementFactory(handler=handler)

    assert rest.refused("patch", app_path(enablement), data)[:2] == (400, code)


def test_removes_an_app(rest, handler):
    enablement = EnablementFactory(handler=handler)

    assert rest.send("delete", app_path(enablement)).status_code == 204
    assert not Enablement.objects.exists()
    assert rest.refused("delete", app_path(enablement))[:3] == NOT_FOUND


# --- Who may ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["User", "Organization", "ApexClass", "SetupAuditTrail"])
def test_other_objects_are_only_read(rest, name):
    for method, path in [("post", ""), ("patch", "/x"), ("delete", "/x")]:
        told = rest.refused(method, f"sobjects/{name}{path}", {})
        assert told == (
            400,
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            f"entity type {name} does not support create, update or delete",
        )


def changes_of(handler):
    enablement = EnablementFactory(handler=handler)
    return [
        ("post", HANDLERS, {"DeveloperName": "X"}),
        ("patch", handler_path(handler), {"MasterLabel": "X"}),
        ("delete", handler_path(handler), None),
        ("patch", app_path(enablement), {"IsDefault": True}),
        ("delete", app_path(enablement), None),
    ]


@pytest.mark.parametrize("who", ["viewer_session", "standard_session"])
def test_whoever_may_not_change_setup_changes_nothing(request, handler, who):
    rest = Rest(request.getfixturevalue(who))
    changes = changes_of(handler)

    for change in changes:
        assert rest.refused(*change)[:2] == (403, "INSUFFICIENT_ACCESS")
    assert Enablement.objects.get().is_default is False
    assert not AuditEntry.objects.filter(context="API").exclude(section="Manage Users")


def test_a_viewer_may_read_and_others_may_not(viewer_session, standard_session, handler):
    paths = [
        "sobjects",
        "sobjects/User/describe",
        "query?q=SELECT+Id+FROM+User",
        "tooling/query?q=SELECT+Id+FROM+User",
        handler_path(handler),
    ]

    for path in paths:
        assert Rest(viewer_session).get(path)
        told = Rest(standard_session).refused("get", path)
        assert told[:2] == (403, "INSUFFICIENT_ACCESS")


def test_another_orgs_rows_are_not_there(their_session, handler):
    rest = Rest(their_session)
    [create, *changes] = changes_of(handler)

    for change in changes:
        assert rest.refused(*change)[:3] == NOT_FOUND
        assert rest.refused("get", change[1])[:3] == NOT_FOUND
    assert create
    assert Enablement.objects.count() == 1


@pytest.mark.parametrize("name", ["ConnectedApplicationId", "ApexExecutionUserId"])
def test_another_orgs_rows_cannot_be_pointed_to(rest, ids, their_admin, name):
    theirs = {
        "ConnectedApplicationId": record_id(
            CONNECTED_APP, ClientAppFactory(org=their_admin.org).pk
        ),
        "ApexExecutionUserId": record_id(USER, their_admin.pk),
    }

    told = rest.refused("post", HANDLER_APPS, ids | {name: theirs[name]})

    words = "invalid cross reference id"
    assert told == (400, "INVALID_CROSS_REFERENCE_KEY", words, [name])
