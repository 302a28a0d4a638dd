"""REST collections, records by a field, and links into Setup."""

from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.factories import EnablementFactory, TokenExchangeHandlerFactory
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.record_ids import APEX_CLASS, ENABLEMENT, USER, record_id
from tokenx.org.record_ids import HANDLER as HANDLER_PREFIX

from .calling import HANDLER, Rest, error_of
from .test_rest import HANDLERS, NOT_FOUND, handler_path

MANY = "composite/sobjects"
ATTRIBUTES = {"attributes": {"type": HANDLER}}


def id_of(handler):
    return record_id(HANDLER_PREFIX, handler.pk)


def new(handler, name, **fields):
    return {
        **ATTRIBUTES,
        "DeveloperName": name,
        "MasterLabel": name,
        "TokenHandlerApexId": record_id(APEX_CLASS, handler.apex_class_id),
        "SupportedTokenTypesJwt": True,
        **fields,
    }


def names():
    rows = TokenExchangeHandler.objects.order_by("developer_name")
    return list(rows.values_list("developer_name", flat=True))


def change(rest, method, records, **options):
    response = rest.send(method, MANY, {"records": records, **options})
    assert response.status_code == 200, response.content
    return response.json()


# --- Collections -----------------------------------------------------------------------


def test_each_record_has_its_own_result(rest, handler):
    duplicate = new(handler, "My_Handler")

    first, second, third = change(
        rest, "post", [new(handler, "A"), duplicate, new(handler, "B")]
    )

    assert first["id"] == id_of(TokenExchangeHandler.objects.get(developer_name="A"))
    assert (first["success"], first["errors"], third["success"]) == (True, [], True)
    assert second["success"] is False
    assert second["errors"] == [
        {
            "statusCode": "DUPLICATE_DEVELOPER_NAME",
            "message": "My Handler already has this API name.",
            "fields": ["DeveloperName"],
        }
    ]
    assert names() == ["A", "B", "My_Handler"]


def test_all_or_none_saves_nothing_after_an_error(rest, handler):
    duplicate = new(handler, "My_Handler")

    first, second = change(rest, "post", [new(handler, "A"), duplicate], allOrNone=True)

    assert first["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert second["errors"][0]["statusCode"] == "DUPLICATE_DEVELOPER_NAME"
    assert names() == ["My_Handler"]


def test_changes_and_deletes_many(rest, handler):
    other = TokenExchangeHandlerFactory(org=handler.org)
    enablement = EnablementFactory(handler=other)

    changed = change(
        rest, "patch", [{**ATTRIBUTES, "Id": id_of(handler), "MasterLabel": "New"}]
    )
    ids = f"{id_of(handler)},{record_id(ENABLEMENT, enablement.pk)},00e000000000001,x"
    deleted = rest.client.delete(f"{rest.root}/{MANY}?ids={ids}").json()

    assert changed == [{"id": id_of(handler), "success": True, "errors": []}]
    assert [each["success"] for each in deleted] == [True, True, False, False]
    assert deleted[2]["errors"][0]["statusCode"] == "MALFORMED_ID"
    assert names() == [other.developer_name]
    assert not Enablement.objects.exists()


def test_records_must_be_a_list_of_objects(rest, subtests):
    for method in ["post", "patch"]:
        for records in [None, 1, {}, [1], [[]], [{"attributes": 1}] * 201, "x", ["\ud83d"]]:
            with subtests.test(method=method, records=records):
                response = rest.send(method, MANY, {"records": records})

                refusals = {(400, "JSON_PARSER_ERROR"), (400, "LIMIT_EXCEEDED")}
                assert error_of(response)[:2] in refusals


def test_an_invalid_record_has_an_error_in_its_result(rest, org, subtests):
    for record, code in [
        ({}, "INVALID_TYPE"),
        ({"attributes": {"type": 1}}, "INVALID_TYPE"),
        ({"attributes": {"type": "Nothing\0"}}, "NOT_FOUND"),
        ({"attributes": {"type": "User"}}, "REQUIRED_FIELD_MISSING"),
        ({"attributes": {"type": "Profile"}}, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
        (ATTRIBUTES | {"MasterLabel": "a\0"}, "JSON_PARSER_ERROR"),
    ]:
        with subtests.test(record=record):
            [result] = change(rest, "post", [record])

            assert result["errors"][0]["statusCode"] == code


def test_a_record_without_an_id_is_not_found(rest, handler):
    [result] = change(rest, "patch", [ATTRIBUTES | {"Id": None, "MasterLabel": "X"}])

    assert result["errors"][0]["statusCode"] == "NOT_FOUND"


def test_reads_many_in_the_given_order(rest, handler, their_admin):
    theirs = TokenExchangeHandlerFactory(org=their_admin.org)
    ids = [id_of(theirs), id_of(handler), "x"]
    path = f"{MANY}/{HANDLER}"

    got = rest.get(path, ids=",".join(ids), fields="DeveloperName")
    posted = rest.send("post", path, {"ids": ids, "fields": ["DeveloperName"]}).json()

    assert got == posted
    assert [each and each["DeveloperName"] for each in got] == [None, "My_Handler", None]


def test_ids_and_fields_must_be_lists_of_strings(rest, subtests):
    for data in [
        {"ids": 1},
        {"ids": [1]},
        {"ids": ["x"], "fields": {"a": 1}},
        {"ids": {"a": 1}},
    ]:
        with subtests.test(data=data):
            refusal = rest.refused("post", f"{MANY}/User", data)

            assert refusal[:2] == (400, "JSON_PARSER_ERROR")


def test_an_unknown_field_is_refused(rest, admin, subtests):
    ids = {"ids": record_id(USER, admin.pk)}
    for name in ["Nothing", "Id FROM User", "\0", "’", "LIMIT", "a.b.c.d"]:
        for path in [f"sobjects/User/{record_id(USER, admin.pk)}", f"{MANY}/User"]:
            with subtests.test(name=name, path=path):
                [error] = rest.get(path, 400, fields=name, **ids)
                assert error["errorCode"] in {"INVALID_FIELD", "MALFORMED_QUERY"}


# --- Records by ID ---------------------------------------------------------------------


def test_a_record_is_found_by_its_id_field(rest, handler):
    path = f"{HANDLERS}/Id/{id_of(handler)}"

    assert rest.get(path) == rest.get(handler_path(handler))
    assert rest.send("patch", path, {"MasterLabel": "New"}).status_code == 200
    assert rest.send("delete", path).status_code == 204
    assert rest.refused("get", path)[:3] == NOT_FOUND
    assert rest.refused("get", f"{HANDLERS}/DeveloperName/x")[:2] == (404, "NOT_FOUND")


# --- Permissions -----------------------------------------------------------------------


@pytest.mark.parametrize("who", ["viewer_session", "standard_session"])
def test_users_who_cannot_change_setup_change_nothing(request, handler, who):
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


def test_another_orgs_rows_are_not_found(their_session, handler):
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


def test_only_users_who_can_see_setup_read_many(viewer_session, standard_session, handler):
    for path in (f"{MANY}/{HANDLER}?ids={id_of(handler)}", "limits/recordCount"):
        assert Rest(viewer_session).get(path)
        refusal = Rest(standard_session).refused("get", path)
        assert refusal[:2] == (403, "INSUFFICIENT_ACCESS")


# --- The org ---------------------------------------------------------------------------


def test_a_link_into_setup_never_leads_to_another_site(rest, admin, subtests):
    admin.set_password("correct horse battery")
    admin.can_sign_in = True
    admin.save()
    for redirect_uri, location in [
        ("/handlers/", "/handlers/"),
        ("lightning/setup", "/lightning/setup"),
        ("//evil.example/x", "/evil.example/x"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example/", "/https://evil.example/"),
        ("/handlers/\r\nX: y", "/handlers/%0D%0AX:%20y"),
    ]:
        with subtests.test(redirect_uri=redirect_uri):
            path = "/services/oauth2/singleaccess"
            link = rest.get(path, redirect_uri=redirect_uri)["frontdoor_uri"]

            assert urlsplit(link).netloc == "testserver"
            response = Client().get(link.removeprefix("http://testserver"))
            assert response["Location"] == location


def test_users_who_cannot_sign_in_to_setup_get_no_link(rest):
    refusal = rest.refused("get", "/services/oauth2/singleaccess")

    assert refusal[:2] == (403, "INSUFFICIENT_ACCESS")
