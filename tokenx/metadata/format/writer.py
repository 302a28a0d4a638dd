"""The writer of metadata files, in Salesforce's order and format."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from .definitions import NAMESPACE, EnablementDefinition, UnknownElement
from .elements import Element, elements_of

# Characters that XML can't contain.
UNWRITABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile(f"[&<>\"'\r]|{UNWRITABLE.pattern}")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
_ESCAPES["\r"] = "&#xd;"
# A secret is read, but never written.
UNWRITTEN = {"consumerSecret"}


def write(definition: Any) -> Iterator[str]:
    """Yield the file's text in chunks, in Salesforce's order and format.

    A list can be an iterator, which isn't kept in memory. Characters that XML can't contain
    are written as U+FFFD.
    """
    name = definition.type_name
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{NAMESPACE}">\n'
    yield from _inside(definition, "    ")
    yield f"</{name}>\n"


def write_inside(definition: Any) -> Iterator[str]:
    """Yield the root element's content; a call puts it between other tags."""
    return _inside(definition, "")


def _inside(definition: Any, indent: str) -> Iterator[str]:
    elements = elements_of(definition.__class__)
    unknown: dict[str, list[UnknownElement]] = {}
    for each in getattr(definition, "unknown_elements", ()):
        unknown.setdefault(each.name, []).append(each)
    for name in sorted({*elements, *unknown} - UNWRITTEN):
        for each in unknown.get(name, ()):
            yield from _unknown_element(each, indent)
        if element := elements.get(name):
            value = getattr(definition, element.attribute)
            values: Iterable = value if element.is_list else (value,)
            if element.inner is EnablementDefinition:
                yield from map(_enablement, values)
            else:
                yield from _values(name, element, values, indent)


def _values(name: str, element: Element, values: Iterable, indent: str) -> Iterator[str]:
    for value in values:
        if value is None:
            continue
        if element.inner:
            yield f"{indent}<{name}>\n"
            yield from _inside(value, f"{indent}    ")
            yield f"{indent}</{name}>\n"
        else:
            text = str(value).lower() if element.is_boolean else escape(value)
            yield f"{indent}<{name}>{text}</{name}>\n"


def _enablement(made: EnablementDefinition | str) -> str:
    """Return the content in one string, or the output of write_enablements()."""
    if isinstance(made, str):
        return made
    return write_enablements([(*made.app, made.run_as, made.is_default)])


def write_enablements(rows: Collection[tuple[str, str, str, bool]]) -> str:
    """Write each app's element and name, its user, and the default flag as one string.

    There can be a hundred thousand apps, with few users.
    """
    users = {name: escape(name) for name in {row[2] for row in rows}}
    return "".join(
        [
            f"    <enablements>\n"
            f"        <apexExecutionUser>{users[run_as]}</apexExecutionUser>\n"
            f"        <{element}>{escape(app)}</{element}>\n"
            f"        <isDefault>{'true' if is_default else 'false'}</isDefault>\n"
            f"    </enablements>\n"
            for element, app, run_as, is_default in rows
        ]
    )


def _unknown_element(element: UnknownElement, indent: str) -> Iterator[str]:
    if isinstance(element.content, str):
        yield f"{indent}<{element.name}>{escape(element.content)}</{element.name}>\n"
        return
    yield f"{indent}<{element.name}>\n"
    for each in element.content:
        yield from _unknown_element(each, f"{indent}    ")
    yield f"{indent}</{element.name}>\n"


def escape(text: str) -> str:
    """Escape text as Salesforce does between tags."""
    if not _SPECIAL.search(text):
        return text
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], "\ufffd"), text)
