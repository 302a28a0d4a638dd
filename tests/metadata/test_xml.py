"""Metadata files: what they say, and every way in which they can be wrong."""

import io
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenx.metadata import xml
from tokenx.metadata.definition import (
    ConnectedAppDefinition,
    EnablementDefinition,
    HandlerDefinition,
    Kept,
    OauthConfig,
)
from tokenx.metadata.errors import MetadataError

SAMPLES = Path(__file__).parent / "samples"
GOOD = (SAMPLES / "MyTokenExchangeHandler.oauthtokenexchangehandler").read_text()
SEED = (SAMPLES / "as-printed.oauthtokenexchangehandler").read_bytes()
NS = "{http://soap.sforce.com/2006/04/metadata}"

letters = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
texts = st.text(letters | st.sampled_from("\t\n\r&<>\"'"), max_size=80)
names = texts.filter(str.strip)
enablements = st.builds(
    EnablementDefinition,
    run_as=names,
    connected_app=names,
    is_default=st.booleans(),
) | st.builds(
    EnablementDefinition,
    run_as=names,
    external_app=names,
    is_default=st.booleans(),
)
handlers = st.builds(
    HandlerDefinition,
    developer_name=names,
    label=names,
    apex_class=names,
    description=texts,
    enablements=st.lists(
        enablements, max_size=4, unique_by=lambda each: (each.app[0], each.app[1].lower())
    ).map(tuple),
)
kept = st.builds(
    Kept,
    st.sampled_from(["iconUrl", "plugin", "startUrl"]),
    texts | st.tuples(st.builds(Kept, st.just("inner"), texts)),
)
connected_apps = st.builds(
    ConnectedAppDefinition,
    contact_email=names,
    label=names,
    oauth_config=st.none()
    | st.builds(
        OauthConfig,
        consumer_secret=st.none(),
        scopes=st.lists(texts, max_size=3).map(tuple),
        kept=st.just(()),
    ),
    oauth_policy=st.none(),
    kept=st.lists(kept, max_size=3).map(
        lambda found: tuple(sorted(found, key=lambda each: each.name))
    ),
)


def read(text, definition=HandlerDefinition):
    data = text if isinstance(text, bytes) else text.encode()
    return xml.read(definition, io.BytesIO(data)).definition


def written(definition):
    return "".join(xml.write(definition))


def problems(text):
    with pytest.raises(MetadataError) as error:
        read(text)
    return [str(problem) for problem in error.value.problems]


def lines_refused(data):
    """The lines with problems; none, where the file can be read."""
    try:
        read(data)
    except MetadataError as error:
        return [problem.line for problem in error.problems]
    return []


# --- There and back ----------------------------------------------------------------------


def test_reads_what_a_file_says():
    handler = read(GOOD)

    assert handler.developer_name == "MyTokenExchangeHandler"
    assert handler.apex_class == "MyOauthTokenExchangeHandler"
    assert (handler.supports_jwt, handler.supports_saml2) == (True, False)
    assert (handler.is_protected, handler.allows_contact_creation) == (False, None)
    apps = [(each.app, each.run_as, each.is_default) for each in handler.enablements]
    user = "integrationuser@mycompany.com"
    assert apps == [
        (("connectedApp", "TokenExchangeApp1"), user, True),
        (("connectedApp", "TokenExchangeApp2"), user, True),
    ]


def test_a_file_in_salesforces_own_form_comes_back_to_the_letter():
    assert written(read(GOOD)) == GOOD


@given(handlers)
def test_every_handler_comes_back(handler):
    assert read(written(handler)) == handler


@given(connected_apps)
def test_every_connected_app_comes_back_with_what_nothing_here_uses(app):
    assert read(written(app), ConnectedAppDefinition) == app


def test_a_consumer_secret_is_read_and_never_written():
    app = ConnectedAppDefinition(
        contact_email="ada@x.example",
        label="Billing",
        oauth_config=OauthConfig(consumer_secret="s3cret"),
    )

    text = written(app).replace(
        "<oauthConfig>\n", "<oauthConfig><consumerSecret>s3cret</consumerSecret>"
    )

    assert "s3cret" not in written(app)
    assert read(text, ConnectedAppDefinition) == app


def test_elements_may_come_in_any_order():
    lines = GOOD.splitlines(keepends=True)
    scalars = [line for line in lines if line.startswith("    <is")][:4]
    for order in permutations(scalars):
        text = GOOD.replace("".join(scalars), "".join(order))
        assert read(text) == read(GOOD)


@pytest.mark.parametrize("bom", [True, False])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_reads_utf_8_and_utf_16(encoding, bom):
    text = GOOD.replace("My token", "Mein Schlüssel 🔑").replace(
        "UTF-8", encoding[:6].upper()
    )

    data = (("\ufeff" if bom else "") + text).encode(encoding)

    assert read(data).description.startswith("Mein Schlüssel 🔑")


def test_letters_that_no_file_can_have_are_replaced():
    handler = replace(read(GOOD), label="a\x01b\ud800c")

    assert read(written(handler)).label == "a\ufffdb\ufffdc"


def test_says_where_an_element_is():
    document = xml.read(HandlerDefinition, io.BytesIO(GOOD.encode()))
    lines = GOOD.splitlines()

    for number, app in enumerate(["TokenExchangeApp1", "TokenExchangeApp2"]):
        line, column = document.place("enablements", number, "connectedApp")
        assert lines[line - 1][column - 1 :].startswith(f"<connectedApp>{app}")
    line, column = document.place("masterLabel")
    assert lines[line - 1][column - 1 :].startswith("<masterLabel>")


# --- Wrong files ----------------------------------------------------------------------


def test_the_sample_of_the_source_document_is_refused_with_its_place():
    end = SEED.index(b"</conectedApp>") + 1

    assert problems(SEED) == [
        'Error parsing file: The element type "connectedApp" must be terminated by the '
        f'matching end-tag "</connectedApp>". (1:{end + 2})'
    ]


HANDLER = "type OauthTokenExchangeHandler"
APP = "        <connectedApp>TokenExchangeApp2</connectedApp>\n"
WRONG = {
    "text before": ("<?xml", "x<?xml", "Content is not allowed in prolog. (1:2)"),
    "no namespace": (' xmlns="http://soap', ' xmlns="http://other', "the root element is"),
    "another type": ("<OauthTokenExchangeHandler ", "<Other ", "the root element is"),
    "a DOCTYPE": ("<Oauth", "<!DOCTYPE a [<!ENTITY b 'c'>]><Oauth", "a DOCTYPE is not"),
    "an entity": ("MyOauth", "&b;", "An entity was referenced, but not declared. (24:"),
    "another encoding": ("UTF-8", "ISO-8859-1", "the encoding ISO-8859-1 is not UTF-8"),
    "a control character": ("MyOauth", "\x01", "well-formed character data"),
    "an unknown element": (
        "    <isEnabled>",
        "    <foo><a>b</a></foo><isEnabled>",
        f"Element {NS}foo invalid at this location in {HANDLER} (16:5)",
    ),
    "an element in a text": (
        "true</isEnabled>",
        "<b/></isEnabled>",
        f"Element {NS}b invalid at this location in type isEnabled",
    ),
    "an element twice": (
        "    <isEnabled>true</isEnabled>\n",
        "    <isEnabled>true</isEnabled>\n" * 2,
        f"Element {NS}isEnabled is duplicated at this location in {HANDLER} (17:5)",
    ),
    "a bad boolean": (
        "<isEnabled>true",
        "<isEnabled>yes",
        "'yes' is not a valid value for the type xsd:boolean (16:5)",
    ),
    "a missing element": (
        "    <isEnabled>true</isEnabled>\n",
        "",
        "Required field is missing: isEnabled (2:1)",
    ),
    "an empty element": (
        "<masterLabel>MyTokenExchangeHandler",
        "<masterLabel> ",
        "Required field is missing: masterLabel",
    ),
    "a long text": (
        "My token",
        "x" * 256,
        "Value too long for field: description maximum length is:255 (3:5)",
    ),
    "no app": (APP, "", "Required field is missing: connectedApp or externalClientApp"),
    "two apps": (
        APP,
        APP + APP.replace("connectedApp", "externalClientApp"),
        "Only one of connectedApp and externalClientApp (13:9)",
    ),
    "an app twice": (
        "App2",
        "app1",
        "Duplicate enablement: connectedApp TokenExchangeapp1 is named before (12:9)",
    ),
    "loose text": (
        "    <enablements>\n",
        "    <enablements>oops\n",
        "text is not allowed at this location in type OauthTokenExchHandlerApp",
    ),
    "an attribute": ("<isEnabled>", "<isEnabled a='b'>", "attribute {}a is not allowed"),
    "deep nesting": (
        "    <isEnabled>",
        "    <enablements>" + "<enablements>" * 40 + "<isEnabled>",
        f"Element {NS}enablements invalid at this location",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_says_what_is_wrong_and_where(what):
    right, wrong, expected = WRONG[what]
    assert right in GOOD

    told = problems(GOOD.replace(right, wrong, 1))

    assert any(expected in problem for problem in told), told


@pytest.mark.parametrize(
    "text,expected",
    [
        ("", "Error parsing file: Premature end of file. (1:1)"),
        (f"{GOOD}x", "Error parsing file: The markup in the document following the root"),
        (GOOD[:-20], "Error parsing file: XML document structures must start and end"),
        (b"\xff\xfe\x00", "Error parsing file: "),
    ],
)
def test_says_what_is_no_xml(text, expected):
    assert problems(text)[0].startswith(expected)


def test_says_all_that_is_wrong_at_once_and_in_the_order_of_the_file():
    text = GOOD.replace("My token", "x" * 256).replace("true</isEn", "yes</isEn")
    text = text.replace(APP, "")

    told = problems(text)

    assert len(told) == 2, told
    assert [part in each for part, each in zip(["too long", "'yes'"], told, strict=True)]


def test_stops_to_count_what_is_wrong():
    text = GOOD.replace("    <isEnabled>", "<a/>" * 5_000 + "    <isEnabled>")

    assert len(problems(text)) == 100


class Endless(io.RawIOBase):
    """A file that goes on for ever; it knows how much of it was read."""

    def __init__(self, begin, more):
        self.begin, self.more, self.size = begin, more, 0

    def read(self, size=-1):
        data = (self.begin or self.more * (size // len(self.more)))[:size]
        self.begin, self.size = self.begin[len(data) :], self.size + len(data)
        return data


@pytest.mark.parametrize(
    "begin,more",
    [
        (GOOD.partition("token exchange handler")[0], "x"),
        (GOOD.partition("<isEnabled>")[0], "<foo/>"),
        (GOOD.partition("<isEnabled>")[0], "<isEnabled>"),
        (f"{GOOD.partition('?>')[0]}?>", "<a>"),
    ],
    ids=["text", "unknown elements", "nesting", "wrong root"],
)
def test_stops_to_read_what_does_not_end(begin, more):
    source = Endless(begin.encode(), more.encode())

    with pytest.raises(MetadataError):
        xml.read(HandlerDefinition, source)

    assert source.size < 5_000_000


@given(st.binary(max_size=300), st.integers(0, len(GOOD)), st.integers(0, 40))
def test_whatever_is_in_a_file_it_is_read_or_refused(noise, place, left_out):
    data = GOOD.encode()
    for text in (noise, data[:place] + noise + data[place + left_out :]):
        lines = text.count(b"\n") + text.count(b"\r") + 1
        assert all(0 < line <= lines for line in lines_refused(text))
