"""REST beside the contract: many rows in one call, rows by a field, and the org itself."""

from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.factories import EnablementFactory, TokenExchangeHandlerFactory
from tests.metadata.api.calling import HANDLER, Rest, error_of
from tests.metadata.api.test_rest import HANDLERS, NOT_FOUND, handler_path
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.record_ids import APEX_CLASS, ENABLEMENT, USER, record_id
from tokenx.org.record_ids import HANDLER as HANDLER_PREFIX

MANY = "composite/sobjects"
ATTRIBUTES = {"attributes": {"type": HANDLER}}


def id_of(handler):
    return record_id(HANDLER_PREFIX, handler.pk)


def new(handler, name, **said):
    return {
        **ATTRIBUTES,
        "DeveloperName": name,
        "MasterLabel": name,
        "TokenHandlerApexId": record_id(APEX_CLASS, handler.apex_class_id),
        "SupportedTokenTypesJwt": True,
        **said,
    }


def names():
    rows = TokenExchangeHandler.objects.order_by("developer_name")
    return list(rows.values_list("developer_name", flat=True))


def change(rest, method, records, **said):
    response = rest.send(method, MANY, {"records": records, **said})
    assert response.status_code == 200, response.content
    return response.json()


# --- Many at once ----------------------------------------------------------------------


def test_each_row_has_a_result_of_its_own(rest, handler):
    wrong = new(handler, "My_Handler")

    first, second, third = change(
        rest, "post", [new(handler, "A"), wrong, new(handler, "B")]
    )

    assert first["id"] == id_of(TokenExchangeHandler.objects.get(developer_name="A"))
    assert (first["success"], first["errors"], third["success"]) == (True, [], True)
    assert second["success"] is False
    assert second["errors"] == [
        {
            "statusCode": "DUPLICATE_DEVELOPER_NAME",
            "message": "My Handler has this API name already.",
            "fields": ["DeveloperName"],
        }
    ]
    assert names() == ["A", "B", "My_Handler"]


def test_all_or_none(rest, handler):
    wrong = new(handler, "My_Handler")

    first, second = change(rest, "post", [new(handler, "A"), wrong], allOrNone=True)

    assert first["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert second["errors"][0]["statusCode"] == "DUPLICATE_DEVELOPER_NAME"
    assert names() == ["My_Handler"]


def test_changes_and_deletes_many(rest, handler):
    other = TokenExchangeHandlerFactory(org=handler.org)
    enablement = EnablementFactory(handler=other)

    changed = change(
        rest, "patch", [{**ATTRIBUTES, "Id": id_of(handler), "MasterLabel": "New"}]
    )
    ids = f"{id_of(handler)},{record_id(ENABLEMENT, enablement.pk)},005000000000001,x"
    deleted = rest.client.delete(f"{rest.root}/{MANY}?ids={ids}").json()

    assert changed == [{"id": id_of(handler), "success": True, "errors": []}]
    assert [each["success"] for each in deleted] == [True, True, False, False]
    assert deleted[2]["errors"][0]["statusCode"] == "MALFORMED_ID"
    assert names() == [other.developer_name]
    assert not Enablement.objects.exists()


@pytest.mark.parametrize(
    "records", [None, 1, {}, [1], [[]], [{"attributes": 1}] * 201, "x", ["\ud83d"]]
)
@pytest.mark.parametrize("method", ["post", "patch"])
def test_what_is_no_list_of_rows_is_refused(rest, method, records):
    response = rest.send(method, MANY, {"records": records})

    assert error_of(response)[:2] in {(400, "JSON_PARSER_ERROR"), (400, "LIMIT_EXCEEDED")}


@pytest.mark.parametrize(
    "record, code",
    [
        ({}, "INVALID_TYPE"),
        ({"attributes": {"type": 1}}, "INVALID_TYPE"),
        ({"attributes": {"type": "Nothing\0"}}, "NOT_FOUND"),
        ({"attributes": {"type": "User"}}, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
        (ATTRIBUTES | {"MasterLabel": "a\0"}, "JSON_PARSER_ERROR"),
    ],
)
def test_a_row_that_cannot_be_is_a_result(rest, org, record, code):
    [result] = change(rest, "post", [record])

    assert result["errors"][0]["statusCode"] == code


def test_a_row_without_an_id_is_not_found(rest, handler):
    [result] = change(rest, "patch", [ATTRIBUTES | {"Id": None, "MasterLabel": "X"}])

    assert result["errors"][0]["statusCode"] == "NOT_FOUND"


def test_reads_many_in_their_order(rest, handler, their_admin):
    theirs = TokenExchangeHandlerFactory(org=their_admin.org)
    ids = [id_of(theirs), id_of(handler), "x"]
    path = f"{MANY}/{HANDLER}"

    got = rest.get(path, ids=",".join(ids), fields="DeveloperName")
    posted = rest.send("post", path, {"ids": ids, "fields": ["DeveloperName"]}).json()

    assert got == posted
    assert [each and each["DeveloperName"] for each in got] == [None, "My_Handler", None]


@pytest.mark.parametrize(
    "said",
    [{"ids": 1}, {"ids": [1]}, {"ids": ["x"], "fields": {"a": 1}}, {"ids": {"a": 1}}],
)
def test_ids_and_fields_are_lists_of_texts(rest, said):
    told = rest.refused("post", f"{MANY}/User", said)

    assert told[:2] == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize("name", ["Nothing", "Id FROM User", "\0", "’", "LIMIT", "a.b.c.d"])
def test_a_field_that_is_not_there_is_refused(rest, admin, name):
    for path in (f"sobjects/User/{record_id(USER, admin.pk)}", f"{MANY}/User"):
        ids = {"ids": record_id(USER, admin.pk)}
        [error] = rest.get(path, 400, fields=name, **ids)
        assert error["errorCode"] in {"INVALID_FIELD", "MALFORMED_QUERY"}


# --- One by a field --------------------------------------------------------------------


def test_an_id_is_a_field_to_find_a_row_by(rest, handler):
    path = f"{HANDLERS}/Id/{id_of(handler)}"

    assert rest.get(path) == rest.get(handler_path(handler))
    assert rest.send("patch", path, {"MasterLabel": "New"}).status_code == 200
    assert rest.send("delete", path).status_code == 204
    assert rest.refused("get", path)[:3] == NOT_FOUND
    assert rest.refused("get", f"{HANDLERS}/DeveloperName/x")[:2] == (404, "NOT_FOUND")


# --- Who may ---------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["viewer_session", "standard_session"])
def test_whoever_may_not_change_setup_changes_nothing(request, handler, who):
    rest = Rest(request.getfixturevalue(who))
    calls = [
        ("post", MANY, {"records": [new(handler, "A")]}),
        ("patch", MANY, {"records": [{**ATTRIBUTES, "Id": id_of(handler)}]}),
        ("delete", f"{MANY}?ids={id_of(handler)}", None),
        ("patch", f"{HANDLERS}/Id/{id_of(handler)}", {"MasterLabel": "X"}),
        ("delete", f"{HANDLERS}/Id/{id_of(handler)}", None),
    ]

    for call in calls:
        assert rest.refused(*call)[:2] == (403, "INSUFFICIENT_ACCESS")
    assert names() == ["My_Handler"]


def test_another_orgs_rows_are_not_there(their_session, handler):
    rest = Rest(their_session)
    changed = change(
        rest, "patch", [{**ATTRIBUTES, "Id": id_of(handler), "MasterLabel": "X"}]
    )
    deleted = rest.client.delete(f"{rest.root}/{MANY}?ids={id_of(handler)}").json()
    path = f"{HANDLERS}/Id/{id_of(handler)}"

    assert [each["success"] for each in (*changed, *deleted)] == [False, False]
    assert rest.refused("get", path)[:3] == NOT_FOUND
    assert rest.refused("patch", path, {"MasterLabel": "X"})[:3] == NOT_FOUND
    assert names() == ["My_Handler"]
    counts = rest.get("limits/recordCount", sObjects=HANDLER)
    assert counts == {"sObjects": [{"count": 0, "name": HANDLER}]}


def test_only_who_may_see_setup_reads_many(viewer_session, standard_session, handler):
    for path in (f"{MANY}/{HANDLER}?ids={id_of(handler)}", "limits/recordCount"):
        assert Rest(viewer_session).get(path)
        told = Rest(standard_session).refused("get", path)
        assert told[:2] == (403, "INSUFFICIENT_ACCESS")


# --- The org ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked, shown",
    [
        ("/handlers/", "/handlers/"),
        ("lightning/setup", "/lightning/setup"),
        ("//evil.example/x", "/evil.example/x"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example/", "/https://evil.example/"),
        ("/handlers/\r\nX: y", "/handlers/%0D%0AX:%20y"),
    ],
)
def test_a_way_into_setup_leads_to_no_other_site(rest, admin, asked, shown):
    admin.set_password("correct horse battery")
    admin.can_sign_in = True
    admin.save()

    found = rest.get("/services/oauth2/singleaccess", redirect_uri=asked)["frontdoor_uri"]

    assert urlsplit(found).netloc == "testserver"
    response = Client().get(found.removeprefix("http://testserver"))
    assert response["Location"] == shown


def test_who_does_not_sign_in_to_setup_has_no_way_there(rest):
    told = rest.refused("get", "/services/oauth2/singleaccess")

    assert told[:2] == (403, "INSUFFICIENT_ACCESS")
