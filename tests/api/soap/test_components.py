"""Components in SOAP calls, which follow the rules for files."""

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metadata.format.test_properties import DEFINITIONS, EXAMPLES, definitions
from tokenx.api.soap.components import read_component
from tokenx.api.soap.reader import read_request
from tokenx.api.soap.writer import MetadataRecord, write_response
from tokenx.metadata.format.definitions import (
    ConnectedAppDefinition,
    EnablementDefinition,
    HandlerDefinition,
    Manifest,
    UnknownElement,
)
from tokenx.metadata.format.errors import MetadataError

from .calls import envelope, read, sample

FIELDS = {
    "description": "",
    "developerName": "One",
    "isAccessTokenSupported": "false",
    "isEnabled": "true",
    "isIdTokenSupported": "false",
    "isJwtSupported": "true",
    "isRefreshTokenSupported": "false",
    "isSaml2Supported": "false",
    "isUserCreationAllowed": "true",
    "masterLabel": "One",
    "tokenHandlerApex": "OneHandler",
}


def component(inside):
    """Return a <metadata> element with these lines, the first in line 2 of the request."""
    call = f"<createMetadata><metadata>\n{inside}\n</metadata></createMetadata>"
    return read(envelope(call)).parameters.sole()


def handler(full_name="<fullName>One</fullName>", more="", **fields):
    """Return a handler with its full name and then its fields, each on a line."""
    lines = [full_name, *(f"<{n}>{t}</{n}>" for n, t in {**FIELDS, **fields}.items())]
    return component("\n".join([*filter(None, lines), more]))


def problems(node, definition=HandlerDefinition):
    try:
        read_component(node, definition)
    except MetadataError as error:
        return [f"{each.line}:{each.column} {each.text}" for each in error.problems]
    return []


@pytest.mark.parametrize("name", ["create-unprefixed-type", "create-ns0-type-and-nil"])
def test_reads_a_handler_of_any_client(name):
    full_name, definition = read_component(
        sample(name).parameters.sole(), HandlerDefinition
    )

    assert full_name == "One"
    assert definition == HandlerDefinition(
        developer_name="One",
        label="One & only",
        description="",
        apex_class="OneHandler",
        is_enabled=True,
        supports_access_token=False,
        supports_id_token=False,
        supports_jwt=True,
        supports_refresh_token=False,
        supports_saml2=False,
        allows_user_creation=True,
        enablements=(
            EnablementDefinition(
                run_as="ada@mycompany.example", connected_app="Billing", is_default=True
            ),
        ),
    )


def test_keeps_line_endings_and_characters_of_a_text():
    node = handler(description="Füchse &amp; &lt;Hunde&gt;&#13;\n🦊\n")

    assert read_component(node, HandlerDefinition)[1].description == (
        "Füchse & <Hunde>\r\n🦊\n"
    )


def test_keeps_an_apps_unused_elements():
    node = component(
        "<fullName>Shop</fullName><contactEmail>a@b.example</contactEmail>"
        "<label>Shop</label><mobile><pin>\n4</pin></mobile><iconUrl>x</iconUrl>"
    )

    full_name, definition = read_component(node, ConnectedAppDefinition)

    assert full_name == "Shop"
    assert definition.unknown_elements == (
        UnknownElement("iconUrl", "x"),
        UnknownElement("mobile", (UnknownElement("pin", "\n4"),)),
    )


def test_reports_the_same_problems_as_for_a_file(subtests):
    for node, expected in [
        (handler(isEnabled="yes"), "is not a valid value for the type xsd:boolean"),
        (handler(masterLabel="x" * 81), "Value too long for field: masterLabel"),
        (handler(masterLabel=" "), "Required field is missing: masterLabel"),
        (handler(nonsense="x"), "nonsense invalid at this location in type OauthToken"),
        (handler(more="<isEnabled>true</isEnabled>"), "isEnabled is duplicated at"),
        (handler(more="<enablements>x</enablements>"), "text is not allowed at this"),
        (handler(more="<isProtected>true<a/></isProtected>"), "a invalid at this"),
        (handler(more="<fullName>Two</fullName>"), "fullName is duplicated at"),
        (handler(full_name=""), "Required field is missing: fullName"),
        (handler(full_name="<fullName> </fullName>"), "Required field is missing: fullN"),
        (handler(full_name='<fullName xsi:nil="true"/>'), "Required field is missing: f"),
    ]:
        with subtests.test(expected=expected):
            assert expected in "\n".join(problems(node))


def test_reports_all_problems_with_their_positions():
    app = (
        "<enablements><connectedApp>Shop</connectedApp>\n"
        "  <apexExecutionUser>ada</apexExecutionUser><isDefault>2</isDefault>"
        "</enablements>"
    )
    lines = ["<fullName>One</fullName>", app, app]
    given_fields = [f"<{n}>{t}</{n}>" for n, t in FIELDS.items() if n != "masterLabel"]

    messages = problems(component("\n".join([*lines, *given_fields])))

    assert messages[0].endswith(" Required field is missing: masterLabel")
    assert messages[1:] == [
        "4:45 '2' is not a valid value for the type xsd:boolean",
        "5:14 Duplicate enablement: connectedApp Shop is already listed",
        "6:45 '2' is not a valid value for the type xsd:boolean",
    ]


def test_a_required_field_that_is_nil_is_missing():
    node = handler(more='<isProtected xsi:nil="true"/>')
    assert problems(node) == []

    node = component('<fullName>One</fullName><isEnabled xsi:nil="true"/>')
    assert any("Required field is missing: isEnabled" in each for each in problems(node))


def check_round_trip(definition):
    """Read the definition as a client does, and send it back unchanged."""
    record = {"records": [MetadataRecord("One", definition)]}
    answer = "".join(write_response("readMetadata", record)).encode()
    result = read_request(io.BytesIO(answer)).parameters.sole()
    full_name, received = read_component(result.child("records"), type(definition))
    assert full_name == "One"
    # A field's own full name is that of the component.
    has_name = hasattr(definition, "full_name")
    assert received == (replace(definition, full_name=None) if has_name else definition)


def test_each_type_round_trips(subtests):
    for definition in EXAMPLES:
        if not isinstance(definition, Manifest):
            with subtests.test(definition=definition):
                check_round_trip(definition)


@pytest.mark.slow
@pytest.mark.parametrize("definition", DEFINITIONS[:-1], ids=lambda each: each.type_name)
@settings(max_examples=12)
@given(data=st.data())
def test_any_definition_round_trips(definition, data):
    drawn = data.draw(definitions(definition))
    if any(each.name == "fullName" for each in getattr(drawn, "unknown_elements", ())):
        return

    check_round_trip(drawn)
