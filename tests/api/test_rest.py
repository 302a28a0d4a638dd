"""REST: user info, queries, and records of the two handler objects."""

import pytest
from django.test import RequestFactory

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    StoredComponentFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement, TokenExchangeHandler
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

from .calling import HANDLER, JSON_TYPE, Rest, error_of

HANDLERS = "sobjects/OauthTokenExchangeHandler"
HANDLER_APPS = "sobjects/OauthTokenExchHandlerApp"
NOT_FOUND = (404, "NOT_FOUND", "The requested resource does not exist")


def handler_path(handler):
    return f"{HANDLERS}/{record_id(HANDLER_PREFIX, handler.pk)}"


def app_path(enablement):
    return f"{HANDLER_APPS}/{record_id(ENABLEMENT, enablement.pk)}"


# --- User info -------------------------------------------------------------------------


def test_userinfo_returns_the_sessions_user(rest, admin):
    user_info = rest.get("/services/oauth2/userinfo")

    assert user_info["user_id"] == record_id(USER, admin.pk)
    assert user_info["organization_id"] == record_id(ORG, admin.org_id)
    assert user_info["preferred_username"] == "admin@mycompany.example"
    assert (user_info["name"], user_info["email"]) == (
        "Ada Admin",
        "admin@mycompany.example",
    )
    assert user_info["sub"].endswith(
        f"/id/{record_id(ORG, admin.org_id)}/{user_info['user_id']}"
    )
    assert rest.get("/services/oauth2/userinfo/") == user_info


def test_the_identity_url_returns_the_user_to_jsforce(rest, admin, session, client):
    path = f"/id/{record_id(ORG, admin.org_id)}/{record_id(USER, admin.pk)}"

    identity = rest.get(path)

    assert identity["username"] == "admin@mycompany.example"
    assert client.get(path, {"format": "json", "oauth_token": session}).json() == identity
    other = f"/id/{record_id(ORG, admin.org_id)}/{record_id(USER, 999)}"
    assert rest.get(other, 403)[0]["errorCode"] == "INVALID_SESSION_ID"


def test_lists_the_resources_of_a_version(rest):
    resources = rest.get("/services/data/v62.0")

    assert resources["sobjects"] == "/services/data/v62.0/sobjects"
    assert resources["query"] == "/services/data/v62.0/query"
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


def test_answers_a_query(rest, handler, subtests):
    for path in ["query", "query/", "queryAll", "/services/data/v67.0/query/"]:
        with subtests.test(path=path):
            answer = soql(
                rest, "select id, developername from oauthtokenexchangehandler", path
            )

            root = "/services/data/v67.0" if path[0] == "/" else rest.root
            pk = record_id(HANDLER_PREFIX, handler.pk)
            attributes = {"type": HANDLER, "url": f"{root}/sobjects/{HANDLER}/{pk}"}
            row = {"attributes": attributes, "Id": pk, "DeveloperName": "My_Handler"}
            assert answer == {"totalSize": 1, "done": True, "records": [row]}


def test_returns_column_metadata(rest, handler):
    text = f"SELECT Id, DeveloperName FROM {HANDLER}"

    answer = soql(rest, text, columns="true")

    first, second = answer["columnMetadata"]
    assert first | {"apexType": "Id"} == first
    assert (first["columnName"], first["displayName"]) == ("Id", "Id")
    assert (first["aggregate"], first["joinColumns"]) == (False, [])
    assert second["columnName"] == "DeveloperName"
    assert soql(rest, text, "tooling/query", columns="true") == answer


def test_the_tooling_api_adds_the_size_and_the_type(rest, handler):
    answer = soql(rest, f"SELECT Id FROM {HANDLER}", "tooling/query/")

    assert (answer["size"], answer["entityTypeName"]) == (1, HANDLER)
    assert (answer["totalSize"], answer["done"], answer["queryLocator"]) == (1, True, None)


def test_a_result_continues_in_the_next_batch(rest, handler, monkeypatch, subtests):
    monkeypatch.setattr("tokenx.soql.run.BATCH", 2)
    for _ in range(4):
        TokenExchangeHandlerFactory(org=handler.org, apex_class=handler.apex_class)
    for path in ["query", "tooling/query"]:
        with subtests.test(path=path):
            records, batch = [], soql(rest, f"SELECT Id FROM {HANDLER} ORDER BY Id", path)

            while True:
                assert batch["totalSize"] == 5
                assert ("entityTypeName" in batch) is path.startswith("tooling")
                records += batch["records"]
                if batch["done"]:
                    break
                assert batch["nextRecordsUrl"].startswith(f"{rest.root}/{path}/")
                batch = rest.get(batch["nextRecordsUrl"])

            assert len({each["Id"] for each in records}) == 5


def test_another_org_cannot_continue_a_result(rest, handler, their_session, monkeypatch):
    monkeypatch.setattr("tokenx.soql.run.BATCH", 1)
    TokenExchangeHandlerFactory(org=handler.org, apex_class=handler.apex_class)
    following = soql(rest, f"SELECT Id FROM {HANDLER}")["nextRecordsUrl"]

    for session, path in [(their_session, following), (their_session, "query/nonsense-1")]:
        refused = Rest(session).refused("get", path)
        assert refused == (400, "INVALID_QUERY_LOCATOR", "invalid query locator")


BAD_QUERIES = [
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
]


def test_an_invalid_query_is_refused(rest, subtests):
    for path in ["query", "tooling/query"]:
        for text, expected_code, expected_message in BAD_QUERIES:
            with subtests.test(path=path, text=text[:60]):
                data = {"q": text.encode("utf-8", "surrogatepass")}
                response = rest.client.get(f"{rest.root}/{path}", data)

                if expected_code:
                    status, code, message = error_of(response)
                    assert (status, code) == (400, expected_code)
                    assert expected_message in message
                else:
                    assert response.status_code in {200, 400}
                    assert response["Content-Type"] == JSON_TYPE


def test_answers_the_salesforce_clis_query_for_an_org(rest, org):
    names = "Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix"

    [row] = soql(rest, f"SELECT {names}, OrganizationType FROM Organization")["records"]

    assert (row["Name"], row["IsSandbox"]) == (org.name, False)


def test_a_query_takes_one_database_query(rest, handler, django_assert_num_queries):
    text = f"SELECT Id, TokenHandlerApex.Name, LastModifiedBy.Name FROM {HANDLER}"
    for _ in range(10):
        TokenExchangeHandlerFactory(org=handler.org)
    soql(rest, text)

    # The session, and the rows.
    with django_assert_num_queries(2):
        assert len(soql(rest, text)["records"]) == 11


def test_another_orgs_rows_are_not_in_a_result(their_session, handler, admin):
    rest = Rest(their_session)

    assert soql(rest, f"SELECT Id FROM {HANDLER}")["records"] == []
    names = soql(rest, "SELECT Username FROM User")["records"]
    assert admin.username not in [each["Username"] for each in names]


# --- Describing ------------------------------------------------------------------------


def test_objects_are_described(rest):
    names = [each["name"] for each in rest.get("sobjects")["sobjects"]]

    assert {HANDLER, "OauthTokenExchHandlerApp", "User", "Organization"} <= set(names)
    for name in names:
        description = rest.get(f"sobjects/{name}/describe")
        assert description["name"] == name
        can_change = name.startswith("OauthTokenExch")
        can_change |= name == "PermissionSetAssignment"
        assert description["createable"] is (can_change or name == "User")
        assert description["deletable"] is can_change
        assert "Id" in [field["name"] for field in description["fields"]]
        assert rest.get(f"sobjects/{name}")["objectDescribe"]["name"] == name


UNKNOWN_PATHS = [
    # With this message, clients know that the org doesn't track sources.
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
    "/services/Soap/x/62.0",
]


def test_an_unknown_path_is_not_found(rest, subtests):
    for path in UNKNOWN_PATHS:
        for method in ["get", "post", "put", "patch", "delete"]:
            with subtests.test(path=path, method=method):
                data = {} if method in {"post", "patch"} else None

                response = rest.send(method, path, data)

                if method == "get" or response.status_code == 404:
                    assert error_of(response)[:3] == NOT_FOUND
                else:
                    assert error_of(response)[0] in {400, 405}


def test_other_methods_are_not_allowed(rest, subtests):
    for method, path, allowed in [
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
    ]:
        with subtests.test(method=method, path=path):
            response = getattr(rest.client, method)(rest.path(path))

            assert error_of(response)[:2] == (405, "METHOD_NOT_ALLOWED")
            assert response["Allow"] == allowed


@pytest.mark.django_db(transaction=True)
def test_double_slashes_are_accepted_without_a_redirect(session, org, subtests):
    for path in [
        "//services/data",
        "//services/data/v62.0/",
        "///services/data/v62.0/query/",
    ]:
        with subtests.test(path=path):
            environ = (
                RequestFactory().get("/", {"q": "SELECT Id FROM Organization"}).environ
            )
            environ |= {"PATH_INFO": path, "HTTP_AUTHORIZATION": f"Bearer {session}"}
            environ["SERVER_NAME"] = environ["HTTP_HOST"] = "localhost"
            statuses = []
            start = lambda status, headers, statuses=statuses: statuses.append(status)

            body = b"".join(application(environ, start))

            assert statuses == ["200 OK"]
            assert body[:1] in {b"[", b"{"}


def test_an_unknown_host_is_refused_as_json(client, db, subtests):
    for path in ["/services/data", "/services/Soap/m/62.0", "/id/a/b"]:
        with subtests.test(path=path):
            response = client.get(path, headers={"Host": "evil.example"})

            assert error_of(response)[0] == 400


# --- Handlers --------------------------------------------------------------------------


@pytest.fixture
def fields(org):
    """Return the fields of a valid handler."""
    apex_class = ApexClassFactory(org=org, name="ShopTokens")
    return {
        "DeveloperName": "Mine",
        "MasterLabel": "My own",
        "Description": "’🙂",
        "TokenHandlerApexId": record_id(APEX_CLASS, apex_class.pk),
        "SupportedTokenTypesJwt": True,
        "IsEnabled": True,
    }


def test_creates_a_handler(rest, fields, admin):
    response = rest.send("post", f"{HANDLERS}/", fields)

    assert response.status_code == 201
    handler = TokenExchangeHandler.objects.get()
    pk = record_id(HANDLER_PREFIX, handler.pk)
    assert response.json() == {"id": pk, "success": True, "errors": []}
    assert (handler.developer_name, handler.label) == ("Mine", "My own")
    assert (handler.is_enabled, handler.description) == (True, "’🙂")
    assert (handler.supports_jwt, handler.supports_saml2) == (True, False)
    assert handler.created_by == admin
    record = rest.get(f"{HANDLERS}/{pk}")
    assert record | fields == record
    entry = AuditEntry.objects.latest("pk")
    assert (entry.user, entry.context) == (admin, "API")


BAD_HANDLERS = [
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
]


def test_an_invalid_handler_is_refused(rest, fields, handler, subtests):
    other = TokenExchangeHandlerFactory(org=handler.org, label="Other")
    before = list(TokenExchangeHandler.objects.order_by("pk").values())
    for method, path, data in [
        ("post", HANDLERS, fields),
        ("patch", handler_path(other), {}),
    ]:
        for changes, code, names in BAD_HANDLERS:
            with subtests.test(method=method, changes=changes):
                response = rest.send(method, path, data | changes)

                error = response.json()[0]
                assert (response.status_code, error["errorCode"]) == (400, code)
                assert error["fields"] == names
                assert error["message"]
                assert list(TokenExchangeHandler.objects.order_by("pk").values()) == before


def test_an_unknown_column_is_named_with_its_object(rest, fields):
    refusal = rest.refused("post", HANDLERS, fields | {"Nothing": "x"})

    message = "No such column 'Nothing' on sobject of type OauthTokenExchangeHandler"
    assert refusal == (400, "INVALID_FIELD", message)


def test_a_missing_field_is_named(rest, fields, subtests):
    for missing in ["DeveloperName", "MasterLabel", "TokenHandlerApexId"]:
        with subtests.test(missing=missing):
            others = {name: value for name, value in fields.items() if name != missing}

            refusal = rest.refused("post", HANDLERS, others)

            message = f"Required fields are missing: [{missing}]"
            assert refusal == (400, "REQUIRED_FIELD_MISSING", message, [missing])


def test_changes_only_the_given_fields(rest, handler):
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


def test_disables_a_handler(rest, handler):
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


def test_a_body_that_is_not_a_json_object_is_refused(rest, subtests):
    for path in [HANDLERS, "metadata/deployRequest"]:
        for body in [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe{}", b"1"]:
            with subtests.test(path=path, body=body):
                url = rest.path(path)

                response = rest.client.post(url, body, content_type="application/json")

                assert error_of(response)[:2] == (400, "JSON_PARSER_ERROR")


def test_json_that_is_too_deep_or_too_large_is_refused(rest):
    path = rest.path(HANDLERS)
    deep, much = b'{"a":' * 200_000, b'{"a": "' + b"x" * 1_000_001 + b'"}'

    too_deep = rest.client.post(path, deep, content_type="application/json")
    too_much = rest.client.post(path, much, content_type="application/json")

    assert error_of(too_deep)[:2] == (400, "JSON_PARSER_ERROR")
    assert error_of(too_much)[:2] == (413, "REQUEST_LIMIT_EXCEEDED")


# --- Enabled apps ----------------------------------------------------------------------


@pytest.fixture
def ids(org, handler):
    """Return the fields of a valid enabled app."""
    run_as = UserFactory(org=org)
    return {
        "OauthTokenExchangeHandlerId": record_id(HANDLER_PREFIX, handler.pk),
        "ConnectedApplicationId": record_id(CONNECTED_APP, ClientAppFactory(org=org).pk),
        "ApexExecutionUserId": record_id(USER, run_as.pk),
    }


def test_enables_an_app(rest, ids, handler):
    response = rest.send("post", HANDLER_APPS, ids | {"IsDefault": True})

    enablement = Enablement.objects.get()
    assert response.status_code == 201
    assert response.json()["id"] == record_id(ENABLEMENT, enablement.pk)
    assert (enablement.handler, enablement.is_default) == (handler, True)
    record = rest.get(app_path(enablement))
    assert record | ids | {"IsDefault": True} == record
    handler.refresh_from_db()
    assert handler.connected_count == 1


def test_enables_an_external_app(rest, ids, org):
    app = ClientAppFactory(org=org, kind="external")
    pk = record_id(EXTERNAL_APP, app.pk)
    changes = {"ConnectedApplicationId": None, "ExternalClientApplicationId": pk}

    assert rest.send("post", HANDLER_APPS, ids | changes).status_code == 201
    assert Enablement.objects.get().app == app


BAD_ENABLEMENTS = [
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
]


def test_an_app_that_cannot_be_enabled_is_refused(rest, ids, subtests):
    for changes, code in BAD_ENABLEMENTS:
        with subtests.test(changes=changes):
            refusal = rest.refused("post", HANDLER_APPS, ids | changes)

            assert refusal[:2] == (400, code)
            assert not Enablement.objects.exists()


def test_an_app_is_enabled_once(rest, ids, org, subtests):
    for kind, name, prefix in [
        ("connected", "ConnectedApplicationId", CONNECTED_APP),
        ("external", "ExternalClientApplicationId", EXTERNAL_APP),
    ]:
        with subtests.test(kind=kind), rolled_back():
            app = ClientAppFactory(org=org, kind=kind)
            data = ids | {"ConnectedApplicationId": None, name: record_id(prefix, app.pk)}
            rest.send("post", HANDLER_APPS, data)

            status, code, message, fields = rest.refused("post", HANDLER_APPS, data)

            assert (status, code) == (400, "FIELD_INTEGRITY_EXCEPTION")
            assert fields == [name]
            assert "is already enabled" in message
            assert Enablement.objects.count() == 1


def test_changes_the_run_as_user_and_the_default(rest, handler):
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
    record = rest.get(app_path(enablement))
    assert record | data == record
    other.refresh_from_db()
    assert not other.is_default


def test_other_fields_of_an_enabled_app_cannot_be_changed(rest, handler, subtests):
    enablement = EnablementFactory(handler=handler)
    for data, code in [
        ({"ConnectedApplicationId": "0H4000000000001"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"ApexExecutionUserId": None}, "REQUIRED_FIELD_MISSING"),
        ({"ApexExecutionUserId": "x"}, "MALFORMED_ID"),
        ({"CreatedDate": "x"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ]:
        with subtests.test(data=data):
            assert rest.refused("patch", app_path(enablement), data)[:2] == (400, code)


def test_removes_an_app(rest, handler):
    enablement = EnablementFactory(handler=handler)

    assert rest.send("delete", app_path(enablement)).status_code == 204
    assert not Enablement.objects.exists()
    assert rest.refused("delete", app_path(enablement))[:3] == NOT_FOUND


# --- Permissions -----------------------------------------------------------------------


def test_other_objects_are_read_only(rest, subtests):
    for name in ["Profile", "Organization", "ApexClass", "SetupAuditTrail"]:
        for method, path in [("post", ""), ("patch", "/x"), ("delete", "/x")]:
            with subtests.test(name=name, method=method):
                refusal = rest.refused(method, f"sobjects/{name}{path}", {})

                assert refusal == (
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
def test_users_who_cannot_change_setup_change_nothing(request, handler, who):
    rest = Rest(request.getfixturevalue(who))
    changes = changes_of(handler)

    for change in changes:
        assert rest.refused(*change)[:2] == (403, "INSUFFICIENT_ACCESS")
    assert Enablement.objects.get().is_default is False
    assert not AuditEntry.objects.filter(context="API").exclude(section="Manage Users")


def test_a_viewer_can_read_but_other_users_cannot(
    viewer_session, standard_session, handler
):
    paths = [
        "sobjects",
        "sobjects/User/describe",
        "query?q=SELECT+Id+FROM+ApexClass",
        "tooling/query?q=SELECT+Id+FROM+User",
        handler_path(handler),
    ]

    for path in paths:
        assert Rest(viewer_session).get(path)
        refusal = Rest(standard_session).refused("get", path)
        assert refusal[:2] == (403, "INSUFFICIENT_ACCESS")


def test_another_orgs_rows_are_not_found(their_session, handler):
    rest = Rest(their_session)
    [create, *changes] = changes_of(handler)

    for change in changes:
        assert rest.refused(*change)[:3] == NOT_FOUND
        assert rest.refused("get", change[1])[:3] == NOT_FOUND
    assert create
    assert Enablement.objects.count() == 1


def test_another_orgs_rows_cannot_be_referenced(rest, ids, their_admin, subtests):
    their_app = ClientAppFactory(org=their_admin.org)
    for name, value in [
        ("ConnectedApplicationId", record_id(CONNECTED_APP, their_app.pk)),
        ("ApexExecutionUserId", record_id(USER, their_admin.pk)),
    ]:
        with subtests.test(name=name):
            refusal = rest.refused("post", HANDLER_APPS, ids | {name: value})

            message = "invalid cross reference id"
            assert refusal == (400, "INVALID_CROSS_REFERENCE_KEY", message, [name])


def test_a_custom_metadata_type_is_an_object(rest, org):
    StoredComponentFactory(
        org=org,
        type="CustomMetadata",
        name="Issuer.Okta",
        file="<CustomMetadata><label>Okta</label><values><field>Url__c</field>"
        "<value>https://okta.example</value></values></CustomMetadata>",
    )

    described = rest.get("sobjects/Issuer__mdt/describe")
    [field] = [each for each in described["fields"] if each["custom"]]
    assert (described["custom"], field["name"]) == (True, "Url__c")
    names = [each["name"] for each in rest.get("sobjects")["sobjects"]]
    assert "Issuer__mdt" in names
    query = "SELECT Id, Url__c FROM Issuer__mdt"
    [record] = rest.get("query", q=query)["records"]
    assert record["Url__c"] == "https://okta.example"
    found = rest.get(f"sobjects/Issuer__mdt/{record['Id']}")
    assert found["MasterLabel"] == "Okta"
    counts = rest.get("limits/recordCount", sObjects="Issuer__mdt")
    assert counts["sObjects"] == [{"count": 1, "name": "Issuer__mdt"}]
    refusal = rest.refused("post", "sobjects/Issuer__mdt", {"Url__c": "x"})
    assert refusal[0] in {400, 404}


def test_any_user_queries_people_but_not_setup(standard_session):
    rest = Rest(standard_session)

    assert rest.get("query", q="SELECT Username, Profile.Name FROM User")["totalSize"]
    assert rest.get("query", q="SELECT Name FROM Organization")["totalSize"] == 1
    for text in [
        "SELECT Id FROM ApexClass",
        "SELECT Id FROM User WHERE Id IN (SELECT AssigneeId FROM PermissionSetAssignment)",
    ]:
        assert rest.get("query", 403, q=text)[0]["errorCode"] == "INSUFFICIENT_ACCESS"
