"""Components one by one: create, update, upsert, delete, rename (contract 6)."""

import pytest

from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    TokenExchangeHandlerFactory,
)
from tests.metadata.api.calling import HANDLER, Soap, many
from tests.metadata.deploying import RUN_AS, connected_app, enabled, external_app
from tests.metadata.deploying import handler as defined
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.xml_writer import write_inside
from tokenx.org.models import AuditEntry, ClientApp

ALL_OR_NONE = "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>"
SAVING = ["createMetadata", "updateMetadata", "upsertMetadata"]


def component(definition, full_name="", prefix=""):
    name = full_name or definition.developer_name
    inside = "".join(write_inside(definition))
    return (
        f'<metadata xsi:type="{prefix}{definition.type_name}">'
        f"<fullName>{name}</fullName>{inside}</metadata>"
    )


def call(operation, *components):
    told = [c if isinstance(c, str) else component(c) for c in components]
    return f"<{operation}>{''.join(told)}</{operation}>"


def deleting(*names, type_name=HANDLER):
    told = "".join(f"<fullNames>{name}</fullNames>" for name in names)
    return f"<deleteMetadata><type>{type_name}</type>{told}</deleteMetadata>"


def renaming(old, new, type_name=HANDLER):
    return (
        f"<renameMetadata><type>{type_name}</type><oldFullName>{old}</oldFullName>"
        f"<newFullName>{new}</newFullName></renameMetadata>"
    )


def refused(result):
    """The code and the words of the first error of a result."""
    assert result["success"] == "false"
    error = many(result, "errors")[0]
    return error["statusCode"], error["message"]


def handler_names():
    rows = TokenExchangeHandler.objects.order_by("developer_name")
    return list(rows.values_list("developer_name", flat=True))


@pytest.fixture(autouse=True)
def ready(apps):
    return apps


# --- Handlers --------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "ns0:"])
def test_creates_a_handler_with_its_apps(soap, admin, prefix):
    made = component(defined("Mine", enabled("Billing", is_default=True)), prefix=prefix)

    results = soap.results(call("createMetadata", made))

    assert results == [{"fullName": "Mine", "success": "true"}]
    [enablement] = Enablement.objects.all()
    assert enablement.handler.developer_name == "Mine"
    assert enablement.app.api_name == "Billing"
    assert enablement.run_as.username == RUN_AS
    assert enablement.is_default
    assert enablement.handler.created_by == admin


def test_what_is_there_is_not_created_again(soap, handler):
    result = soap.result(call("createMetadata", defined("My_Handler")))

    assert result["fullName"] == "My_Handler"
    assert refused(result) == (
        "DUPLICATE_DEVELOPER_NAME",
        "OauthTokenExchangeHandler named My_Handler exists already",
    )


def test_updates_the_whole_of_it(soap, handler):
    EnablementFactory(handler=handler)
    changed = defined("My_Handler", "Billing", label="New", supports_saml2=True)

    assert soap.result(call("updateMetadata", changed))["success"] == "true"

    handler.refresh_from_db()
    assert (handler.label, handler.supports_saml2) == ("New", True)
    assert [each.app.api_name for each in Enablement.objects.all()] == ["Billing"]


def test_what_is_not_there_is_not_updated(soap):
    assert refused(soap.result(call("updateMetadata", defined("Gone")))) == (
        "INVALID_CROSS_REFERENCE_KEY",
        "no OauthTokenExchangeHandler named Gone found",
    )


def test_upserts_either_and_says_which_it_was(soap, handler):
    text = soap.answer(call("upsertMetadata", defined("Mine"), defined("My_Handler")))

    assert (
        "<result><created>true</created><fullName>Mine</fullName><success>true</success>"
        "</result><result><created>false</created><fullName>My_Handler</fullName>"
    ) in text


def test_an_upsert_that_fails_created_nothing(soap):
    result = soap.result(call("upsertMetadata", defined("Mine", "Gone")))

    assert result["created"] == "false"
    assert refused(result)[0] == "INVALID_CROSS_REFERENCE_KEY"


def test_one_after_the_other_in_the_order_of_the_call(soap, handler):
    results = soap.results(
        call("upsertMetadata", defined("Z"), defined("My_Handler"), defined("A"))
    )

    assert [each["fullName"] for each in results] == ["Z", "My_Handler", "A"]
    assert handler_names() == ["A", "My_Handler", "Z"]


@pytest.mark.parametrize(
    "definition, code, words",
    [
        (
            defined("Mine", apex_class="Gone"),
            "INVALID_CROSS_REFERENCE_KEY",
            "In field: tokenHandlerApex - no ApexClass named Gone found",
        ),
        (
            defined("Mine", "Gone"),
            "INVALID_CROSS_REFERENCE_KEY",
            "In field: connectedApp - no ConnectedApp named Gone found",
        ),
        (
            defined("Mine", enabled("Billing", run_as="nobody@x.example")),
            "INVALID_CROSS_REFERENCE_KEY",
            "In field: apexExecutionUser - no User named nobody@x.example found",
        ),
        (
            defined("Mine", supports_jwt=False),
            "FIELD_INTEGRITY_EXCEPTION",
            "Select at least one token type.",
        ),
    ],
)
def test_what_cannot_be_saved_is_a_result_and_no_fault(soap, definition, code, words):
    result = soap.result(call("createMetadata", definition))

    assert refused(result) == (code, words)
    assert handler_names() == []


def test_a_field_that_is_missing_is_named(soap):
    said = component(defined("Mine")).replace("<masterLabel>Mine</masterLabel>", "")

    result = soap.result(call("createMetadata", said))

    assert refused(result) == (
        "REQUIRED_FIELD_MISSING",
        "Required field is missing: masterLabel",
    )


def test_everything_that_is_wrong_is_told(soap):
    said = component(defined("Mine")).replace("<masterLabel>Mine</masterLabel>", "")
    said = said.replace("<isEnabled>true<", "<isEnabled>maybe<")

    result = soap.result(call("createMetadata", said))

    assert len(many(result, "errors")) == 2


@pytest.mark.parametrize("name", ["", " "])
def test_a_component_has_a_full_name(soap, name):
    said = component(defined("Mine")).replace("<fullName>Mine<", f"<fullName>{name}<")

    assert refused(soap.result(call("createMetadata", said))) == (
        "REQUIRED_FIELD_MISSING",
        "Required field is missing: fullName",
    )


@pytest.mark.parametrize("operation", SAVING)
def test_a_handler_does_not_say_two_names(soap, handler, operation):
    said = component(defined("Other"), full_name="My_Handler")
    if operation == "createMetadata":
        said = component(defined("Other"), full_name="Mine")

    code, words = refused(soap.result(call(operation, said)))

    assert code == "FIELD_INTEGRITY_EXCEPTION"
    assert words.startswith("The developerName Other is not the fullName, M")
    assert handler_names() == ["My_Handler"]


def test_names_are_the_same_in_any_case(soap, handler):
    result = soap.result(call("createMetadata", defined("MY_HANDLER")))

    assert refused(result)[0] == "DUPLICATE_DEVELOPER_NAME"


def test_the_same_name_twice_in_a_call_is_refused_once(soap):
    first, second = soap.results(call("upsertMetadata", defined("Mine"), defined("MINE")))

    assert first["success"] == "true"
    assert refused(second)[0] == "DUPLICATE_DEVELOPER_NAME"
    assert handler_names() == ["Mine"]


def test_what_can_be_saved_is(soap):
    wrong = defined("Bad", apex_class="Gone")

    results = soap.results(call("createMetadata", defined("A"), wrong, defined("B")))

    assert [each["success"] for each in results] == ["true", "false", "true"]
    assert handler_names() == ["A", "B"]


def test_all_are_saved_or_none(soap):
    wrong = defined("Bad", apex_class="Gone")

    first, second = soap.results(call("createMetadata", defined("A"), wrong), ALL_OR_NONE)

    assert refused(first)[0] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert refused(second)[0] == "INVALID_CROSS_REFERENCE_KEY"
    assert handler_names() == []
    assert not AuditEntry.objects.filter(section="Token Exchange Handlers").exists()


def test_all_are_saved_where_all_can_be(soap):
    results = soap.results(call("createMetadata", defined("A"), defined("B")), ALL_OR_NONE)

    assert [each["success"] for each in results] == ["true", "true"]
    assert handler_names() == ["A", "B"]


def test_a_default_moves_between_two_handlers_of_one_call(soap):
    def wanted(first, second):
        return call(
            "upsertMetadata",
            defined("First", enabled("Billing", is_default=first)),
            defined("Second", enabled("Billing", is_default=second)),
        )

    soap.results(wanted(True, False))
    results = soap.results(wanted(False, True))

    assert [each["success"] for each in results] == ["true", "true"]
    assert Enablement.objects.get(is_default=True).handler.developer_name == "Second"


def test_two_defaults_of_one_app_cannot_be(soap):
    results = soap.results(
        call(
            "createMetadata",
            defined("First", enabled("Billing", is_default=True)),
            defined("Second", enabled("Billing", is_default=True)),
        )
    )

    assert "false" in [each["success"] for each in results]
    assert Enablement.objects.filter(is_default=True).count() < 2


@pytest.mark.parametrize("operation", SAVING)
def test_more_than_ten_are_a_fault(soap, operation):
    names = [f"H{number}" for number in range(11)]

    assert soap.fault(call(operation, *map(defined, names))) == (
        "sf:EXCEEDED_ID_LIMIT",
        "EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than 10 records in "
        "this operation",
    )
    assert handler_names() == []


def test_ten_are_not(soap):
    made = [defined(f"H{number}") for number in range(10)]

    assert len(soap.results(call("createMetadata", *made))) == 10


def test_nothing_is_no_result(soap):
    for operation in SAVING:
        assert soap.results(f"<{operation}/>") == []


@pytest.mark.parametrize("type_name", ["CustomObject", "", "oauthtokenexchangehandler"])
@pytest.mark.parametrize("operation", SAVING)
def test_an_unknown_type_is_a_fault(soap, operation, type_name):
    said = component(defined("Mine")).replace(HANDLER, type_name)

    code, words = soap.fault(call(operation, component(defined("A")), said))

    assert (code, words[:26]) == ("sf:INVALID_TYPE", "INVALID_TYPE: Unknown type")
    assert handler_names() == []


@pytest.mark.parametrize("operation", SAVING)
def test_code_comes_in_files_only(soap, operation):
    said = '<metadata xsi:type="ApexClass"><fullName>X</fullName></metadata>'

    code, words = soap.fault(call(operation, said))

    assert code == "sf:INVALID_TYPE"
    assert "ApexClass does not support this operation" in words


# --- Apps ------------------------------------------------------------------------------


def test_apps_are_created_updated_and_deleted(soap, org):
    first = component(connected_app("Third"), "Third")
    second = component(connected_app("Third, renamed"), "Third")

    created = soap.result(call("createMetadata", first))
    updated = soap.result(call("updateMetadata", second))

    assert created == updated == {"fullName": "Third", "success": "true"}
    app = ClientApp.objects.get(api_name="Third")
    assert (app.label, app.kind) == ("Third, renamed", "connected")
    told = soap.result(deleting("Third", type_name="ConnectedApp"))
    assert told == {"fullName": "Third", "success": "true"}
    assert not ClientApp.objects.filter(api_name="Third").exists()


def test_an_external_app_is_created(soap, org):
    said = component(external_app("Portal"), "Portal")

    assert soap.result(call("createMetadata", said))["success"] == "true"
    assert ClientApp.objects.get(api_name="Portal").kind == "external"


def test_a_handler_and_its_app_come_in_one_call(soap):
    app = component(connected_app("Third"), "Third")

    results = soap.results(call("createMetadata", defined("Mine", "Third"), app))

    assert [each["fullName"] for each in results] == ["Mine", "Third"]
    assert [each["success"] for each in results] == ["true", "true"]


def test_an_app_that_a_handler_uses_stays(soap, handler, ready):
    EnablementFactory(handler=handler, app=ready[0])

    result = soap.result(deleting("Billing", type_name="ConnectedApp"))

    assert refused(result)[0] == "DELETE_FAILED"
    assert ClientApp.objects.filter(api_name="Billing").exists()


# --- Deleting and renaming -------------------------------------------------------------


def test_deletes_each_that_is_there(soap, handler):
    first, second = soap.results(deleting("Gone", "My_Handler"))

    assert refused(first) == (
        "INVALID_CROSS_REFERENCE_KEY",
        "no OauthTokenExchangeHandler named Gone found",
    )
    assert second == {"fullName": "My_Handler", "success": "true"}
    assert handler_names() == []


def test_the_type_goes_by_any_name(soap, handler):
    call = deleting("My_Handler").replace("type>", "metadataType>")

    assert soap.result(call)["success"] == "true"


def test_deletes_all_or_none(soap, handler):
    first, second = soap.results(deleting("My_Handler", "Gone"), ALL_OR_NONE)

    assert refused(first)[0] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert refused(second)[0] == "INVALID_CROSS_REFERENCE_KEY"
    assert handler_names() == ["My_Handler"]


def test_deletes_the_same_once(soap, handler):
    first, second = soap.results(deleting("My_Handler", "my_handler"))

    assert (first["success"], second["success"]) == ("true", "false")


def test_deletes_no_more_than_ten(soap):
    assert soap.fault(deleting(*"abcdefghijk"))[0] == "sf:EXCEEDED_ID_LIMIT"


@pytest.mark.parametrize("type_name", ["CustomObject", "ApexClass", ""])
def test_deletes_and_renames_known_types_only(soap, type_name):
    assert soap.fault(deleting("X", type_name=type_name))[0] == "sf:INVALID_TYPE"
    assert soap.fault(renaming("X", "Y", type_name))[0] == "sf:INVALID_TYPE"


def test_renames_a_handler_and_keeps_all_else(soap, handler):
    enablement = EnablementFactory(handler=handler)

    result = soap.result(renaming("My_Handler", "New_Name"))

    assert result["success"] == "true"
    handler.refresh_from_db()
    assert (handler.developer_name, handler.label) == ("New_Name", "My Handler")
    assert enablement in Enablement.objects.filter(handler=handler)


@pytest.mark.parametrize(
    "old, new, code",
    [
        ("Gone", "New", "INVALID_CROSS_REFERENCE_KEY"),
        ("My_Handler", "Taken", "DUPLICATE_DEVELOPER_NAME"),
        ("My_Handler", "no name", "FIELD_INTEGRITY_EXCEPTION"),
        ("My_Handler", "x" * 81, "FIELD_INTEGRITY_EXCEPTION"),
        ("My_Handler", "", "FIELD_INTEGRITY_EXCEPTION"),
    ],
)
def test_a_name_that_cannot_be_is_refused(soap, handler, old, new, code):
    TokenExchangeHandlerFactory(
        org=handler.org, developer_name="Taken", apex_class=handler.apex_class
    )

    assert refused(soap.result(renaming(old, new)))[0] == code
    assert handler_names() == ["My_Handler", "Taken"]


def test_the_names_of_apps_stay(soap, org):
    result = soap.result(renaming("Billing", "New", "ConnectedApp"))

    assert refused(result)[0] == "FIELD_INTEGRITY_EXCEPTION"
    assert ClientApp.objects.filter(api_name="Billing").exists()


# --- Who may, and what is noted of it --------------------------------------------------

CHANGES = [
    call("createMetadata", defined("Mine")),
    call("updateMetadata", defined("My_Handler", label="New")),
    call("upsertMetadata", defined("Mine")),
    deleting("My_Handler"),
    renaming("My_Handler", "New"),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("who", ["viewer_session", "standard_session"])
def test_whoever_may_not_change_setup_changes_nothing(request, handler, change, who):
    soap = Soap(request.getfixturevalue(who))

    assert soap.fault(change)[0] == "sf:INSUFFICIENT_ACCESS"
    assert handler_names() == ["My_Handler"]
    assert not AuditEntry.objects.filter(section="Token Exchange Handlers").exists()


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_noted_as_one_of_the_metadata_api(soap, admin, handler, change):
    assert soap.result(change)["success"] == "true"

    entries = AuditEntry.objects.filter(section="Token Exchange Handlers")
    assert entries
    assert {each.user for each in entries} == {admin}
    assert {each.context for each in entries} == {"Metadata API"}


@pytest.mark.parametrize("change", CHANGES[1:2] + CHANGES[3:])
def test_another_orgs_handler_is_not_there(their_session, handler, change):
    result = Soap(their_session).result(change)

    assert refused(result)[0] == "INVALID_CROSS_REFERENCE_KEY"
    handler.refresh_from_db()
    assert (handler.developer_name, handler.label) == ("My_Handler", "My Handler")


def test_another_orgs_names_are_free_and_its_apps_unknown(their_session, handler, org):
    soap = Soap(their_session)

    _, words = refused(soap.result(call("createMetadata", defined("My_Handler"))))

    assert words == "In field: tokenHandlerApex - no ApexClass named ShopTokens found"
    assert handler_names() == ["My_Handler"]


def test_an_app_of_another_org_is_not_found(soap, their_admin):
    ClientAppFactory(org=their_admin.org, label="Theirs", api_name="Theirs")

    result = soap.result(call("createMetadata", defined("Mine", "Theirs")))

    assert refused(result)[0] == "INVALID_CROSS_REFERENCE_KEY"
