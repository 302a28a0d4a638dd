"""Calls for single components: create, update, upsert, delete, and rename."""

import pytest

from tests.factories import ClientAppFactory, EnablementFactory, TokenExchangeHandlerFactory
from tests.metadata.deploy.deploying import RUN_AS, connected_app, enabled, external_app
from tests.metadata.deploy.deploying import handler as defined
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.format.declarations import UnknownElement
from tokenx.metadata.format.definitions import ProfileDefinition, RemoteSiteDefinition
from tokenx.metadata.format.object_definitions import (
    CustomFieldDefinition,
    CustomLabelsDefinition,
    CustomMetadataDefinition,
    NamedCredentialDefinition,
    PermissionSetDefinition,
)
from tokenx.metadata.format.writer import write_inside
from tokenx.org.models import AuditEntry, ClientApp, Profile, RemoteSite, StoredComponent

from .calling import HANDLER, Soap, many

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
    elements = [c if isinstance(c, str) else component(c) for c in components]
    return f"<{operation}>{''.join(elements)}</{operation}>"


def deleting(*names, type_name=HANDLER):
    elements = "".join(f"<fullNames>{name}</fullNames>" for name in names)
    return f"<deleteMetadata><type>{type_name}</type>{elements}</deleteMetadata>"


def renaming(old, new, type_name=HANDLER):
    return (
        f"<renameMetadata><type>{type_name}</type><oldFullName>{old}</oldFullName>"
        f"<newFullName>{new}</newFullName></renameMetadata>"
    )


def refused(result):
    """Return the code and the message of the result's first error."""
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


def test_creates_a_handler_with_its_apps(soap, admin, subtests):
    for prefix in ["", "ns0:"]:
        with subtests.test(prefix=prefix), rolled_back():
            definition = defined("Mine", enabled("Billing", is_default=True))

            results = soap.results(
                call("createMetadata", component(definition, prefix=prefix))
            )

            assert results == [{"fullName": "Mine", "success": "true"}]
            [enablement] = Enablement.objects.all()
            assert enablement.handler.developer_name == "Mine"
            assert enablement.app.api_name == "Billing"
            assert enablement.run_as.username == RUN_AS
            assert enablement.is_default
            assert enablement.handler.created_by == admin


def test_an_existing_component_is_not_created_again(soap, handler):
    result = soap.result(call("createMetadata", defined("My_Handler")))

    assert result["fullName"] == "My_Handler"
    assert refused(result) == (
        "DUPLICATE_DEVELOPER_NAME",
        "OauthTokenExchangeHandler named My_Handler already exists",
    )


def test_an_update_replaces_the_whole_component(soap, handler):
    EnablementFactory(handler=handler)
    changed = defined("My_Handler", "Billing", label="New", supports_saml2=True)

    assert soap.result(call("updateMetadata", changed))["success"] == "true"

    handler.refresh_from_db()
    assert (handler.label, handler.supports_saml2) == ("New", True)
    assert [each.app.api_name for each in Enablement.objects.all()] == ["Billing"]


def test_an_unknown_component_is_not_updated(soap):
    assert refused(soap.result(call("updateMetadata", defined("Gone")))) == (
        "INVALID_CROSS_REFERENCE_KEY",
        "no OauthTokenExchangeHandler named Gone found",
    )


def test_an_upsert_creates_or_updates_and_says_which(soap, handler):
    text = soap.answer(call("upsertMetadata", defined("Mine"), defined("My_Handler")))

    assert (
        "<result><created>true</created><fullName>Mine</fullName><success>true</success>"
        "</result><result><created>false</created><fullName>My_Handler</fullName>"
    ) in text


def test_an_upsert_that_fails_created_nothing(soap):
    result = soap.result(call("upsertMetadata", defined("Mine", "Gone")))

    assert result["created"] == "false"
    assert refused(result)[0] == "INVALID_CROSS_REFERENCE_KEY"


def test_results_are_in_the_order_of_the_call(soap, handler):
    results = soap.results(
        call("upsertMetadata", defined("Z"), defined("My_Handler"), defined("A"))
    )

    assert [each["fullName"] for each in results] == ["Z", "My_Handler", "A"]
    assert handler_names() == ["A", "My_Handler", "Z"]


BAD_HANDLERS = [
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
        defined("Mine", enabled("Billing", run_as="unknown@x.example")),
        "INVALID_CROSS_REFERENCE_KEY",
        "In field: apexExecutionUser - no User named unknown@x.example found",
    ),
    (
        defined("Mine", supports_jwt=False),
        "FIELD_INTEGRITY_EXCEPTION",
        "Select at least one token type.",
    ),
]


def test_an_invalid_component_has_an_error_in_its_result(soap, subtests):
    for definition, code, message in BAD_HANDLERS:
        with subtests.test(message=message):
            result = soap.result(call("createMetadata", definition))

            assert refused(result) == (code, message)
            assert handler_names() == []


def test_a_missing_field_is_named(soap):
    xml = component(defined("Mine")).replace("<masterLabel>Mine</masterLabel>", "")

    result = soap.result(call("createMetadata", xml))

    assert refused(result) == (
        "REQUIRED_FIELD_MISSING",
        "Required field is missing: masterLabel",
    )


def test_all_errors_are_reported(soap):
    xml = component(defined("Mine")).replace("<masterLabel>Mine</masterLabel>", "")
    xml = xml.replace("<isEnabled>true<", "<isEnabled>maybe<")

    result = soap.result(call("createMetadata", xml))

    assert len(many(result, "errors")) == 2


def test_a_component_needs_a_full_name(soap, subtests):
    for name in ["", " "]:
        with subtests.test(name=name):
            xml = component(defined("Mine")).replace(
                "<fullName>Mine<", f"<fullName>{name}<"
            )

            assert refused(soap.result(call("createMetadata", xml))) == (
                "REQUIRED_FIELD_MISSING",
                "Required field is missing: fullName",
            )


def test_a_handler_cannot_have_two_names(soap, handler, subtests):
    for operation in SAVING:
        with subtests.test(operation=operation):
            full_name = "Mine" if operation == "createMetadata" else "My_Handler"
            xml = component(defined("Other"), full_name=full_name)

            code, message = refused(soap.result(call(operation, xml)))

            assert code == "FIELD_INTEGRITY_EXCEPTION"
            assert message.startswith(
                "The developerName Other doesn't match the fullName M"
            )
            assert handler_names() == ["My_Handler"]


def test_names_ignore_case(soap, handler):
    result = soap.result(call("createMetadata", defined("MY_HANDLER")))

    assert refused(result)[0] == "DUPLICATE_DEVELOPER_NAME"


def test_the_same_name_twice_in_a_call_is_refused_once(soap):
    first, second = soap.results(call("upsertMetadata", defined("Mine"), defined("MINE")))

    assert first["success"] == "true"
    assert refused(second)[0] == "DUPLICATE_DEVELOPER_NAME"
    assert handler_names() == ["Mine"]


def test_valid_components_are_saved_despite_an_invalid_one(soap):
    invalid = defined("Bad", apex_class="Gone")

    results = soap.results(call("createMetadata", defined("A"), invalid, defined("B")))

    assert [each["success"] for each in results] == ["true", "false", "true"]
    assert handler_names() == ["A", "B"]


def test_all_or_none_saves_nothing_after_an_error(soap):
    invalid = defined("Bad", apex_class="Gone")

    first, second = soap.results(call("createMetadata", defined("A"), invalid), ALL_OR_NONE)

    assert refused(first)[0] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert refused(second)[0] == "INVALID_CROSS_REFERENCE_KEY"
    assert handler_names() == []
    assert not AuditEntry.objects.filter(section="Token Exchange Handlers").exists()


def test_all_or_none_saves_all_without_errors(soap):
    results = soap.results(call("createMetadata", defined("A"), defined("B")), ALL_OR_NONE)

    assert [each["success"] for each in results] == ["true", "true"]
    assert handler_names() == ["A", "B"]


def test_a_default_moves_between_two_handlers_of_one_call(soap):
    def with_defaults(first, second):
        return call(
            "upsertMetadata",
            defined("First", enabled("Billing", is_default=first)),
            defined("Second", enabled("Billing", is_default=second)),
        )

    soap.results(with_defaults(True, False))
    results = soap.results(with_defaults(False, True))

    assert [each["success"] for each in results] == ["true", "true"]
    assert Enablement.objects.get(is_default=True).handler.developer_name == "Second"


def test_an_app_cannot_have_two_defaults(soap):
    results = soap.results(
        call(
            "createMetadata",
            defined("First", enabled("Billing", is_default=True)),
            defined("Second", enabled("Billing", is_default=True)),
        )
    )

    assert "false" in [each["success"] for each in results]
    assert Enablement.objects.filter(is_default=True).count() < 2


def test_more_than_ten_are_a_fault(soap, subtests):
    components = [defined(f"H{number}") for number in range(11)]
    for operation in SAVING:
        with subtests.test(operation=operation):
            assert soap.fault(call(operation, *components)) == (
                "sf:EXCEEDED_ID_LIMIT",
                "EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than 10 "
                "records in this operation",
            )
            assert handler_names() == []


def test_ten_are_saved(soap):
    components = [defined(f"H{number}") for number in range(10)]

    assert len(soap.results(call("createMetadata", *components))) == 10


def test_a_call_without_components_has_no_results(soap):
    for operation in SAVING:
        assert soap.results(f"<{operation}/>") == []


def test_an_unknown_type_is_a_fault(soap, subtests):
    for operation in SAVING:
        for type_name in ["Layout", "", "oauthtokenexchangehandler"]:
            with subtests.test(operation=operation, type_name=type_name):
                xml = component(defined("Mine")).replace(HANDLER, type_name)

                code, message = soap.fault(call(operation, component(defined("A")), xml))

                assert code == "sf:INVALID_TYPE"
                assert message.startswith("INVALID_TYPE: Unknown type")
                assert handler_names() == []


def test_apex_classes_need_files(soap, subtests):
    xml = '<metadata xsi:type="ApexClass"><fullName>X</fullName></metadata>'
    for operation in SAVING:
        with subtests.test(operation=operation):
            code, message = soap.fault(call(operation, xml))

            assert code == "sf:INVALID_TYPE"
            assert "ApexClass does not support this operation" in message


# --- Apps ------------------------------------------------------------------------------


def test_apps_are_created_updated_and_deleted(soap, org):
    first = component(connected_app("Third"), "Third")
    second = component(connected_app("Third, renamed"), "Third")

    created = soap.result(call("createMetadata", first))
    updated = soap.result(call("updateMetadata", second))

    assert created == updated == {"fullName": "Third", "success": "true"}
    app = ClientApp.objects.get(api_name="Third")
    assert (app.label, app.kind) == ("Third, renamed", "connected")
    deleted = soap.result(deleting("Third", type_name="ConnectedApp"))
    assert deleted == {"fullName": "Third", "success": "true"}
    assert not ClientApp.objects.filter(api_name="Third").exists()


def test_an_external_app_is_created(soap, org):
    xml = component(external_app("Portal"), "Portal")

    assert soap.result(call("createMetadata", xml))["success"] == "true"
    assert ClientApp.objects.get(api_name="Portal").kind == "external"


def test_a_handler_and_its_app_come_in_one_call(soap):
    app = component(connected_app("Third"), "Third")

    results = soap.results(call("createMetadata", defined("Mine", "Third"), app))

    assert [each["fullName"] for each in results] == ["Mine", "Third"]
    assert [each["success"] for each in results] == ["true", "true"]


def test_an_app_that_a_handler_uses_is_not_deleted(soap, handler, ready):
    EnablementFactory(handler=handler, app=ready[0])

    result = soap.result(deleting("Billing", type_name="ConnectedApp"))

    assert refused(result)[0] == "DELETE_FAILED"
    assert ClientApp.objects.filter(api_name="Billing").exists()


# --- Deleting and renaming -------------------------------------------------------------


def test_deletes_each_component_that_exists(soap, handler):
    first, second = soap.results(deleting("Gone", "My_Handler"))

    assert refused(first) == (
        "INVALID_CROSS_REFERENCE_KEY",
        "no OauthTokenExchangeHandler named Gone found",
    )
    assert second == {"fullName": "My_Handler", "success": "true"}
    assert handler_names() == []


def test_the_type_parameter_can_have_any_name(soap, handler):
    call = deleting("My_Handler").replace("type>", "metadataType>")

    assert soap.result(call)["success"] == "true"


def test_deletes_all_or_none(soap, handler):
    first, second = soap.results(deleting("My_Handler", "Gone"), ALL_OR_NONE)

    assert refused(first)[0] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert refused(second)[0] == "INVALID_CROSS_REFERENCE_KEY"
    assert handler_names() == ["My_Handler"]


def test_deletes_a_repeated_name_once(soap, handler):
    first, second = soap.results(deleting("My_Handler", "my_handler"))

    assert (first["success"], second["success"]) == ("true", "false")


def test_deletes_no_more_than_ten(soap):
    assert soap.fault(deleting(*"abcdefghijk"))[0] == "sf:EXCEEDED_ID_LIMIT"


def test_deletes_and_renames_only_known_types(soap, subtests):
    for type_name in ["Layout", "ApexClass", ""]:
        with subtests.test(type_name=type_name):
            assert soap.fault(deleting("X", type_name=type_name))[0] == "sf:INVALID_TYPE"
            assert soap.fault(renaming("X", "Y", type_name))[0] == "sf:INVALID_TYPE"


def test_renames_a_handler_and_keeps_everything_else(soap, handler):
    enablement = EnablementFactory(handler=handler)

    result = soap.result(renaming("My_Handler", "New_Name"))

    assert result["success"] == "true"
    handler.refresh_from_db()
    assert (handler.developer_name, handler.label) == ("New_Name", "My Handler")
    assert enablement in Enablement.objects.filter(handler=handler)


def test_an_invalid_new_name_is_refused(soap, handler, subtests):
    TokenExchangeHandlerFactory(
        org=handler.org, developer_name="Taken", apex_class=handler.apex_class
    )
    for old, new, code in [
        ("Gone", "New", "INVALID_CROSS_REFERENCE_KEY"),
        ("My_Handler", "Taken", "DUPLICATE_DEVELOPER_NAME"),
        ("My_Handler", "no name", "FIELD_INTEGRITY_EXCEPTION"),
        ("My_Handler", "x" * 81, "FIELD_INTEGRITY_EXCEPTION"),
        ("My_Handler", "", "FIELD_INTEGRITY_EXCEPTION"),
    ]:
        with subtests.test(old=old, new=new):
            assert refused(soap.result(renaming(old, new)))[0] == code
            assert handler_names() == ["My_Handler", "Taken"]


def test_an_app_cannot_be_renamed(soap, org):
    result = soap.result(renaming("Billing", "New", "ConnectedApp"))

    assert refused(result)[0] == "FIELD_INTEGRITY_EXCEPTION"
    assert ClientApp.objects.filter(api_name="Billing").exists()


# --- Permissions and the audit trail ---------------------------------------------------

CHANGES = [
    call("createMetadata", defined("Mine")),
    call("updateMetadata", defined("My_Handler", label="New")),
    call("upsertMetadata", defined("Mine")),
    deleting("My_Handler"),
    renaming("My_Handler", "New"),
]


@pytest.mark.parametrize("who", ["viewer_session", "standard_session"])
def test_users_who_cannot_change_setup_change_nothing(request, handler, who, subtests):
    soap = Soap(request.getfixturevalue(who))
    for change in CHANGES:
        with subtests.test(change=change):
            assert soap.fault(change)[0] == "sf:INSUFFICIENT_ACCESS"
            assert handler_names() == ["My_Handler"]
            entries = AuditEntry.objects.filter(section="Token Exchange Handlers")
            assert not entries.exists()


def test_changes_are_audited_as_metadata_api(soap, admin, handler, subtests):
    for change in CHANGES:
        with subtests.test(change=change), rolled_back():
            assert soap.result(change)["success"] == "true"

            entries = AuditEntry.objects.filter(section="Token Exchange Handlers")
            assert entries
            assert {each.user for each in entries} == {admin}
            assert {each.context for each in entries} == {"Metadata API"}


def test_another_orgs_handler_is_not_found(their_session, handler, subtests):
    soap = Soap(their_session)
    for change in CHANGES[1:2] + CHANGES[3:]:
        with subtests.test(change=change):
            assert refused(soap.result(change))[0] == "INVALID_CROSS_REFERENCE_KEY"
            handler.refresh_from_db()
            assert (handler.developer_name, handler.label) == ("My_Handler", "My Handler")


def test_another_orgs_names_are_free_and_its_classes_unknown(their_session, handler, org):
    soap = Soap(their_session)

    _, message = refused(soap.result(call("createMetadata", defined("My_Handler"))))

    assert message == "In field: tokenHandlerApex - no ApexClass named ShopTokens found"
    assert handler_names() == ["My_Handler"]


def test_an_app_of_another_org_is_not_found(soap, their_admin):
    ClientAppFactory(org=their_admin.org, label="Theirs", api_name="Theirs")

    result = soap.result(call("createMetadata", defined("Mine", "Theirs")))

    assert refused(result)[0] == "INVALID_CROSS_REFERENCE_KEY"


# --- Remote sites ------------------------------------------------------------------------


def test_creates_renames_and_deletes_a_remote_site(soap, org):
    kind = "RemoteSiteSetting"
    site = RemoteSiteDefinition(
        url="https://a.example", is_active=True, disables_protocol_security=False
    )

    [created] = soap.results(call("createMetadata", component(site, "Okta")))
    assert created["success"] == "true"
    [renamed] = soap.results(renaming("Okta", "Keys", kind))
    assert renamed["success"] == "true"
    assert RemoteSite.objects.get(org=org).name == "Keys"
    [deleted] = soap.results(deleting("Keys", type_name=kind))
    assert deleted["success"] == "true"
    assert not RemoteSite.objects.exists()


def test_refuses_a_remote_site_in_the_words_of_the_page(soap, org):
    site = RemoteSiteDefinition(
        url="ftp://a.example", is_active=True, disables_protocol_security=False
    )

    [result] = soap.results(call("createMetadata", component(site, "Okta")))

    code, message = refused(result)
    assert code == "FIELD_INTEGRITY_EXCEPTION"
    assert message.startswith("In field: url - Enter a URL with https:// or http://")


# --- Other types that are one table ----------------------------------------------------

OTHERS = {
    "User.Azure_Id__c": CustomFieldDefinition(
        label="Azure", length="20", field_type="Text"
    ),
    "Tokens": PermissionSetDefinition(label="Tokens"),
    "CustomLabels": CustomLabelsDefinition(),
    "Issuer.Okta": CustomMetadataDefinition(
        unknown_elements=(UnknownElement("label", "Okta"),)
    ),
    "Okta": NamedCredentialDefinition(
        unknown_elements=(
            UnknownElement("label", "Okta"),
            UnknownElement("password", "hunter2"),
        )
    ),
}


def test_creates_reads_and_deletes_each_type(soap, org, subtests):
    for name, definition in OTHERS.items():
        kind = definition.type_name
        reading = (
            f"<readMetadata><type>{kind}</type><fullNames>{name}</fullNames></readMetadata>"
        )
        with subtests.test(kind):
            created = soap.result(call("createMetadata", component(definition, name)))
            assert created == {"fullName": name, "success": "true"}
            answer = soap.answer(reading)
            assert f"<fullName>{name}</fullName>" in answer
            assert "hunter2" not in answer
            again = soap.result(call("createMetadata", component(definition, name)))
            assert refused(again)[0] == "DUPLICATE_DEVELOPER_NAME"
            deleted = soap.result(deleting(name, type_name=kind))
            assert deleted == {"fullName": name, "success": "true"}


def test_a_password_in_a_call_is_not_kept(soap, org):
    soap.result(call("createMetadata", component(OTHERS["Okta"], "Okta")))

    stored = StoredComponent.objects.get(org=org)
    assert "<label>Okta</label>" in stored.file
    assert "password" not in stored.file


def test_refuses_each_type_in_the_words_of_the_page(soap, org, subtests):
    for name, definition, message in [
        ("User.A__c", CustomFieldDefinition(label="A", length="0", field_type="Text"), ""),
        ("2nd", PermissionSetDefinition(label="A"), "Start an API name with a letter."),
        ("a/b", NamedCredentialDefinition(), "Enter a name without slashes"),
    ]:
        with subtests.test(name):
            code, found = refused(
                soap.result(call("createMetadata", component(definition, name)))
            )
            assert code == "FIELD_INTEGRITY_EXCEPTION"
            assert (message or "Enter a length from 1 to 255.") in found


# --- Profiles --------------------------------------------------------------------------


def test_a_profile_is_created_listed_read_and_deleted(soap, org):
    partners = component(ProfileDefinition(is_custom=True), "Partners")

    assert soap.result(call("createMetadata", partners))["success"] == "true"
    assert Profile.objects.named(org, "Partners")
    assert refused(soap.result(call("createMetadata", partners))) == (
        "DUPLICATE_DEVELOPER_NAME",
        "Profile named Partners already exists",
    )
    reading = (
        "<readMetadata><type>Profile</type><fullNames>Admin</fullNames></readMetadata>"
    )
    assert "<custom>false</custom>" in soap.answer(reading)
    listing = "<listMetadata><queries><type>Profile</type></queries></listMetadata>"
    assert "<fullName>Partners</fullName>" in soap.answer(listing)
    assert refused(soap.result(renaming("Partners", "Others", type_name="Profile"))) == (
        "FIELD_INTEGRITY_EXCEPTION",
        "You can't change the API name of a profile",
    )

    deleted = soap.result(deleting("Partners", type_name="Profile"))

    assert deleted == {"fullName": "Partners", "success": "true"}
    assert Profile.objects.named(org, "Partners") is None


def test_refuses_to_delete_a_built_in_profile(soap, org):
    assert refused(soap.result(deleting("Admin", type_name="Profile"))) == (
        "DELETE_FAILED",
        "System Administrator is a built-in profile. You can't delete it.",
    )
