"""Reading files into definitions: accepted files, and problems with their positions."""

import io
import itertools
import tracemalloc
from itertools import product

import pytest

from tokenx.metadata.format.definitions import (
    ConnectedAppDefinition,
    EnablementDefinition,
    HandlerDefinition,
    Manifest,
    UnknownElement,
)
from tokenx.metadata.format.reader import read
from tokenx.metadata.limits import MAX_PROBLEMS, MAX_TAG, MAX_TEXT, MAX_UNPACKED_SIZE
from tokenx.web.limits import CHUNK

from .samples import BAD, GOOD, SAMPLES, content, definition_of, problems

CANONICAL = SAMPLES / "good" / "canonical.oauthtokenexchangehandler"
CONNECTED_APP = SAMPLES / "good" / "Billing.connectedApp"
SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'


def handler(inside):
    return f"<OauthTokenExchangeHandler {NAMESPACE}>{inside}".encode()


class Endless(io.RawIOBase):
    """An endless file: a beginning and a repeated piece. It counts its reads."""

    def __init__(self, beginning, piece):
        self.pieces = itertools.chain([beginning], itertools.repeat(piece))
        self.rest = b""
        self.given = 0

    def read(self, size=-1):
        while len(self.rest) < size:
            self.rest += next(self.pieces)
        data, self.rest = self.rest[:size], self.rest[size:]
        self.given += len(data)
        return data


# --- Samples ---------------------------------------------------------------------------


def test_accepts_a_valid_file(subtests):
    for path in GOOD:
        with subtests.test(path.name):
            assert problems(definition_of(path), path.read_bytes()) == []


def test_reports_all_problems_of_an_invalid_file(subtests):
    for path in BAD:
        with subtests.test(path.name):
            expected = path.with_name(f"{path.name}.expected").read_text().splitlines()

            assert expected
            assert problems(definition_of(path), path.read_bytes()) == expected


def test_reads_other_forms_of_a_file_as_the_same_definition(subtests):
    same = read(HandlerDefinition, CANONICAL.open("rb")).definition

    for name in [
        "backwards",
        "comments_and_references",
        "crlf",
        "no_declaration",
        "one_line",
        "prefixed",
        "utf8_bom",
        "utf16be",
        "utf16be_bom",
        "utf16le",
        "utf16le_bom",
    ]:
        with subtests.test(name=name):
            other = content(HandlerDefinition, CANONICAL.with_stem(name).read_bytes())

            if name == "backwards":
                # Move the list as a whole, and keep its own order.
                assert other.enablements == same.enablements
            assert other == same


def test_reads_all_elements_of_a_handler():
    handler = content(HandlerDefinition, CANONICAL.read_bytes())

    assert handler.developer_name == "Shop_Tokens"
    assert handler.description == (
        'Takes tokens of the shop & the "wiki", <b>both</b>. It\'s €5, 𝓐 and 漢字.'
    )
    assert (handler.is_enabled, handler.supports_saml2, handler.is_protected) == (
        True,
        False,
        False,
    )
    assert handler.enablements == (
        EnablementDefinition(
            run_as="inga@mycompany.example", connected_app="Billing", is_default=True
        ),
        EnablementDefinition(
            run_as="otto@mycompany.example", external_app="Billing", is_default=False
        ),
    )


def test_keeps_elements_that_it_does_not_use():
    app = content(ConnectedAppDefinition, CONNECTED_APP.read_bytes())

    assert [each.name for each in app.unknown_elements] == [
        "attributes",
        "attributes",
        "canvasConfig",
    ]
    assert (app.profiles, app.permission_sets) == (("Admin",), ())
    assert app.unknown_elements[1].content == (
        UnknownElement("formula", "$User.Id"),
        UnknownElement("key", "user"),
    )
    assert app.oauth_config.unknown_elements[0] == UnknownElement("certificate", "")
    assert app.oauth_policy.policy_allows_token_exchange


def test_reads_an_apps_secret():
    data = CONNECTED_APP.read_text().replace("consumerKey>", "consumerSecret>")

    app = content(ConnectedAppDefinition, data.encode())

    assert app.oauth_config.consumer_secret == "3MVG9Billing"
    assert app.oauth_config.consumer_key is None


def test_reads_a_file_that_arrives_in_small_pieces(subtests):
    class Slow(io.BytesIO):
        def read(self, _=-1):
            return super().read(size)

    for name in ["canonical", "utf16le_bom", "utf16be"]:
        data = CANONICAL.with_stem(name).read_bytes()
        whole = content(HandlerDefinition, data)
        for size in [1, 2, 3, 7]:
            with subtests.test(name=name, size=size):
                assert read(HandlerDefinition, Slow(data)).definition == whole


def test_an_error_shows_its_line_and_column():
    data = CANONICAL.read_bytes().replace(b"<isEnabled>true", b"<isEnabled>perhaps")

    with pytest.raises(Exception, match="perhaps") as caught:
        content(HandlerDefinition, data)

    assert str(caught.value) == (
        "'perhaps' is not a valid value for the type xsd:boolean (17:5)"
    )


def test_shows_only_the_start_of_a_long_value():
    data = CANONICAL.read_bytes().replace(b"<isEnabled>true", b"<isEnabled>" + b"x" * 9999)

    [problem] = problems(HandlerDefinition, data)

    assert problem == f"17:5 '{'x' * 100}…' is not a valid value for the type xsd:boolean"


def test_stops_after_a_hundred_problems():
    data = handler("<a/>" * 500)

    *others, last = problems(HandlerDefinition, data)

    assert len(others) == MAX_PROBLEMS
    assert last.endswith("Stopped reading after 100 problems")


def test_counts_a_syntax_error_as_the_hundredth_problem():
    data = handler("<a/>" * (MAX_PROBLEMS - 1) + "</b>")

    assert len(problems(HandlerDefinition, data)) == MAX_PROBLEMS


def test_stops_after_a_hundred_duplicate_apps():
    text = CANONICAL.read_text()
    begin, end = text.index("    <enablements>"), text.index("    <isAccess")
    data = text.replace(text[begin:end], text[begin:end] * 500)

    *others, _ = problems(HandlerDefinition, data.encode())

    assert len(others) == MAX_PROBLEMS
    assert others[0].endswith(
        "Duplicate enablement: connectedApp Billing is already listed"
    )


def test_finds_one_duplicate_among_many_apps():
    block = (
        "<enablements><apexExecutionUser>u</apexExecutionUser>"
        "<connectedApp>{}</connectedApp><isDefault>true</isDefault></enablements>\n"
    )
    names = [*(f"App_{number}" for number in range(20_000)), "APP_7"]
    data = CANONICAL.read_text().replace(
        "    <isAccess", "".join(map(block.format, names)) + "<isAccess"
    )

    [problem] = problems(HandlerDefinition, data.encode())

    assert problem == "20015:54 Duplicate enablement: connectedApp APP_7 is already listed"


# --- Enablements -----------------------------------------------------------------------

# The reader has a fast path for typical enablements, which these bypass. The next
# enablement shows that the positions after them are correct.
ROW = """<enablements>
<apexExecutionUser>u</apexExecutionUser>
<connectedApp>{}</connectedApp>
<isDefault>{}</isDefault>
</enablements>"""
UNUSUAL = {
    "usual": ROW.format("Odd", "true"),
    "other order": """<enablements>
<isDefault>true</isDefault>

<connectedApp>Odd</connectedApp><apexExecutionUser>u</apexExecutionUser>
</enablements>""",
    "no space": ROW.format("Odd", "true").replace("\n", "") + "\n" * 4,
    "comments": ROW.format("O<!-- -->dd", "true").replace("</con", "<!-- --></con"),
    "references": ROW.format("&#79;d<![CDATA[d]]>", "&#32;tru&#101;"),
    "attribute": ROW.format("Odd", "true")
    .replace("<connectedApp", "<connectedApp xsi:type='x'")
    .replace("<enablements", f"<enablements xmlns:xsi='{SCHEMA_INSTANCE}'"),
    "instruction": ROW.format("Odd", "true").replace("<isD", "<?x?><isD"),
}


def test_reads_an_unusual_enablement_among_typical_ones(monkeypatch, subtests):
    text = CANONICAL.read_text()
    begin, end = text.index("    <enablements>"), text.index("    <isAccess")
    first, last = ROW.format("A", "true"), ROW.format("B", "false")

    for name, size in product(UNUSUAL, [CHUNK, 11]):
        with subtests.test(name, chunk=size):
            monkeypatch.setattr("tokenx.metadata.format.reader.CHUNK", size)
            rows = f"{first}\n{UNUSUAL[name]}\n{last}\n"
            data = (text[:begin] + rows + text[end:]).encode()

            document = read(HandlerDefinition, io.BytesIO(data))

            enablements = document.definition.enablements
            assert [each.connected_app for each in enablements] == ["A", "Odd", "B"]
            assert [each.is_default for each in enablements] == [True, True, False]
            assert document.place("enablements", 1) == (10, 1)
            assert document.place("enablements", 2, "isDefault") == (18, 1)


def test_reports_problems_of_an_enablement_among_typical_ones(monkeypatch, subtests):
    invalid = ROW.format("Odd<x/>", "perhaps").replace("\n<isD", "\nor<isD") + "and"
    rows = [ROW.format("A", "true"), invalid, ROW.format("B", "possibly"), "<x/>"]
    data = handler("\n" + "\n".join(rows)) + b"\n</nothing>"
    message = "Error parsing file: text is not allowed at this location in type"

    for size in [CHUNK, 11]:
        with subtests.test(chunk=size):
            monkeypatch.setattr("tokenx.metadata.format.reader.CHUNK", size)

            lines = problems(HandlerDefinition, data)

            messages = [each.partition("metadata}")[2] or each for each in lines]
            for expected in [
                "x invalid at this location in type connectedApp",
                f"10:3 {message} OauthTokenExchHandlerApp",
                "10:3 'perhaps' is not a valid value for the type xsd:boolean",
                f"12:1 {message} OauthTokenExchangeHandler",
                "15:1 'possibly' is not a valid value for the type xsd:boolean",
            ]:
                assert expected in messages
            assert lines[-1].startswith("18:")


# --- Positions -------------------------------------------------------------------------


def positions_in(definition, data):
    return read(definition, io.BytesIO(data)).place


def test_an_elements_position_is_its_start():
    position = positions_in(HandlerDefinition, CANONICAL.read_bytes())

    assert position() == (2, 1)
    assert position("description") == (3, 5)
    assert position("tokenHandlerApex") == (25, 5)
    assert position("enablements", 0) == (5, 5)
    assert position("enablements", 0, "connectedApp") == (7, 9)
    assert position("enablements", 1) == (10, 5)
    assert position("enablements", 1, "externalClientApp") == (12, 9)
    assert position("enablements", 1, "isDefault") == (13, 9)


def test_a_missing_element_has_the_position_of_its_parent():
    position = positions_in(HandlerDefinition, CANONICAL.read_bytes())

    assert position("enablements", 0, "externalClientApp") == (5, 5)
    assert position("enablements", 1, "connectedApp") == (10, 5)
    assert position("enablements", 2, "isDefault") == (2, 1)


def test_the_members_of_a_manifest_have_positions():
    data = (
        f"<Package {NAMESPACE}>\n<types>\n<name>A</name></types>\n"
        "<types><members>a</members>\n <members>b</members><name>B</name></types>\n"
        "<types>\n<members>c</members><name>C</name><members>d</members></types></Package>"
    )
    position = positions_in(Manifest, data.encode())

    assert position("types", 0, "members", 0) == (2, 1)
    assert position("types", 1, "members", 0) == position("types", 1, "members") == (4, 8)
    assert position("types", 1, "members", 1) == (5, 2)
    assert position("types", 1, "members", 2) == (4, 1)
    assert position("types", 2, "members", 0) == (7, 1)
    assert position("types", 2, "members", 1) == (7, 35)
    assert position("types", 2, "name") == (7, 21)
    assert position("version") == (1, 1)


def test_nested_elements_have_positions():
    position = positions_in(ConnectedAppDefinition, CONNECTED_APP.read_bytes())

    assert position("oauthConfig") == (20, 5)
    assert position("oauthConfig", "scopes", 1) == (28, 9)
    assert position("oauthPolicy", "isTokenExchangeFlowEnabled") == (33, 9)


# Text between the root element and another one, and where it puts that one.
LINES = [
    ("<!-- €𝓐漢字 -->", 1, 14),
    ("\t\t", 1, 3),
    ("<!--\n-->\t", 2, 5),
    ("<!--\r\n-->", 2, 4),
    ("\r\n\r\n  ", 3, 3),
    ("\r ", 2, 2),
]


def test_counts_characters_and_lines_as_people_do(subtests):
    for before, line, column in LINES:
        if line == 1:
            column += len(handler(""))
        text = handler(f"{before}<isEnabled>x</isEnabled></OauthTokenExchangeHandler>")
        for encoding in ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]:
            with subtests.test(before=before, encoding=encoding):
                lines = problems(HandlerDefinition, text.decode().encode(encoding))
                message = "'x' is not a valid value for the type xsd:boolean"
                assert f"{line}:{column} {message}" in lines


# --- Bounds ----------------------------------------------------------------------------

ROOT = handler("")
APP = f"<ConnectedApp {NAMESPACE}>".encode()
TEXT = f"Error parsing file: a text has more than {MAX_TEXT:,} characters"
DEPTH = "Error parsing file: elements are nested more than 30 deep"
TAG = f"Error parsing file: a tag has more than {MAX_TAG:,} bytes"
ENDLESS = {
    "text": (HandlerDefinition, ROOT + b"<masterLabel>", b"x" * 999, TEXT),
    "text of an unknown element": (HandlerDefinition, ROOT + b"<foo>", b"x\n" * 999, TEXT),
    "text that is kept": (ConnectedAppDefinition, APP + b"<foo>", b"&lt; " * 999, TEXT),
    "cdata": (HandlerDefinition, ROOT + b"<masterLabel><![CDATA[", b"]] >" * 99, TEXT),
    "space": (HandlerDefinition, ROOT, b" \n" * 999, TEXT),
    "nesting of unknown elements": (HandlerDefinition, ROOT, b"<a>" * 999, DEPTH),
    "nesting in a text": (HandlerDefinition, ROOT + b"<masterLabel>", b"<a>" * 99, DEPTH),
    "nesting of what is kept": (ConnectedAppDefinition, APP, b"<a>" * 999, DEPTH),
    "attributes": (HandlerDefinition, ROOT + b"<isEnabled", b" a='b'" * 999, TAG),
    "attribute": (HandlerDefinition, b"<a b='", b"x" * 999, TAG),
    "namespace": (HandlerDefinition, b"<a xmlns='", b"x" * 999, TAG),
    "name": (HandlerDefinition, b"<", b"x" * 999, TAG),
    "end tag": (HandlerDefinition, ROOT + b"</", b"x" * 999, TAG),
    "comment": (HandlerDefinition, ROOT + b"<!--", b"x" * 999, TAG),
    "instruction": (HandlerDefinition, b"<?x ", b"x" * 999, TAG),
    "doctype": (HandlerDefinition, b"<!DOCTYPE ", b"x" * 999, TAG),
    "entity": (HandlerDefinition, ROOT + b"<masterLabel>&", b"x" * 999, TAG),
}


def test_stops_early_if_input_never_ends(subtests):
    for name, (definition, beginning, piece, expected) in ENDLESS.items():
        with subtests.test(name):
            source = Endless(beginning, piece)

            tracemalloc.start()
            lines = problems(definition, source)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()

            assert lines[-1].partition(" ")[2] == expected
            assert source.given <= 6 * MAX_TEXT + 2 * CHUNK
            assert peak < 25_000_000


def test_stops_at_a_packages_maximum_size(monkeypatch):
    monkeypatch.setattr("tokenx.metadata.format.reader.MAX_UNPACKED_SIZE", 500_000)
    source = Endless(ROOT, b"<!-- -->\n" * 100)

    [problem] = problems(HandlerDefinition, source)

    assert problem.endswith("The file has more than 500,000 bytes")
    assert source.given <= 500_000 + CHUNK
    assert MAX_UNPACKED_SIZE == 629_145_600


def test_an_endless_list_of_invalid_elements_ends_with_the_hundredth():
    source = Endless(ROOT, b"<a/>" * 10)

    assert len(problems(HandlerDefinition, source)) == MAX_PROBLEMS + 1
    assert source.given <= CHUNK


def test_reads_a_large_tag_that_has_an_end():
    data = handler("<!--" + "x" * (MAX_TAG - CHUNK) + "-->") + CANONICAL.read_bytes()[110:]

    assert "a tag has more" not in "".join(problems(HandlerDefinition, data))


def test_memory_does_not_grow_with_comments():
    data = handler("<!-- comment -->\n" * 200_000) + b"</OauthTokenExchangeHandler>"
    source = io.BytesIO(data)

    tracemalloc.start()
    problems(HandlerDefinition, source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 500_000
