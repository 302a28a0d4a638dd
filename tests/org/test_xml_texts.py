"""Replace texts in an XML file without changing anything else."""

import pytest

from tokenx.org.xml_texts import elements_named, with_texts, without_elements

FILE = """<?xml version="1.0" encoding="UTF-8"?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <!-- é -->
    <classAccesses><apexClass>A</apexClass><label>x</label><e/></classAccesses>
    <hasActivationRequired>false</hasActivationRequired>
    <label>Old</label>
</PermissionSet>
"""


def test_replaces_only_the_roots_own_elements():
    changed = with_texts(FILE, {"label": 'Né & <w> "q"'})

    expected = "<label>Né &amp; &lt;w&gt; &quot;q&quot;</label>\n</PermissionSet>"
    assert changed == FILE.replace("<label>Old</label>\n</PermissionSet>", expected)


def test_adds_an_element_in_order_and_removes_it_again():
    added = with_texts(FILE, {"description": "New"})

    line = "    <description>New</description>\n    <hasActivationRequired>"
    assert added == FILE.replace("    <hasActivationRequired>", line)
    assert with_texts(added, {"description": ""}) == FILE


@pytest.mark.parametrize(
    ("xml", "changed"),
    [
        ("<a><label/></a>", "<a><label>New</label></a>"),
        ("<a><c><b/></c><label></label></a>", "<a><c><b/></c><label>New</label></a>"),
        (
            '<m:a xmlns:m="u"><m:label>Old</m:label></m:a>',
            '<m:a xmlns:m="u"><m:label>New</m:label></m:a>',
        ),
        ("<a><label>New</label></a>", "<a><label>New</label></a>"),
        ("<a><label><![CDATA[New]]></label></a>", "<a><label><![CDATA[New]]></label></a>"),
        ("<a>\n</a>", "<a>\n    <label>New</label>\n</a>"),
    ],
)
def test_changes_nothing_else(xml, changed):
    assert with_texts(xml, {"label": "New"}) == changed


def test_removes_elements_and_their_lines():
    text = FILE.replace("<e/>", '<e a=">"/><x:e xmlns:x="u"><label/></x:e>')
    without = text.replace('<e a=">"/><x:e xmlns:x="u"><label/></x:e>', "")
    assert without_elements(text, {"e"}) == without
    assert without_elements(FILE, {"nothing"}) == FILE
    lines = FILE.splitlines(keepends=True)
    shorter = without_elements(FILE, {"classAccesses", "label"})
    assert shorter == "".join([*lines[:3], lines[4], lines[6]])
    found = elements_named(FILE, {"label", "e"})
    assert [each.name for each in found] == ["label", "e", "label"]
