"""Definitions to files: Salesforce's order and form."""

from dataclasses import replace

from tokenx.metadata.format.definitions import (
    ApexClassDefinition,
    ConnectedAppDefinition,
    EnablementDefinition,
    ExternalAppDefinition,
    ExternalAppGlobalSettings,
    Manifest,
    ManifestTypes,
    OauthConfig,
    UnknownElement,
)
from tokenx.metadata.format.reader import escape, write

from .samples import GOOD, SAMPLES, content, definition_of, written

# Files with the same content in another form or order than Salesforce's.
FORMS = [
    "MyTokenExchangeHandler",
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
]
CANONICAL = [path for path in GOOD if path.stem not in FORMS]


def test_writes_a_salesforce_file_unchanged(subtests):
    for path in CANONICAL:
        with subtests.test(path.name):
            data = path.read_bytes()

            assert written(content(definition_of(path), data)) == data


def test_writes_every_other_form_as_salesforce_does(subtests):
    canonical = SAMPLES / "good" / "canonical.oauthtokenexchangehandler"
    for name in FORMS[1:]:
        with subtests.test(name):
            path = canonical.with_stem(name)

            again = written(content(definition_of(path), path.read_bytes()))

            assert again == canonical.read_bytes()


def test_writes_the_documentations_example_in_alphabetical_order():
    path = SAMPLES / "good" / "MyTokenExchangeHandler.oauthtokenexchangehandler"

    text = written(content(definition_of(path), path.read_bytes())).decode()

    assert text.startswith(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OauthTokenExchangeHandler xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        "    <description>My token exchange handler</description>\n"
        "    <developerName>MyTokenExchangeHandler</developerName>\n"
        "    <enablements>\n"
        "        <apexExecutionUser>integrationuser@mycompany.com</apexExecutionUser>\n"
        "        <connectedApp>TokenExchangeApp1</connectedApp>\n"
        "        <isDefault>true</isDefault>\n"
        "    </enablements>\n"
    )
    assert text.endswith("</tokenHandlerApex>\n</OauthTokenExchangeHandler>\n")


def test_leaves_out_elements_without_a_value():
    app = ExternalAppDefinition(contact_email="a@b.example", label="Portal")

    assert written(app).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ExternalClientApplication xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        "    <contactEmail>a@b.example</contactEmail>\n"
        "    <label>Portal</label>\n"
        "</ExternalClientApplication>\n"
    )


def test_writes_an_empty_manifest():
    assert written(Manifest()).decode().splitlines()[1:] == [
        '<Package xmlns="http://soap.sforce.com/2006/04/metadata">',
        "</Package>",
    ]


def test_never_writes_a_secret():
    settings = ExternalAppGlobalSettings(app="Portal", consumer_secret="hush")
    app = ConnectedAppDefinition(
        contact_email="a@b.example",
        label="Portal",
        oauth_config=OauthConfig(consumer_key="key", consumer_secret="hush"),
    )

    assert b"hush" not in written(settings)
    assert b"hush" not in written(app)
    assert b"<consumerKey>key</consumerKey>" in written(app)


def test_writes_unknown_elements_in_alphabetical_order():
    kept = (
        UnknownElement("certificate", "x"),
        UnknownElement(
            "policies",
            (UnknownElement("b", "1"), UnknownElement("a", (UnknownElement("c", "<&>"),))),
        ),
        UnknownElement("zone", ""),
    )
    definition = ApexClassDefinition(api_version="62.0", unknown_elements=kept)

    assert written(definition).decode().splitlines()[2:-1] == [
        "    <apiVersion>62.0</apiVersion>",
        "    <certificate>x</certificate>",
        "    <policies>",
        "        <b>1</b>",
        "        <a>",
        "            <c>&lt;&amp;&gt;</c>",
        "        </a>",
        "    </policies>",
        "    <status>Active</status>",
        "    <zone></zone>",
    ]


def test_writes_lists_lazily():
    path = SAMPLES / "good" / "without_enablements.oauthtokenexchangehandler"
    handler = content(definition_of(path), path.read_bytes())
    yielded = []

    def enablements():
        for number in range(3):
            yielded.append(number)
            yield EnablementDefinition(
                run_as="inga@mycompany.example",
                external_app=f"App_{number}",
                is_default=False,
            )

    pieces = write(replace(handler, enablements=enablements()))

    until = next(piece for piece in pieces if "App_0" in piece)
    assert until.endswith("    </enablements>\n")
    assert yielded == [0]
    assert "App_2" in "".join(pieces)


def test_writes_members_before_the_name_of_their_type():
    manifest = Manifest(
        types=(ManifestTypes(members=("b", "a"), name="T"),), version="62.0"
    )

    assert written(manifest).decode().splitlines()[2:-1] == [
        "    <types>",
        "        <members>b</members>",
        "        <members>a</members>",
        "        <name>T</name>",
        "    </types>",
        "    <version>62.0</version>",
    ]


def test_escapes_as_salesforce_does(subtests):
    for text, expected in [
        ("plain", "plain"),
        ("&<>\"'", "&amp;&lt;&gt;&quot;&apos;"),
        ("&amp;", "&amp;amp;"),
        ("]]>", "]]&gt;"),
        ("a\r\nb\tc", "a&#xd;\nb\tc"),
        ("€𝓐漢\u0085\u2028", "€𝓐漢\u0085\u2028"),
        ("\0\x0b\x1f\ud800\ufffe\uffff", "\ufffd" * 6),
    ]:
        with subtests.test(text=text):
            assert escape(text) == expected
